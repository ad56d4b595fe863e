"""For whom an output is written: what WordPress and Google News get, excerpts, and links to our own site."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from lxml import etree
from outputs_samples import ALL, FULL, NOW, config

from aggregator.config.model import Config
from aggregator.model.document import Document, Output
from aggregator.model.html import SafeHtml
from aggregator.model.story import Category, PrintStory
from aggregator.outputs.gate import document_problems, story_problem
from aggregator.outputs.render import document_paths, paths_of, render
from aggregator.outputs.select import outputs_of
from aggregator.outputs.sitemap import NEWS, SITEMAP

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
STORY = replace(
    FULL,
    excerpt=SafeHtml("<p>Ringkasan…</p><p>dikutip dari a.example</p>"),
    picture=SafeHtml('<figure><img src="https://a.example/foto.jpg" alt="Foto"></figure>'),
    site_url="https://jambiseru.com/baca/8d6f8e3c",
    content=SafeHtml("<p>Isi lengkap.</p><p>dikutip dari a.example</p>"),
    categories=(
        Category("politik", "Politik", "medtop:11000000"),
        Category("ID-JA", "Jambi", kind="place"),
        Category("opini", "Opini", kind="genre"),
    ),
)


def documents(output: Output, *stories: PrintStory) -> dict[str, Document]:
    found = render(output, stories or (STORY,), config().site, NOW)
    for document in found:
        assert document_problems(document) == ()
    return {document.path: document for document in found}


def rss_item(output: Output, story: PrintStory = STORY) -> etree._Element:
    (item,) = etree.fromstring(documents(output, story)["feeds/all.rss"].body).iterfind("channel/item")
    return item


def test_wordpress_finds_the_picture_in_the_text_and_no_places_among_categories() -> None:
    item = rss_item(replace(ALL, profile="wordpress"))
    body = item.findtext(CONTENT) or ""
    assert body.startswith('<figure><img src="https://a.example/foto.jpg"')
    assert [one.text for one in item.iterfind("category")] == ["Politik", "Opini"]
    guid = item.find("guid")
    assert guid is not None and guid.get("isPermaLink") == "false"


def test_a_text_with_a_picture_of_its_own_gets_no_second_one() -> None:
    own = replace(STORY, content=SafeHtml('<p><img src="https://a.example/lain.jpg" alt=""></p>'))
    body = rss_item(replace(ALL, profile="wordpress"), own).findtext(CONTENT) or ""
    assert body.count("<img") == 1
    assert "lain.jpg" in body


def test_plain_outputs_get_all_categories_and_the_text_as_it_is() -> None:
    item = rss_item(ALL)
    assert [one.text for one in item.iterfind("category")] == ["Politik", "Jambi", "Opini"]
    assert "<img" not in (item.findtext(CONTENT) or "")


@pytest.mark.parametrize("profile", ["plain", "wordpress"])
def test_an_excerpt_gives_no_more(profile: Literal["plain", "wordpress"]) -> None:
    whole = documents(replace(ALL, content="excerpt", profile=profile))
    assert len(whole) == 4
    for document in whole.values():
        assert "Isi lengkap" not in document.body.decode()
        assert "Ringkasan" in document.body.decode() or document.path.endswith(
            ".html"
        )  # that has the summary


def test_links_lead_to_our_own_site_where_it_is_asked_and_known() -> None:
    at_home, abroad = replace(ALL, link="site"), ALL
    assert rss_item(at_home).findtext("link") == STORY.site_url
    assert rss_item(abroad).findtext("link") == STORY.url
    assert rss_item(at_home, replace(STORY, site_url="")).findtext("link") == STORY.url
    (via,) = rss_item(at_home).iterfind("{http://www.w3.org/2005/Atom}link")
    assert (via.get("rel"), via.get("href")) == ("via", STORY.via_url)


def test_google_news_gets_a_sitemap_and_nothing_else() -> None:
    output = replace(ALL, profile="google-news")
    second = replace(
        STORY, id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a002", title="Judul <b>kedua</b> & lain"
    )
    other = replace(second, id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a003", url="https://b.example/2")
    found = documents(output, STORY, second, other)
    assert tuple(found) == paths_of(output) == ("feeds/all.xml",)
    assert set(paths_of(output)) <= set(document_paths("all"))
    root = etree.fromstring(found["feeds/all.xml"].body)
    urls = root.findall(f"{{{SITEMAP}}}url")
    assert [url.findtext(f"{{{SITEMAP}}}loc") for url in urls] == [STORY.url, "https://b.example/2"]
    news = urls[0].find(f"{{{NEWS}}}news")
    assert news is not None
    assert [etree.QName(one).localname for one in news] == ["publication", "publication_date", "title"]
    assert news.findtext(f"{{{NEWS}}}publication/{{{NEWS}}}name") == "Jambi Seru"
    assert news.findtext(f"{{{NEWS}}}publication/{{{NEWS}}}language") == "id"
    assert news.findtext(f"{{{NEWS}}}publication_date") == STORY.published_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert etree.fromstring(documents(output)["feeds/all.xml"].body) is not None


def test_an_empty_sitemap_is_valid() -> None:
    assert document_problems(render(replace(ALL, profile="google-news"), (), config().site, NOW)[0]) == ()


def test_outputs_are_made_as_feeds_yaml_says() -> None:
    raw = config().model_dump(mode="python")
    raw["site"]["story_url"] = "https://jambiseru.com/baca/{id}"
    raw["outputs"]["defaults"] |= {"link": "site", "max_age": timedelta(days=30)}
    raw["outputs"]["custom"] = (
        {"id": "berita", "title": "B", "where": {"place": "Jambi"}, "profile": "google-news"},
        {"id": "ringkas", "title": "R", "where": {"place": "Jambi"}, "content": "excerpt", "link": "origin"},
    )
    made = {output.id: output for output in outputs_of(Config.model_validate(raw))}
    assert (made["all"].link, made["all"].profile, made["all"].content) == ("site", "plain", "full")
    assert (made["berita"].max_age_s, made["berita"].limit) == (48 * 3600, 1_000)
    assert (made["ringkas"].content, made["ringkas"].link, made["ringkas"].max_age_s) == (
        "excerpt",
        "origin",
        30 * 86400,
    )


def test_the_gate_looks_at_every_markup_of_a_story() -> None:
    assert story_problem(STORY) == ""
    script = SafeHtml("<script>x</script>")
    for broken in (
        replace(STORY, excerpt=script),
        replace(STORY, picture=script),
        replace(STORY, content=script),
    ):
        assert story_problem(broken) != ""


def test_a_picture_of_the_site_stands_at_the_head() -> None:
    image = "https://jambiseru.com/logo.png"
    found = render(ALL, (STORY,), config().site.model_copy(update={"image": image}), NOW)
    rss, atom, feed, _page = found
    for document in found:
        assert document_problems(document) == ()
    channel = etree.fromstring(rss.body).find("channel/image")
    assert channel is not None
    assert {one.tag: one.text for one in channel} == {
        "url": image,
        "title": ALL.title,
        "link": config().site.url,
    }
    root = etree.fromstring(atom.body)
    assert [root.findtext(f"{{http://www.w3.org/2005/Atom}}{name}") for name in ("icon", "logo")] == [
        image,
        image,
    ]
    assert json.loads(feed.body)["icon"] == image
    assert b"logo" not in b"".join(one.body for one in render(ALL, (STORY,), config().site, NOW))
