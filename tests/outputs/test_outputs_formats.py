"""What the golden documents cannot say: the same facts in every format, and the cases they do not hold."""

from __future__ import annotations

import json
import locale
from copy import deepcopy
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from lxml import etree
from outputs_samples import ALL, FULL, HEADLINE_ONLY, NOW, POLITIK, STORIES, VALIDATOR, config, rendered

from aggregator.model.document import Document
from aggregator.model.entry import Image
from aggregator.model.html import SafeHtml
from aggregator.model.story import Category, Origin, PrintStory
from aggregator.outputs import atom, item, jsonfeed, rss
from aggregator.outputs.gate import document_problems
from aggregator.outputs.render import render
from aggregator.outputs.text import xml_text

NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}


def found(document: Document, path: str) -> Any:
    return etree.fromstring(document.body).xpath(path, namespaces=NAMESPACES)


def loaded(document: Document) -> dict[str, Any]:
    feed: dict[str, Any] = json.loads(document.body)
    return feed


@pytest.mark.parametrize("stories", [STORIES, ()], ids=["stories", "empty"])
def test_valid_with_and_without_stories(stories: tuple[PrintStory, ...]) -> None:
    documents = rendered(*stories)
    assert [document_problems(document) for document in documents.values()] == [(), (), ()]
    assert list(VALIDATOR.iter_errors(loaded(documents["json"]))) == []
    assert [len(feedparser.parse(documents[suffix].body).entries) for suffix in ("rss", "atom")] == [
        len(stories)
    ] * 2


def test_same_stories_same_bytes_and_no_locale_is_switched(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rendered(*STORIES)
    monkeypatch.setattr(locale, "setlocale", None)
    assert rendered(*STORIES) == before


def test_a_story_is_written_the_same_beside_others_and_anew() -> None:
    """What is made of a story is kept, and copied into every document that it stands in."""
    together = rendered(*STORIES)
    alone = [rendered(story) for story in STORIES]
    others_first = rendered(*reversed(STORIES))
    for kept in (item._item_of, rss._element, atom._element, jsonfeed._written):
        kept.cache_clear()
    assert [rendered(story) for story in reversed(STORIES)] == alone[::-1]
    assert rendered(*reversed(STORIES)) == others_first
    assert rendered(*STORIES) == together


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x1c", "\x0b", "\x85"], ids=ascii)
def test_json_keeps_what_other_standards_take_for_line_ends(end: str) -> None:
    markup = f"<p>satu{end}dua</p>"
    (written,) = loaded(rendered(replace(FULL, content=SafeHtml(markup)))["json"])["items"]
    assert written["content_html"] == xml_text(markup)


def test_items_stand_in_the_order_given() -> None:
    titles = [FULL.title, HEADLINE_ONLY.title]
    documents = rendered(*STORIES)
    assert found(documents["rss"], "channel/item/title/text()") == titles
    assert found(documents["atom"], "a:entry/a:title/text()") == titles
    assert [item["title"] for item in loaded(documents["json"])["items"]] == titles


def test_self_links_start_with_feeds_url() -> None:
    documents = rendered(output=POLITIK, feeds_url="https://feeds.jambiseru.com/desk/")
    expected = "https://feeds.jambiseru.com/desk/feeds/topics/politik"
    assert found(documents["rss"], "channel/a:link[@rel='self']/@href") == [f"{expected}.rss"]
    assert found(documents["atom"], "a:link[@rel='self']/@href") == [f"{expected}.atom"]
    assert loaded(documents["json"])["feed_url"] == f"{expected}.json"


def test_every_output_has_its_own_lasting_id() -> None:
    ids = [found(rendered(output=output)["atom"], "a:id/text()") for output in (ALL, POLITIK, ALL)]
    assert ids[0] == ids[2] != ids[1]
    assert ids[0][0].startswith("urn:uuid:")


def test_authors_stand_once_in_rss() -> None:
    item = "channel/item[1]"
    rss = rendered(FULL)["rss"]
    assert found(rss, f"{item}/dc:creator/text()") == list(FULL.authors)
    assert found(rss, f"{item}/author") == []


def test_without_press_code_nothing_is_said_of_it() -> None:
    documents = rendered(FULL, press_code_url=None)
    assert all("pedoman" not in document.body.decode().lower() for document in documents.values())
    assert all("pedoman-media-siber" in document.body.decode() for document in rendered(FULL).values())


def test_unknown_sizes() -> None:
    documents = rendered(replace(FULL, image=Image("https://a.id/foto", media_type="oops", length_bytes=-1)))
    assert found(documents["rss"], "channel/item/enclosure/@*") == ["https://a.id/foto", "0", "image/jpeg"]
    assert found(documents["rss"], "channel/item/media:content/@*") == [
        "https://a.id/foto",
        "image",
        "image/jpeg",
    ]
    assert found(documents["atom"], "a:entry/a:link[@rel='enclosure']/@*") == [
        "https://a.id/foto",
        "enclosure",
        "image/jpeg",
    ]
    assert loaded(documents["json"])["items"][0]["attachments"] == [
        {"url": "https://a.id/foto", "mime_type": "image/jpeg"}
    ]


@pytest.mark.parametrize(
    "ornaments",
    [
        {"image": Image("javascript:alert(1)")},
        {"image": Image("https://user:geheim@a.id/x.jpg")},
        {"origin": Origin("", "ftp://a.id/", "", "geheim")},
        {"via_url": "//a.id/geheim"},
        {"language": "geheim!"},
        {"authors": ("\x00", " \n")},
        {"categories": (Category("", "\u202e", "geheim"),)},
    ],
    ids=lambda ornaments: next(iter(ornaments)),
)
def test_a_bad_ornament_costs_itself_and_not_the_story(ornaments: dict[str, Any]) -> None:
    for document in rendered(
        replace(FULL, image=None, **ornaments) if "image" not in ornaments else replace(FULL, **ornaments)
    ).values():
        assert document_problems(document) == ()
        assert "geheim" not in document.body.decode()
        assert "javascript" not in document.body.decode()


def test_a_source_known_by_its_site_only() -> None:
    documents = rendered(replace(FULL, origin=Origin("", "https://a.id/", "", "not a uri")))
    assert found(documents["rss"], "channel/item/source") == []
    assert found(documents["atom"], "a:entry/a:source/a:id/text()") == ["https://a.id/"]
    assert found(documents["atom"], "a:entry/a:source/a:title/text()") == ["a.id"]


@pytest.mark.parametrize("words", ["a ]]> b", 'alt="<?php ]]>"', "x ]] > y"])
def test_content_survives_what_would_end_cdata(words: str) -> None:
    markup = f'<p title="{words.replace(chr(34), "&quot;")}">{words.replace("<", "&lt;")}</p>'
    documents = rendered(replace(FULL, content=SafeHtml(markup)))
    assert found(documents["rss"], "channel/item/content:encoded/text()") == [markup]
    assert found(documents["atom"], "a:entry/a:content/text()") == [markup]
    assert b"<?p" not in documents["rss"].body


def test_story_without_any_text() -> None:
    documents = rendered(replace(FULL, summary="", content=SafeHtml("")))
    assert [document_problems(document) for document in documents.values()] == [(), (), ()]
    assert found(documents["rss"], "channel/item/description/text()")[0].startswith("Rusia-Belarusia")
    assert list(VALIDATOR.iter_errors(loaded(documents["json"]))) == []


def test_dates_are_utc_and_updated_is_never_before_published() -> None:
    documents = rendered(replace(FULL, updated_at=FULL.published_at.replace(year=2020)))
    assert found(documents["atom"], "a:entry/*[self::a:published or self::a:updated]/text()") == [
        "2026-11-23T03:59:59Z",
        "2026-11-23T03:59:59Z",
    ]
    jakarta = NOW.astimezone(ZoneInfo("Asia/Jakarta"))
    assert render(ALL, STORIES, config().site, jakarta) == render(ALL, STORIES, config().site, NOW)


def mutants() -> dict[str, Any]:
    def without(name: str) -> Any:
        return lambda feed: feed["items"][0].pop(name)

    def put(**members: Any) -> Any:
        return lambda feed: feed["items"][0].update(members)

    return {
        "no id": without("id"),
        "no content": without("content_html"),
        "no version": lambda feed: feed.pop("version"),
        "old version": lambda feed: feed.update(version="https://jsonfeed.org/version/1"),
        "old author": put(author={"name": "x"}),
        "number as id": put(id=7),
        "relative url": put(url="/berita"),
        "credentials in url": put(url="https://a:b@c.id/"),
        "naive date": put(date_published="2026-11-23T06:00:00"),
        "rfc 822 date": put(date_modified="Mon, 23 Nov 2026 06:00:00 GMT"),
        "empty title": put(title=""),
        "tags as text": put(tags="Politik"),
        "author without members": put(authors=[{}]),
        "attachment without type": put(attachments=[{"url": "https://a.id/x"}]),
        "size as text": put(
            attachments=[{"url": "https://a.id/x", "mime_type": "image/png", "size_in_bytes": "1"}]
        ),
        "unknown member": put(published="x"),
        "extension that is no object": put(_aggregator="x"),
        "items as object": lambda feed: feed.update(items={}),
    }


@pytest.mark.parametrize("name", mutants())
def test_the_schema_refuses_mutants(name: str) -> None:
    feed = loaded(rendered(FULL)["json"])
    assert list(VALIDATOR.iter_errors(feed)) == []
    mutant = deepcopy(feed)
    mutants()[name](mutant)
    assert list(VALIDATOR.iter_errors(mutant)) != []
