"""The shared xss and template ids, one test each: what of them is printed, without a browser.

That nothing of it runs in one is asked in tests/browser/test_browser_hostile.py; the ids of ``text`` have their tests
in test_hostile_reading.py and test_hostile_chain.py.
"""

from __future__ import annotations

import json
import re
import time
import tracemalloc
from datetime import UTC, datetime
from html import escape

import editorial_text_dom
import pytest
from bleach._vendor import html5lib  # type: ignore[import-not-found]
from config_sample import changed, load, mistakes
from hostile_cases import Case, cases, needs_cases, templates
from payloads import ADDRESSES, PAYLOADS, TEMPLATES

from aggregator.editorial.attribution import Chain, credit_line
from aggregator.editorial.sanitize import sanitize
from aggregator.intake.document import read_document
from aggregator.model.entry import Entry, ParsedFeed
from aggregator.outputs.markup import markup_problem
from aggregator.outputs.text import is_address, one_line

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BASE = "https://partner.test/a/1"
MARKED_UP = ("xss-basic", "xss-css", "xss-iframe", "xss-mxss", "xss-url")
XSS = {
    case_id: case for category in (*MARKED_UP, "xss-textfields") for case_id, case in cases(category).items()
}
FRAMED = {"W-f01", "W-f02", "W-f03", "W-f14", "W-f20"}
PLAYERS = re.compile(
    r"https://(www\.youtube(-nocookie)?\.com/embed|player\.vimeo\.com/video)/[\w-]+", re.ASCII
)


def entries(case: Case) -> tuple[Entry, ...]:
    document = read_document(
        case.body,
        url="http://partner.test/feed",
        content_type=case.content_type,
        timezone="Asia/Jakarta",
        now=NOW,
    )
    assert isinstance(document, ParsedFeed)
    return document.entries


def frames(markup: str) -> list[dict[str, str]]:
    tree = html5lib.parseFragment(markup, namespaceHTMLElements=False)
    return [dict(element.attrib) for element in tree.iter("iframe")]


def check(markup: str) -> None:
    """The rules of published HTML hold, also for what a parser writes of it, twice; cleaning again changes nothing."""
    read_again = markup
    for _time in range(3):
        assert editorial_text_dom.problems(read_again) == []
        read_again = html5lib.serialize(html5lib.parseFragment(read_again), quote_attr_values="always")
    assert markup_problem(markup) == ""
    assert sanitize(markup, BASE).markup == markup


@needs_cases
@pytest.mark.parametrize("case", XSS.values(), ids=XSS.keys())
def test_what_is_printed_of_a_shared_case_does_nothing(case: Case) -> None:
    read = entries(case)
    assert read, "the entry is still published"
    for entry in read:
        assert entry.url == "" or is_address(entry.url)
        assert entry.image is None or is_address(entry.image.url)
        assert one_line(entry.title) == entry.title
        assert not re.search(r"<[A-Za-z/!?]", entry.title)
        markup = sanitize(entry.html or entry.summary_html, entry.base_url).markup
        check(markup)
        assert not re.search(r"url\(|expression|@import", markup) or case.category != "xss-css"
        if case.category == "xss-iframe":
            assert bool(frames(markup)) is (case.case_id in FRAMED)
        for frame in frames(markup):
            assert PLAYERS.fullmatch(frame["src"])
            assert frame.keys() <= {"src", "sandbox", "allowfullscreen", "width", "height"}
            assert "top" not in frame["sandbox"]


@needs_cases
def test_every_shared_template_is_tried() -> None:
    assert set(cases("template")) == set(templates())


ALL_TEMPLATES = TEMPLATES | templates()


@pytest.mark.parametrize("template", ALL_TEMPLATES.values(), ids=ALL_TEMPLATES.keys())
def test_a_template_is_refused_at_its_line_or_is_mere_text(template: str) -> None:
    text = changed('"dikutip dari {origin} ({network})"', json.dumps(template))
    line = text[: text.index(json.dumps(template))].count("\n") + 1
    said = mistakes(text)
    assert all(one.startswith(f"feeds.yaml:{line}:") for one in said)
    assert not said or re.search(r"unknown field|a single|\$\{\.\.\.\}", said[0])
    if not said:
        left = template.replace("{{", "").replace("}}", "")
        assert set(re.findall(r"\{(.*?)\}", left)) <= {"origin", "headline", "network"}


@pytest.mark.parametrize("value", [*list(PAYLOADS.values())[::20], "{url}{{author}}"])
@pytest.mark.parametrize("template", ALL_TEMPLATES.values(), ids=ALL_TEMPLATES.keys())
def test_a_template_that_came_past_the_check_prints_text_and_nothing_else(template: str, value: str) -> None:
    partner = load().partners[0]
    tracemalloc.start()
    started_s = time.process_time()
    chain = Chain(template, partner.domains[0], value, value)
    markup = credit_line(chain, load().site, headline=value, author=value, url=value).markup
    assert time.process_time() - started_s < 1
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    tags = set(re.findall(r"<[^>]*>", markup))
    assert {re.sub(r' (href|rel)="[^"]*"', "", tag) for tag in tags} <= {"<p>", "</p>", "<a>", "</a>"}
    assert "Agency" not in markup
    assert not re.search(r"class '|built-in|object at 0x|Attribution", markup)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_an_attack_of_our_own_leaves_harmless_markup(payload: str) -> None:
    for html in (payload, f"<p>Sebelum {payload} sesudah</p><p>Lain.</p>", f"<p>{escape(payload)}</p>"):
        check(sanitize(html, BASE).markup)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_within_attributes_too(payload: str) -> None:
    value = escape(payload)
    check(
        sanitize(f'<p><img src="/a.jpg" alt="{value}"><a href="/b" title="{value}">teks</a></p>', BASE).markup
    )


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_no_attribute_takes_a_hostile_address(address: str) -> None:
    value = escape(address)
    markup = sanitize(
        f'<p><a href="{value}">teks</a><img src="{value}" data-src="{value}" srcset="{value} 2x">'
        f'<video src="{value}" poster="{value}"><source src="{value}"></video><q cite="{value}">kutip</q>'
        f'<iframe src="{value}" data-src="{value}"></iframe></p>'
        f'<blockquote cite="{value}" data-instgrm-permalink="{value}">kutip</blockquote>',
        BASE,
    ).markup
    check(markup)
    assert "teks" in markup
    assert not re.search(r"<iframe|xss\('1'\)\"|javascript:|data:|onmouseover=\"", markup)
