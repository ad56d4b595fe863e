"""The credit line, character for character, and its place in the body."""

from __future__ import annotations

import re
import time
from html import escape

import pytest
from editorial_desk.editorial_samples import (
    CREDIT,
    HEADLINE,
    ORIGIN_URL,
    PIKIRAN_RAKYAT,
    PUBLISHED_AT,
    SITE,
)
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.attribution import (
    HOUSE_FORMULA,
    Chain,
    credit_line,
    credit_text,
    paragraph,
    with_credit,
)
from aggregator.editorial.blocks import one_line
from aggregator.model.html import SafeHtml


def line(template: str, **more: object) -> SafeHtml:
    chain = Chain(template, "pikiran-rakyat.com", "indonesiadaily.co.id", "Pikiran Rakyat")
    return credit_line(chain, SITE, **({"headline": HEADLINE, "url": ORIGIN_URL} | more))  # type: ignore[arg-type]


SAMPLE = line(PIKIRAN_RAKYAT.attribution.template)  # type: ignore[union-attr]


def test_the_sample_reads_character_for_character() -> None:
    assert credit_text(SAMPLE) == CREDIT
    before = CREDIT.removesuffix(HEADLINE)
    assert SAMPLE.markup == f'<p>{before}<a href="{ORIGIN_URL}" rel="noopener">{HEADLINE}</a></p>'


@pytest.mark.parametrize(
    "template, expected",
    [
        (
            "{origin}|{network}|{site}|{partner}",
            "pikiran-rakyat.com|indonesiadaily.co.id|jambiseru.com|Pikiran Rakyat",
        ),
        ("oleh {author}, {date}", "oleh Siti Aminah, 8 Maret 2022"),
        ("{url}", ORIGIN_URL),
        ("{{origin}} dan }}{{", "{origin} dan }{"),
        ("x {tidak_ada} y {headline.__class__} z {0} {", "x y z {"),
        ("<b>{headline}</b> & co", f"<b>{HEADLINE}</b> & co"),
        ("{ headline }.", f"{HEADLINE}."),
        ("{tidak_ada}", f"dikutip dari pikiran-rakyat.com dengan judul {HEADLINE}"),
    ],
)
def test_templates_fill_fixed_fields_only(template: str, expected: str) -> None:
    assert credit_text(line(template, author="Siti Aminah", published_at=PUBLISHED_AT)) == expected


def test_without_attribution_the_house_formula() -> None:
    credit = credit_line(Chain(HOUSE_FORMULA, "indonesiadaily.co.id"), SITE, headline=HEADLINE)
    assert credit_text(credit) == f"dikutip dari indonesiadaily.co.id dengan judul {HEADLINE}"


def test_the_date_is_the_sites_day() -> None:
    late = PUBLISHED_AT.replace(hour=17)
    assert credit_text(line("{date}", published_at=late)) == "9 Maret 2022"


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "ftp://a.example/"])
def test_only_http_addresses_are_linked(url: str) -> None:
    assert line("{headline}", url=url) == SafeHtml(f"<p>{HEADLINE}</p>")


@given(st.text(), st.text())
def test_values_are_escaped_and_read_back(headline: str, author: str) -> None:
    credit = line("oleh {author} dengan judul {headline}", headline=headline, author=author)
    assert credit_text(credit) == one_line(f"oleh {author} dengan judul {headline}")


@given(st.text(), st.text(), st.text(), st.text(min_size=1))
def test_nothing_but_the_headlines_link_is_markup(
    headline: str, author: str, url: str, template: str
) -> None:
    credit = line(
        f"x{template}{{author}}{{headline}}", headline=headline, author=author, url=f"https://{url}"
    )
    tags = re.findall(r"<[^>]*>", credit.markup)
    assert {re.sub(r'href="[^"]*"', "href", tag) for tag in tags} <= {
        "<p>",
        "</p>",
        '<a href rel="noopener">',
        "</a>",
    }
    assert not re.search(r"[\x00-\x1f\ud800-\udfff]", credit.markup)


BODY = "<p>Isi berita.</p>"
BARE = f"<p>{escape(CREDIT)}</p>"


@pytest.mark.parametrize(
    "body, position, expected",
    [
        pytest.param(BODY, "end", f"{BODY}{SAMPLE.markup}", id="end"),
        pytest.param(BODY, "lead", f"{SAMPLE.markup}{BODY}", id="lead"),
        pytest.param("", "end", SAMPLE.markup, id="no body"),
        pytest.param(f"{BODY}{BARE}", "end", f"{BODY}{SAMPLE.markup}", id="already at the end"),
        pytest.param(f"{BARE}{BODY}", "end", f"{BODY}{SAMPLE.markup}", id="already at the beginning"),
        pytest.param(f"{BODY}{BARE}{BARE}\n", "end", f"{BODY}\n{SAMPLE.markup}", id="twice already"),
        pytest.param(
            f"{BODY}<div>\n<p>{CREDIT.replace(' ', '&nbsp;  ')}</p></div>",
            "end",
            f"{BODY}{SAMPLE.markup}",
            id="in a div",
        ),
        pytest.param(
            f"<div>{BODY}<p>{CREDIT}</p></div>",
            "end",
            f"<div>{BODY}</div>{SAMPLE.markup}",
            id="last of a wrapper",
        ),
        pytest.param(
            f"<ul><li>{CREDIT}</li><li>{CREDIT}</li></ul>{BODY}", "end", f"{BODY}{SAMPLE.markup}", id="list"
        ),
        pytest.param(
            f"<div>{BARE}{CREDIT}</div>{BODY}", "end", f"{BODY}{SAMPLE.markup}", id="what is left of a block"
        ),
        pytest.param(f"{BARE}{BODY}{BARE}", "lead", f"{SAMPLE.markup}{BODY}", id="at both edges"),
        pytest.param(
            f"<p> </p>{BODY}", "end", f"<p> </p>{BODY}{SAMPLE.markup}", id="an empty block is no credit"
        ),
        pytest.param(
            f"{BODY}{BARE}{BODY}", "end", f"{BODY}{BARE}{BODY}{SAMPLE.markup}", id="in the middle it stays"
        ),
        pytest.param(
            f"<p>Katanya, {CREDIT}.</p>",
            "end",
            f"<p>Katanya, {CREDIT}.</p>{SAMPLE.markup}",
            id="within a sentence",
        ),
        pytest.param(
            f'<div><img src="https://a/b.jpg">{CREDIT}</div>',
            "end",
            f'<div><img src="https://a/b.jpg">{CREDIT}</div>{SAMPLE.markup}',
            id="with an image",
        ),
        pytest.param(
            f'{BARE}<p><img src="https://a/b.jpg"></p>',
            "end",
            f'<p><img src="https://a/b.jpg"></p>{SAMPLE.markup}',
            id="before an image",
        ),
    ],
)
def test_the_credit_stands_once(body: str, position: str, expected: str) -> None:
    assert with_credit(SafeHtml(body), SAMPLE, position).markup == expected  # type: ignore[arg-type]


MANY = 5_000


@pytest.mark.parametrize(
    "body, expected",
    [
        pytest.param(BODY + BARE * MANY, BODY, id="end"),
        pytest.param(BARE * MANY + BODY, BODY, id="beginning"),
        pytest.param(f"<ul>{f'<li>{CREDIT}</li>' * MANY}</ul>", "", id="list"),
        pytest.param(f"{'<div>' * MANY}{CREDIT}{'</div>' * MANY}", "", id="nested"),
        pytest.param((BODY + BARE) * MANY, (BODY + BARE) * (MANY - 1) + BODY, id="between paragraphs"),
    ],
)
def test_thousands_of_credits_cost_one_reading(body: str, expected: str) -> None:
    began_s = time.perf_counter()
    assert with_credit(SafeHtml(body), SAMPLE, "end").markup == expected + SAMPLE.markup
    assert time.perf_counter() - began_s < 2


BLOCKS = st.recursive(
    st.sampled_from(["Teks", CREDIT, " ", "<br>", '<img src="https://a/b">', BARE, SAMPLE.markup]),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(["div", "p", "blockquote", "em"]),
        st.lists(inner, max_size=3),
    ),
)


@given(st.lists(BLOCKS, max_size=4).map("".join), st.sampled_from(["lead", "end"]))
def test_crediting_twice_changes_nothing(body: str, position: str) -> None:
    once = with_credit(SafeHtml(body), SAMPLE, position)  # type: ignore[arg-type]
    assert with_credit(once, SAMPLE, position) == once  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, markup",
    [("", ""), (" \n", ""), ("a\nb <i> & c", "<p>a b &lt;i&gt; &amp; c</p>"), ("a\x00\ud800b", "<p>ab</p>")],
)
def test_paragraph_escapes(text: str, markup: str) -> None:
    assert paragraph(text) == SafeHtml(markup)
