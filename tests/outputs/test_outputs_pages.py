"""The index page: every feed in every format, addresses to copy, and nothing of strangers unescaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from lxml import html as lxml_html
from outputs_samples import ALL, NOW, STORIES, config

from aggregator.config.model import Config, Topic
from aggregator.model.story import PrintStory
from aggregator.outputs.gate import document_problems
from aggregator.outputs.render import paths_of, render, render_directory
from aggregator.outputs.select import outputs_of

HOSTILE = "<script>alert(1)</script>\"'&amp; {{ 7 * 7 }} \x1b \u202e"


class Page(HTMLParser):
    """Addresses by element, the text to copy, and the headings."""

    def __init__(self, config: Config) -> None:
        super().__init__(convert_charrefs=True)
        opml, self.document = render_directory(outputs_of(config), config)
        self.opml = opml.body.decode()
        self.html = self.document.body.decode()
        self.links: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"address": [], "h1": [], "h2": [], "h3": []}
        self._kind = ""
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if "href" in attributes:
            self.links.append((tag, attributes))
        kind = attributes.get("class") if tag == "code" else tag
        if kind in self.texts:
            self._kind = kind or ""
            self.texts[self._kind].append("")

    def handle_endtag(self, tag: str) -> None:
        self._kind = ""

    def handle_data(self, data: str) -> None:
        if self._kind:
            self.texts[self._kind][-1] += data


def test_every_feed_stands_there_in_every_format() -> None:
    page = Page(config())
    paths = [f"feeds/{name}" for name in ("all", "topics/politik", "topics/internasional")]
    documents = [f"{path}.{suffix}" for path in paths for suffix in ("rss", "atom", "json")]
    for wanted in ("link", "a"):
        found = [attributes["href"] for tag, attributes in page.links if tag == wanted]
        assert [address for address in found if address in documents] == documents
        assert "feeds.opml" in found
    assert page.texts["address"] == [
        *(f"https://feeds.jambiseru.com/{path}.rss" for path in paths),
        "https://feeds.jambiseru.com/feeds.opml",
    ]
    assert page.texts["h2"][:2] == ["Jambi Seru: semua berita mitra", "Menurut topik"]
    assert page.texts["h3"][:2] == ["Politik", "Internasional"]


def test_alternates_have_their_media_type_and_title() -> None:
    alternates = [attributes for tag, attributes in Page(config()).links if tag == "link"]
    assert alternates[1] == {
        "rel": "alternate",
        "type": "application/atom+xml",
        "title": "Jambi Seru: semua berita mitra (Atom)",
        "href": "feeds/all.atom",
    }


def test_the_page_holds_no_date_and_changes_with_the_configuration_only() -> None:
    assert Page(config()).html == Page(config()).html
    assert not re.search(r"\b(19|20)\d\d\b", Page(config()).html)
    assert Page(config(name="Kabar Jambi")).html != Page(config()).html


def test_two_topics_of_one_title_both_stand_there() -> None:
    twins = (Topic(id="a", title="Daerah"), Topic(id="b", title="Daerah"))
    page = Page(config().model_copy(update={"topics": twins}))
    assert page.texts["h3"][:2] == ["Daerah", "Daerah"]
    assert page.texts["address"][1:3] == [
        "https://feeds.jambiseru.com/feeds/topics/a.rss",
        "https://feeds.jambiseru.com/feeds/topics/b.rss",
    ]


def test_a_desk_without_topics_has_no_list_of_them() -> None:
    page = Page(config().model_copy(update={"topics": ()}))
    assert "Menurut topik" not in page.texts["h2"]
    assert len(page.texts["address"]) == 2


@pytest.mark.parametrize("place", ["site", "topic", "output"])
def test_strings_of_the_configuration_are_escaped(place: str) -> None:
    base = config(name=HOSTILE if place == "site" else "Jambi Seru")
    topics = (Topic(id="a", title=HOSTILE if place == "topic" else "Daerah"),)
    combined = base.outputs.combined.model_copy(update={"title": HOSTILE if place == "output" else "Semua"})
    page = Page(
        base.model_copy(
            update={"topics": topics, "outputs": base.outputs.model_copy(update={"combined": combined})}
        )
    )
    assert document_problems(page.document) == ()
    shown = "\n".join(page.texts["h1"] + page.texts["h2"] + page.texts["h3"])
    assert "<script>alert(1)</script>\"'&amp; {{ 7 * 7 }}" in shown
    assert "<script" not in page.html
    assert "\x1b" not in page.html


def page_of(*stories: PrintStory) -> str:
    (page,) = (one for one in render(ALL, stories, config().site, NOW) if one.path == "feeds/all.html")
    assert document_problems(page) == ()
    return page.body.decode()


def test_a_feeds_page_says_how_to_subscribe_and_what_stands_in_it() -> None:
    page = page_of(*STORIES)
    tree = lxml_html.document_fromstring(page)
    assert tree.xpath("//h1/text()") == [ALL.title]
    assert tree.xpath("//a[@href='https://feeds.jambiseru.com/#cara']")
    assert tree.xpath("//article/h2/a/@href") == [story.url for story in STORIES]
    assert tree.xpath("//link[@rel='alternate']/@href") == [
        f"https://feeds.jambiseru.com/feeds/all.{suffix}" for suffix in ("rss", "atom", "json")
    ]
    assert ["".join(map(str, code.itertext())) for code in tree.iter("code")] == [
        "https://feeds.jambiseru.com/feeds/all.rss"
    ]
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert [tree.xpath(f"count(//{tag})") for tag in ("main", "header", "h1")] == [1, 1, 1]
    assert "WIB" in page
    assert "Belum ada berita" in page_of()


def test_nothing_of_a_story_becomes_markup_on_its_page() -> None:
    hostile = replace(
        STORIES[0],
        title=HOSTILE,
        summary=HOSTILE,
        authors=(HOSTILE,),
        origin=replace(STORIES[0].origin, title=HOSTILE),
    )
    tree = lxml_html.document_fromstring(page_of(hostile))
    assert tree.xpath("//script | //img | //form | //iframe | //@*[starts-with(name(), 'on')]") == []
    assert tree.xpath("//@src | //@srcset") == []


def test_private_outputs_have_no_page() -> None:
    private = replace(ALL, id="s/abc")
    assert not [path for path in paths_of(private) if path.endswith(".html")]
