"""Only entries that are new are read; and what is read so is what reading the whole document says of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from split_documents import DOCUMENTS, NOW, fetched, read, rss, rss_item, standing

from aggregator.errors import ParseError, RefusedDocumentError
from aggregator.model.standing import UNREAD, digest64
from aggregator.reading import ReadFeed, read_feed


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_entry_alone_is_read_as_among_all_others(name: str) -> None:
    whole = read(DOCUMENTS[name])
    before = standing(whole)
    assert len(before.entries) == len(whole.candidates) == 5
    always = 1 if name == "sitemap" else 0  # its first entry says whose it is
    for new in range(always, 5):
        others = before.entries[always:new] + before.entries[new + 1 :]
        part = read(
            DOCUMENTS[name], replace(before, entries=before.entries[:new] + before.entries[new + 1 :])
        )
        assert part.candidates == (*whole.candidates[:always], whole.candidates[new])
        assert part.stood == (*whole.stood[:always], whole.stood[new])
        assert part.standing == replace(before, entries=others)
        assert (part.feed, part.hints, part.links, part.problems) == (
            whole.feed,
            whole.hints,
            whole.links,
            whole.problems,
        )


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {"sitemap"}))
def test_a_document_without_news_is_not_read(name: str) -> None:
    whole = read(DOCUMENTS[name])
    part = read(DOCUMENTS[name], standing(whole))
    assert part.candidates == ()
    assert part.standing == standing(whole)
    assert part.feed == whole.feed


def test_the_first_entry_of_a_sitemap_is_always_read_for_it_says_whose_it_is() -> None:
    whole = read(DOCUMENTS["sitemap"])
    part = read(DOCUMENTS["sitemap"], standing(whole))
    assert (part.feed, part.candidates) == (whole.feed, whole.candidates[:1])
    assert part.standing.entries == standing(whole).entries[1:]


def test_new_entries_come_and_old_ones_go() -> None:
    before = standing(read(rss(*map(rss_item, (1, 2, 3)))))
    part = read(
        rss(*map(rss_item, (4, 1, 2)), built="Fri, 27 Nov 2026 08:00:00 +0700"),
        before,
    )
    assert [one.entry.guid for one in part.candidates] == ["mitra-4"]
    assert part.standing.entries == before.entries[:2]


def test_nothing_is_remembered_where_that_is_not_wanted() -> None:
    assert read(DOCUMENTS["rss"], UNREAD).standing == UNREAD


OLD = read(rss(*map(rss_item, (1, 2, 3))))
SHARED_GUID = rss_item(4).replace("mitra-4", "mitra-2")
SHARED_ADDRESS = rss_item(4).replace("700104/panen-4", "700102/panen-2")
NAMELESS = rss_item(4).replace("mitra-4", "7")
# What stands beside entries 1, 2 and 3, and why it must be read with them.
TO_BE_READ_WHOLE = {
    "the channel has another address": rss(
        *map(rss_item, (4, 1, 2, 3)), head="<docs>https://lain.example/</docs>"
    ),
    "the new entry has the guid of an old one": rss(SHARED_GUID, *map(rss_item, (1, 2, 3))),
    "the new entry has the address of an old one": rss(SHARED_ADDRESS, *map(rss_item, (1, 2, 3))),
    "the new entry's guid is a position": rss(NAMELESS, *map(rss_item, (1, 2, 3))),
    "an entry stands there twice": rss(*map(rss_item, (4, 1, 2, 2, 3))),
    "an entry inside another one": rss(
        rss_item(4, f"<x>{rss_item(5)}</x>"), *map(rss_item, (1, 2, 3))
    ),
    "not well-formed": rss(rss_item(4).replace("</title>", "<br></title>"), *map(rss_item, (1, 2, 3))),
    "cut off": rss(*map(rss_item, (4, 1, 2, 3)))[:-60],
    "an empty element that counts as an entry": rss("<item/>", *map(rss_item, (4, 1, 2, 3))),
    "a base address in an entry": rss(
        rss_item(4).replace("<description>", '<description xml:base="/a/">'), *map(rss_item, (1, 2, 3))
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", TO_BE_READ_WHOLE)
def test_what_is_in_doubt_is_read_whole(why: str) -> None:
    document = TO_BE_READ_WHOLE[why]
    part = read(document, standing(OLD))
    assert part == read(document)
    assert part.standing.entries == ()
    assert len(part.candidates) >= 3


@pytest.mark.parametrize("why", sorted(TO_BE_READ_WHOLE.keys() - {"the channel has another address"}))
def test_of_a_document_in_doubt_nothing_is_remembered(why: str) -> None:
    assert not read(TO_BE_READ_WHOLE[why]).standing.envelope


def test_at_another_address_all_is_read_for_links_may_be_relative() -> None:
    before = standing(OLD)
    document = fetched(rss(*map(rss_item, (1, 2, 3))))
    moved = replace(document, url="https://mitra.example/baru/feed")
    assert read_feed((document,), "Asia/Jakarta", NOW, (), before).candidates == ()
    assert len(read_feed((moved,), "Asia/Jakarta", NOW, (), before).candidates) == 3


def test_what_cdata_says_of_comments_hides_no_change_of_the_feeds_own_link() -> None:
    def head(link: str) -> str:
        return f"<docs><![CDATA[<!-- a]]></docs><link>{link}</link><!-- b -->"

    before = standing(read(rss(*map(rss_item, (1, 2)), head=head("https://mitra.example/"))))
    moved = read(rss(*map(rss_item, (1, 2)), head=head("https://baru.example/")), before)
    assert len(moved.candidates) == 2


@pytest.mark.timeout(10)
@pytest.mark.parametrize("many", ["<pubDate>", "<!--", "<items>", "<pubDate/>", "&lt;pubDate&gt;", "]]"])
def test_what_stands_around_the_entries_costs_no_more_than_its_length(many: str) -> None:
    document = rss(rss_item(1), head=f"<docs><![CDATA[{many * 30_000}]]></docs>")
    assert read(document, standing(read(document))).candidates == ()


def test_what_is_nested_as_deep_as_can_be_read_is_read() -> None:
    deep = json.loads(DOCUMENTS["json"])
    for depth in range(980, 1000, 2):
        text = json.dumps(deep).replace('"tags": ["daerah"]', f'"_x": {"[" * depth}{"]" * depth}', 1)
        try:
            found = read(text)
        except RefusedDocumentError:
            continue
        assert len(found.candidates) == 5


HIDDEN = {
    "in a comment": f"<!-- {rss_item(9)} -->",
    "in CDATA": "<docs><![CDATA[<item><guid>mitra-9</guid></item>]]></docs>",
    "escaped": "<docs>&lt;item&gt;&lt;guid&gt;mitra-9&lt;/guid&gt;&lt;/item&gt;</docs>",
}


@pytest.mark.parametrize("where", HIDDEN)
def test_what_only_looks_like_an_entry_is_none(where: str) -> None:
    before = standing(read(rss(HIDDEN[where], *map(rss_item, (1, 2)))))
    assert len(before.entries) == 2
    part = read(rss(HIDDEN[where], *map(rss_item, (3, 1, 2))), before)
    assert [one.entry.guid for one in part.candidates] == ["mitra-3"]
    assert len(part.standing.entries) == 2


def test_an_entry_with_a_problem_is_read_and_told_of_each_time() -> None:
    odd = rss_item(2).replace("Fri, 27 Nov 2026 02:15:00 +0700", "kemarin dulu sekali")
    whole = read(rss(rss_item(1), odd))
    assert len(whole.problems) == 1
    part = read(rss(rss_item(3), rss_item(1), odd), standing(whole))
    assert [one.entry.guid for one in part.candidates] == ["mitra-3", "mitra-2"]
    assert part.problems == whole.problems


def test_a_length_that_all_pictures_share_is_known_as_such() -> None:
    def picture(number: int) -> str:
        return f'<enclosure url="https://mitra.example/{number}.jpg" type="image/jpeg" length="10240"/>'

    items = [rss_item(number, picture(number)) for number in range(1, 6)]
    before = standing(read(rss(*items[:4])))
    (candidate,) = read(rss(*items), before).candidates
    assert candidate == read(rss(*items)).candidates[4]
    assert candidate.entry.image is not None
    assert candidate.entry.image.length_bytes is None


def test_digests_are_those_that_databases_hold() -> None:
    assert digest64("") == 0
    assert digest64("berita") == digest64("berita") != digest64("berita ")
    assert -(2**63) <= digest64("\ud800") < 2**63


# --- damage -------------------------------------------------------------------------------------------------------

_SCRAPS = [
    "<item>", "</item>", "<entry/>", "</channel>", "<!--", "-->", "<![CDATA[", "]]>", "&", "&bogus;", "<", ">", '"',
    "\x00", "\ufffe", "<item><guid>mitra-2</guid></item>", "<title>", "</rss>", "xml:base='/b/'", "{", "}", "[", ",",
    '"id": "json-2",', "<guid>mitra-3</guid>", " ", "\n", "<media:content/>", "<?php", "?>", "<url>", "</url>",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    """A document's name, and the document with up to three places cut out, doubled or written over."""
    name = draw(st.sampled_from(sorted(DOCUMENTS)))
    text = DOCUMENTS[name]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + draw(st.sampled_from([0, 1, 30, 600])))))
        what = draw(st.sampled_from(["", text[start:end] * 2, *_SCRAPS]))
        text = text[:start] + what + text[end:]
    return name, text


def as_if_read_whole(part: ReadFeed, original: ReadFeed) -> Counter[object]:
    known = {
        stood.entry: candidate
        for stood, candidate in zip(original.stood, original.candidates, strict=True)
        if stood is not None
    }
    return Counter([*part.candidates, *(known[one.entry] for one in part.standing.entries)])


@settings(max_examples=400)
@given(damaged())
@example(("rss", DOCUMENTS["rss"].replace("mitra-2", "mitra-3")))
@example(("json", json.dumps(json.loads(DOCUMENTS["json"]) | {"items": []})))
def test_in_spite_of_any_damage_it_is_what_reading_all_says(one: tuple[str, str]) -> None:
    name, document = one
    original = read(DOCUMENTS[name])
    try:
        whole = read(document)
    except ParseError as error:
        with pytest.raises(type(error)):
            read(document, standing(original))
        return
    part = read(document, standing(original))
    assert Counter(whole.candidates) == as_if_read_whole(part, original)
    assert (part.feed, part.hints, part.links) == (whole.feed, whole.hints, whole.links)
    assert set(part.problems) == set(whole.problems)


def test_the_law_can_fail() -> None:
    original = read(DOCUMENTS["rss"])
    part = read(DOCUMENTS["rss"], standing(original))
    less = replace(part, standing=replace(part.standing, entries=part.standing.entries[1:]))
    assert Counter(original.candidates) != as_if_read_whole(less, original)
