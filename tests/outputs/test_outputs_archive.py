"""Archive pages: what stands in one, whole documents, and which edits concern it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from outputs_samples import ALL, EXPIRED, HIDDEN, NOW, POLITIK, STORIES, config

from aggregator.outputs.archive import (
    PAGE_SIZE,
    PageLinks,
    has_archive,
    page_key,
    pages_to_close,
    render_archive,
)
from aggregator.outputs.gate import document_problems
from aggregator.outputs.render import render

GOLDEN = Path(__file__).parent / "golden"
ATOM = "{http://www.w3.org/2005/Atom}"
SITE = config().site


@pytest.mark.parametrize(
    ("open_ids", "leaving", "pages"),
    [
        ((), (), ()),
        ((1, 2, 3), (), ()),
        ((1, 2, 3), (1,), ((1, 2, 3),)),
        ((1, 2, 3), (3,), ((1, 2, 3),)),
        (range(1, 250), (1,), (tuple(range(1, 101)),)),
        (range(1, 250), (1, 150), (tuple(range(1, 101)), tuple(range(101, 201)))),
        (range(1, 250), (249,), (tuple(range(1, 101)), tuple(range(101, 201)), tuple(range(201, 250)))),
    ],
)
def test_which_pages_are_closed(open_ids: Any, leaving: Any, pages: Any) -> None:
    assert pages_to_close(open_ids, leaving) == pages


@given(st.lists(st.integers(1, 500), unique=True), st.data())
def test_no_story_that_leaves_is_missed_and_none_stands_twice(
    open_ids: list[int], data: st.DataObject
) -> None:
    leaving = set(data.draw(st.lists(st.sampled_from(open_ids)))) if open_ids else set()
    pages = pages_to_close(open_ids, leaving)
    closed = [one for page in pages for one in page]
    assert closed == open_ids[: len(closed)]
    assert leaving <= set(closed)
    assert all(0 < len(page) <= PAGE_SIZE for page in pages)
    assert not leaving or leaving & set(pages[-1])


def test_a_page_is_the_golden_one() -> None:
    page = render_archive(POLITIK, 7, PageLinks(6, 8), STORIES, (HIDDEN, EXPIRED), NOW, SITE)
    golden = GOLDEN / "archive.atom"
    if os.environ.get("AGGREGATOR_RENEW_GOLDEN"):  # as test_outputs_golden.py says
        golden.write_bytes(page.body)
    assert page.body == golden.read_bytes()
    assert page.path == "feeds/topics/politik/archive-7.atom"
    assert document_problems(page) == ()


@pytest.mark.parametrize(
    ("links", "rels"),
    [
        (PageLinks(0, 0), {"current"}),
        (PageLinks(6, 0), {"current", "prev-archive"}),
        (PageLinks(0, 8), {"current", "next-archive"}),
    ],
)
def test_the_first_and_the_last_page_lead_nowhere_beyond(links: PageLinks, rels: set[str]) -> None:
    page = render_archive(ALL, 7, links, (), (), NOW, SITE)
    root = etree.fromstring(page.body)
    found = {one.get("rel"): one.get("href") for one in root.iterfind(f"{ATOM}link")}
    assert found.keys() - {"self", "alternate", "related"} == rels
    assert found["self"] == "https://feeds.jambiseru.com/feeds/all/archive-7.atom"
    assert found["current"] == "https://feeds.jambiseru.com/feeds/all.atom"
    assert document_problems(page) == ()


def test_a_feed_and_its_pages_have_one_id_and_only_atom_names_the_newest() -> None:
    documents = {one.path: one for one in render(ALL, STORIES, SITE, NOW, newest_page=3)}
    page = etree.fromstring(render_archive(ALL, 3, PageLinks(2, 0), STORIES, (), NOW, SITE).body)
    feed = etree.fromstring(documents["feeds/all.atom"].body)
    assert feed.findtext(f"{ATOM}id") == page.findtext(f"{ATOM}id")
    naming = [path for path, one in documents.items() if b"archive" in one.body]
    assert naming == ["feeds/all.atom"]
    assert b'rel="prev-archive" href="https://feeds.jambiseru.com/feeds/all/archive-3.atom"' in (
        documents["feeds/all.atom"].body
    )


def test_public_feeds_have_archives() -> None:
    assert has_archive(ALL)
    assert not has_archive(replace(ALL, id="s/abc"))
    assert not has_archive(replace(ALL, profile="google-news"))


def partnered(**terms: Any) -> Any:
    raw = config().model_dump()
    contract = {"licence": "T-1", "valid_from": "2022-01-01", "content": "full", **terms}
    a, b = (
        {"id": name, "name": name, "url": f"https://{name}.id/", "domains": (f"{name}.id",)} for name in "ab"
    )
    return type(config()).model_validate({**raw, "partners": ({**a, "terms": contract}, b)})


def test_which_edits_concern_a_page() -> None:
    before = page_key(ALL, ("a",), partnered(), 1)
    assert page_key(ALL, ("a",), partnered(), 1) == before
    assert page_key(replace(ALL, limit=5, max_age_s=1.0), ("a",), partnered(), 1) == before
    other_terms = partnered(content="headline")
    assert page_key(ALL, ("a",), other_terms, 1) != before
    assert page_key(ALL, ("b",), other_terms, 1) == page_key(ALL, ("b",), partnered(), 1)
    assert page_key(replace(ALL, title="Lain"), ("a",), partnered(), 1) != before
    assert page_key(ALL, ("a",), partnered(), 2) != before
