"""The pages about stories: everything is on them, nothing on them is markup from outside, and who may see them."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from lxml import html as lxml_html
from web_desk import TOKEN, ValueDesk, running
from web_stories import ADDRESS, explanation, story_page

from aggregator.web.stories import fields_of, query_of, render_stories, render_story, story_address

HOSTILE = "</title><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\0javascript:alert(1)"
BEARER = f"Bearer {TOKEN}"


def found(page: str, path: str) -> list[Any]:
    return cast(list[Any], lxml_html.document_fromstring(page).xpath(path))


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", " ".join(found(page, "//text()[not(parent::style)]")))


async def test_everything_about_a_story_is_on_its_page() -> None:
    page = await render_story(explanation())
    words = words_of(page)
    for expected in (
        "Story 12: published , first published here 11:30:00 2 h ago , last changed 12:30:00 60 min ago",
        "urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001",
        "An editor's word:",
        "Copies (2)",
        "shown to readers Kabar A (kabar-a), came 11:30:00 2 h ago , dated 10:30:00 3 h ago , revised",
        "Joined: similarity 0.91 with",
        "91 % of its words are those shown",
        "ekonomi in weighs 60, 42 is enough",
        "politik not in weighs 12, 42 is enough bupati 12",
        "place Harga Karet Naik: Harga Karet Naik",
        "dateline Harga Karet Naik",
        "look at correction:",
        "Revisions (1)",
        "all: number 2 of 6",
        "related: Harga Karet Naik",
    ):
        assert expected in words, expected
    assert "terlalu ringan" not in words  # a topic for which hardly anything speaks
    assert (found(page, "//del/text()"), found(page, "//ins/text()")) == (["turun"] * 2, ["naik"] * 2)


async def test_a_list_says_what_was_asked_and_what_stands_in_no_feed() -> None:
    page = await render_stories(story_page())
    words = words_of(page)
    assert "1,234 stories are like that. These are the newest 2;" in words
    assert "11:30:00 2 h ago , kabar-a, 1 more; ekonomi" in words
    assert "not in the feeds: Harga Karet Naik" in words
    assert found(page, "//input[@name='search']/@value") == ["Harga Karet Naik"]
    assert found(page, "//option[@selected]/@value") == ["ekonomi"]
    assert found(page, "//h3/a/@href") == ["story?story=12", "story?story=13"]


@pytest.mark.parametrize("kind", ["story", "stories"])
async def test_nothing_shown_becomes_markup(kind: str) -> None:
    page = await (
        render_story(explanation(HOSTILE)) if kind == "story" else render_stories(story_page(HOSTILE))
    )
    assert not found(page, "//script | //img | //@*[starts-with(name(), 'on')]")
    assert not found(page, "//link | //@src | //@srcset | //meta[@http-equiv]")
    own = {
        "./",
        "stories",
        ADDRESS,
        "https://kabar-b.example/2",
        "story?story=7",
        "story?story=12",
        "story?story=13",
    }
    assert set(found(page, "//@href")) <= own
    assert page.count("&lt;script&gt;") >= 4


@pytest.mark.parametrize("kind", ["story", "stories"])
async def test_the_pages_can_be_walked_without_eyes(kind: str) -> None:
    page = await (render_story(explanation()) if kind == "story" else render_stories(story_page()))
    assert found(page, "/html/@lang") == ["en"]
    assert [len(found(page, f"//{tag}")) for tag in ("h1", "main", "header")] == [1, 1, 1]
    assert len(found(page, "//label")) == len(found(page, "//input | //select"))


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/ops/stories", ("", "", "")),
        (
            b"/ops/stories?search=harga+karet&topic=ekonomi&partner=kabar-a",
            ("harga karet", "ekonomi", "kabar-a"),
        ),
        (b"/ops/stories?search=%22a%20b%22%26#x", ('"a b"&', "", "")),
        (b"/ops/stories?search=%ff%fe", ("\ufffd\ufffd", "", "")),
        (b"/ops/stories?search=" + b"a" * 9000, ("a" * 300, "", "")),
        (b"/ops/stories?" + b"&".join(b"search=%d" % n for n in range(50)), ("", "", "")),
        (b"/ops/stories?search=\xff", ("\ufffd", "", "")),
    ],
)
def test_what_the_form_asks_for(target: bytes, expected: tuple[str, str, str]) -> None:
    query = query_of(target)
    assert (query.search, query.topic, query.partner) == expected


@pytest.mark.parametrize(
    ("search", "address"),
    [
        ("harga karet", ""),
        ("12", ""),
        ("https://a.example/x?y=1&z", "story?story=https%3A%2F%2Fa.example%2Fx%3Fy%3D1%26z"),
        ("8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001", "story?story=8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001"),
    ],
)
def test_a_search_that_names_a_story_leads_there(search: str, address: str) -> None:
    assert story_address(search) == address
    assert not address or fields_of(address.encode()) == {"story": search}


async def test_the_pages_need_the_token_and_say_what_is_not_there() -> None:
    async with running(ops_token=TOKEN) as server:
        for path in ("/ops/stories", "/ops/story?story=12"):
            assert (await server.get(path)).status == 401
            reply = await server.get(path, Authorization=BEARER)
            assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
        policies = [
            (await server.get(path, Authorization=BEARER)).headers["content-security-policy"]
            for path in ("/ops/stories", "/ops/story?story=12")
        ]
        assert ["form-action 'self'" in policy for policy in policies] == [True, False]
        missing = await server.get("/ops/story?story=99", Authorization=BEARER)
        assert (missing.status, missing.body) == (404, b"no story has the id or address 99\n")
        moved = await server.get("/ops/stories?search=https://a.example/", Authorization=BEARER)
        assert (moved.status, moved.headers["location"]) == (303, "story?story=https%3A%2F%2Fa.example%2F")
    async with running(ValueDesk(current="disk I/O error"), ops_token=TOKEN) as server:
        for path in ("/ops/stories", "/ops/story?story=12"):
            reply = await server.get(path, Authorization=BEARER)
            assert (reply.status, reply.body) == (503, b"No story could be read: disk I/O error\n")
