"""The credit line: fixed fields of the partner's formula, every value escaped, only the headline marked up.

Templates are read here and never handed to ``str.format``, which would let a template reach into our objects.
One of the three places that make SafeHtml, by escaping; so an excerpt's paragraph is made here too.
"""

from __future__ import annotations

import re
from datetime import datetime
from html import escape, unescape
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date

from aggregator.config.model import Partner, Site
from aggregator.editorial.blocks import one_line
from aggregator.model.html import SafeHtml

HOUSE_FORMULA = "dikutip dari {origin} dengan judul {headline}"

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_BLOCKS = frozenset(
    ("p", "div", "blockquote", "ul", "ol", "li", "section", "article", "figure", "h2", "h3", "h4", "h5", "h6")
)
_PARTING = _BLOCKS | {"br", "hr", "td", "th", "tr", "dt", "dd", "figcaption", "pre"}
_MEDIA = frozenset(("img", "video", "audio", "iframe"))


def credit_line(
    partner: Partner,
    network: Partner | None,
    site: Site,
    *,
    headline: str,
    author: str = "",
    published_at: datetime | None = None,
    url: str = "",
) -> SafeHtml:
    """The partner's formula, or the house's, filled in: one ``<p>`` of text with the headline as a link.

    A field that does not exist is left out (the configuration's check refuses it earlier); a value that is
    not known is ''. Dates are written the Indonesian way in the site's time zone.
    """
    fields = {
        "origin": partner.domains[0],
        "network": network.domains[0] if network else "",
        "site": (urlsplit(site.url).hostname or "").removeprefix("www."),
        "author": author,
        "date": _long_date(published_at, site.timezone),
        "url": url,
        "partner": partner.name,
    }
    markup = {name: escape(one_line(value)) for name, value in fields.items()}
    markup["headline"] = _linked(headline, url)
    template = partner.attribution.template if partner.attribution else HOUSE_FORMULA
    return SafeHtml(f"<p>{_filled(template, markup) or _filled(HOUSE_FORMULA, markup)}</p>")


def credit_text(credit: SafeHtml) -> str:
    """What a reader reads: without tags, white space collapsed."""
    return _text(credit.markup)


def paragraph(text: str) -> SafeHtml:
    """Plain text as one paragraph, escaped; '' stays ''."""
    line = one_line(text)
    return SafeHtml(f"<p>{escape(line)}</p>" if line else "")


def with_credit(body: SafeHtml, credit: SafeHtml, position: Literal["lead", "end"]) -> SafeHtml:
    """The body with its credit line, once: a block at either edge that reads the same is replaced.

    Only whole blocks are compared, so a credit within a sentence of the article is never cut.
    """
    markup, line = body.markup, credit_text(credit)
    while line and (edge := _edge_block(markup, line)):
        markup = markup[: edge[0]] + markup[edge[1] :]
    return SafeHtml(credit.markup + markup if position == "lead" else markup + credit.markup)


def _filled(template: str, markup: dict[str, str]) -> str:
    """The template with markup for its fields, everything else escaped; ``{{`` and ``}}`` are braces."""
    template = one_line(template)
    pieces, start = [], 0
    for match in _PIECE.finditer(template):
        pieces.append(escape(template[start : match.start()]))
        name = match.group(1)
        pieces.append(match.group()[0] if name is None else markup.get(name.strip(), ""))
        start = match.end()
    return "".join([*pieces, escape(template[start:])]).strip()


def _linked(headline: str, url: str) -> str:
    words = escape(one_line(headline))
    if not url.startswith(("http://", "https://")):
        return words
    return f'<a href="{escape(one_line(url))}" rel="noopener">{words}</a>'


def _long_date(moment: datetime | None, timezone: str) -> str:
    """``8 Maret 2022``; '' for None."""
    if moment is None:
        return ""
    return format_date(moment.astimezone(ZoneInfo(timezone)).date(), format="long", locale="id")


def _text(markup: str) -> str:
    """What a reader reads: blocks and line breaks part words, inline tags do not; media are no text."""
    return " ".join(unescape(_TAG.sub(_spelled, markup)).split())


def _spelled(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name in _MEDIA:
        return "\N{OBJECT REPLACEMENT CHARACTER}"
    return " " if name in _PARTING else ""


def _edge_block(markup: str, line: str) -> tuple[int, int] | None:
    """Where the first or the last thing that shows stands in a block that reads exactly ``line``."""
    blocks, shown_at = _outline(markup)
    for start, end in blocks:
        at_edge = any(start <= place < end for place in (shown_at[:1] + shown_at[-1:]))
        if at_edge and _text(markup[start:end]) == line:
            return start, end
    return None


def _outline(markup: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Spans of all blocks, outer before inner, and the offsets at which text or media show."""
    blocks, shown_at, open_blocks, text_from = [], [], [], 0
    for tag in _TAG.finditer(markup):
        name = tag[2].lower()
        if markup[text_from : tag.start()].strip():
            shown_at.append(text_from)
        if name in _MEDIA:
            shown_at.append(tag.start())
        if name in _BLOCKS and not tag[1]:
            open_blocks.append(tag.start())
        elif name in _BLOCKS and open_blocks:
            blocks.append((open_blocks.pop(), tag.end()))
        text_from = tag.end()
    if markup[text_from:].strip():
        shown_at.append(text_from)
    return sorted(blocks), shown_at
