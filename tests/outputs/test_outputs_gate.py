"""The gate refuses what breaks a promise, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from outputs_samples import ALL, FULL, HEADLINE_ONLY, NOW, STORIES, config, rendered

from aggregator.model.document import Document
from aggregator.model.html import SafeHtml
from aggregator.outputs.gate import document_problems, story_problem
from aggregator.outputs.render import render, render_directory
from aggregator.outputs.select import outputs_of

YOUTUBE = "https://www.youtube.com/embed/x1-_?rel=0"


@pytest.mark.parametrize("story", STORIES)
def test_good_stories_pass(story: Any) -> None:
    assert story_problem(story) == ""


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id": "https://a.id/1"}, "id"),
        ({"id": ""}, "id"),
        ({"url": ""}, "link"),
        ({"url": "/berita"}, "link"),
        ({"url": "ftp://a.id/"}, "link"),
        ({"url": "javascript:alert(1)"}, "link"),
        ({"url": "https://user:pass@a.id/"}, "link"),
        ({"url": "https://a.id/a b"}, "link"),
        ({"url": "https://a.id/\u2028"}, "link"),
        ({"url": "https://a.id/\ud800"}, "link"),
        ({"url": "https://[::1/"}, "link"),
        ({"title": ""}, "title"),
        ({"title": " \u200b\n".replace("\u200b", "\x00\ufffe\u202e")}, "title"),
        ({"published_at": datetime(2026, 1, 1)}, "published date"),  # noqa: DTZ001
        ({"updated_at": datetime(2026, 1, 1)}, "updated date"),  # noqa: DTZ001
        ({"updated_at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=9)))}, "updated date"),
        ({"published_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))}, "published date"),
        ({"published_at": NOW + timedelta(days=2)}, "after its update"),
        ({"content": SafeHtml("<script>alert(1)</script>")}, "script"),
    ],
)
def test_bad_stories_are_refused(fields: dict[str, Any], words: str) -> None:
    assert words in story_problem(replace(FULL, **fields))


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "3 > 2 & 1",
        "<p>a<br>b<br />c &lt;script&gt;</p>",
        '<a href=\'https://a.id/?x="1"\' rel="nofollow noopener" title="a < b">x</a>',
        '<a href="mailto:redaksi@a.id">x</a>',
        '<img src="https://a.id/a.jpg" alt="" width="1" loading="lazy">',
        f'<iframe src="{YOUTUBE}" sandbox="allow-scripts" allowfullscreen></iframe><p>x</p>',
        '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
        '<video src="https://a.id/v.mp4" controls poster="https://a.id/p.jpg"></video>',
    ],
)
def test_harmless_markup_passes(markup: str) -> None:
    assert story_problem(replace(FULL, content=SafeHtml(markup))) == ""


@pytest.mark.parametrize(
    "markup",
    [
        "<script>",
        "<SCRIPT SRC='https://a.id/x.js'></SCRIPT>",
        "<scr\x00ipt>alert(1)</script>",
        "<style>p{}</style>",
        "<svg><p>x</p></svg>",
        '<p onclick="x()">x</p>',
        '<p OnClick="x()">x</p>',
        '<p style="color:red">x</p>',
        '<p id="x">x</p>',
        '<p xlink:href="https://a.id/">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="java&#10;script:alert(1)">x</a>',
        '<a href="javascript&colon;alert(1)">x</a>',
        '<a href="&#x6A;avascript:alert(1)">x</a>',
        '<a href=" https://a.id/">x</a>',
        '<a href="/relative">x</a>',
        '<a href="#x">x</a>',
        '<a href="//a.id/">x</a>',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="mailto:a@b.id">',
        '<img srcset="https://a.id/x.jpg 2x">',
        "<img src=https://a.id/x.jpg>",
        "<!-- x -->",
        "<!--><script>alert(1)</script>-->",
        "<![CDATA[x]]>",
        "<?php x ?>",
        "<p",
        "a < b",
        '<p title="x"onclick="y">x</p>',
        "<p/onclick='x'>",
        '<iframe src="https://evil.id/embed/x" sandbox></iframe>',
        '<iframe src="https://www.youtube.com/embed/x"></iframe>',
        '<iframe src="https://www.youtube.com.evil.id/embed/x" sandbox></iframe>',
        f'<iframe src="{YOUTUBE}" sandbox srcdoc="x"></iframe>',
        f'<iframe src="{YOUTUBE}" sandbox><b>x</b></iframe>',
        f'<iframe src="{YOUTUBE}" sandbox/>text',
        "<noscript><p title=\"</noscript><img src='https://a.id/' onerror='x'>\"></p></noscript>",
        "<textarea>x</textarea>",
        "<template><b>x</b></template>",
        '<form action="https://a.id/"><input></form>',
        '<base href="https://a.id/">',
        '<meta http-equiv="refresh" content="0">',
    ],
)
def test_forbidden_markup_is_refused_in_stories_and_documents(markup: str) -> None:
    bad = replace(FULL, content=SafeHtml(markup))
    assert story_problem(bad) != ""
    for document in rendered(HEADLINE_ONLY, bad).values():
        (problem,) = document_problems(document)
        assert problem.startswith(f"'{bad.id}': ")


def test_looking_at_markup_takes_linear_time() -> None:
    for markup in (
        "<p " * 100_000,
        "<" * 300_000,
        "<p " + "a " * 200_000,
        '<p a="' * 100_000,
        "<b>" * 100_000,
    ):
        story_problem(replace(FULL, content=SafeHtml(markup)))


def changed(suffix: str, old: str, new: str) -> Document:
    document: Document = rendered(*STORIES)[suffix]
    assert old in document.body.decode()
    return replace(document, body=document.body.decode().replace(old, new).encode("utf-8", "surrogatepass"))


ID2 = HEADLINE_ONLY.id


@pytest.mark.parametrize(
    ("suffix", "old", "new", "words"),
    [
        ("rss", "</rss>", "", "not well-formed"),
        ("rss", "<rss", "<!DOCTYPE rss><rss", "DOCTYPE"),
        ("rss", "<rss", "<?xml-stylesheet href='x'?><rss", "processing instruction"),
        ("rss", "<docs>", "<?php x ?><docs>", "processing instruction"),
        ("rss", "<docs>", "<!-- x --><docs>", "comment"),
        ("rss", "<docs>", "<docs>&#x85;", "characters"),
        ("rss", "Gempa Magnitudo", "Gempa\x01Magnitudo", "not well-formed"),
        ("rss", "<title>Gempa", "<title>Gempa\u202e", "title"),
        ("rss", "Gempa Magnitudo 5 Guncang Kerinci", "", "title"),
        ("rss", ID2, FULL.id, "stands twice"),
        ("rss", ID2, "", "without id"),
        ("rss", "<link>https://jambiseru.com/", "<link>/", "address"),
        ("rss", "<link>https://indonesiadaily", "<link>javascript:", "address"),
        ("rss", 'enclosure url="https:', 'enclosure url="', "address"),
        ("rss", "Sun, 22 Nov 2026", "Tue, 22 Nov 2035", "after the document's own"),
        ("rss", "Sun, 22 Nov 2026 06:00:00 GMT", "Sun, 22 Nov 2026 06:00:00 -0000", "date"),
        ("rss", "Sun, 22 Nov 2026 06:00:00 GMT", "kemarin", "date"),
        ("rss", "Mon, 23 Nov 2026 06:00:00 GMT", "99999999999999999999", "own date"),
        ("atom", "<feed", "<fodder", "not well-formed"),
        ("atom", ID2, FULL.id, "stands twice"),
        ("atom", 'href="https://feeds.jambiseru.com/feeds/all.atom"', 'href="all.atom"', "address"),
        ("atom", "2026-11-22T06:00:00Z", "2026-11-22T06:00:00", "date"),
        ("atom", "2026-11-22T06:00:00Z", "2035-11-22T06:00:00Z", "after the document's own"),
        ("json", '"items": [', '"items": [[],', "JSON Feed"),
        ("json", "Gempa Magnitudo", "Gempa\\u0000Magnitudo", "characters"),
        ("json", "Gempa Magnitudo", "Gempa\\ud800Magnitudo", "characters"),
        ("json", f'"{ID2}"', "7", "JSON Feed"),
        ("json", f'"{ID2}"', f'"{FULL.id}"', "stands twice"),
        ("json", '"https://assets', '"//assets', "address"),
        ("json", "2026-11-22T06:00:00Z", "9999-12-31T23:59:59Z", "after the document's own"),
        ("json", '"2026-11-23T06:00:00Z"', "null", "JSON Feed"),
        ("json", "{", "[" * 100_000 + "{", "JSON Feed"),
    ],
)
def test_a_broken_document_is_refused(suffix: str, old: str, new: str, words: str) -> None:
    problems = document_problems(changed(suffix, old, new))
    assert words in " ".join(problems), problems


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_an_entry_that_passed_is_judged_again_by_the_dates_of_another_document(suffix: str) -> None:
    """What an entry says for itself is judged once; when it says so depends on the document."""
    assert document_problems(rendered(*STORIES)[suffix]) == ()
    (earlier,) = [
        one
        for one in render(
            ALL, STORIES, config().site, min(one.published_at for one in STORIES) - timedelta(days=2)
        )
        if one.path == f"feeds/all.{suffix}"
    ]
    assert "after the document's own" in " ".join(document_problems(earlier))
    assert document_problems(rendered(*STORIES)[suffix]) == ()


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"null", b"[]", b"{}", b"<html/>", b'{"items": 1, "_aggregator": 1}']
)
def test_any_bytes_get_an_answer(body: bytes) -> None:
    for document in rendered().values():
        assert document_problems(replace(document, body=body)) != ()


def test_an_unknown_kind_is_refused() -> None:
    assert document_problems(Document("x.txt", "text/plain", b"x", "")) == ("unknown media type text/plain",)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("feeds.opml", ' xmlUrl="https://feeds.jambiseru.com/feeds/all.rss"', ""),
        ("feeds.opml", ' xmlUrl="https://', ' xmlUrl="'),
        ("index.html", "</head>", "<script>x</script></head>"),
        ("index.html", "<body>", '<body onload="x()">'),
        ("index.html", 'href="feeds.opml"', 'href="javascript:x"'),
        ("index.html", "</main>", '<img src="https://a.id/x.gif"></main>'),
    ],
)
def test_the_directory_is_judged_too(path: str, old: str, new: str) -> None:
    (document,) = [one for one in render_directory(outputs_of(config()), config()) if one.path == path]
    assert document_problems(document) == ()
    assert old in document.body.decode()
    assert document_problems(replace(document, body=document.body.decode().replace(old, new).encode())) != ()


def test_every_format_of_an_output_is_judged_by_the_same_rules() -> None:
    documents = rendered(FULL, FULL, output=ALL)
    assert {document_problems(document) for document in documents.values()} == {
        (f"id stands twice: {FULL.id!r}",)
    }
    assert json.loads(documents["json"].body)["items"][1]["id"] == FULL.id
