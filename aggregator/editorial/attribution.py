"""The credit line: fixed fields of the partner's formula, every value escaped, only the headline marked up.

Templates are read here and never handed to ``str.format``, which would let a template reach into our objects.
One of the three places that make SafeHtml, by escaping; so an excerpt's paragraph is made here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from aggregator.config.model import Site
from aggregator.editorial.blocks import one_line
from aggregator.model.entry import Image
from aggregator.model.hosts import host_of
from aggregator.model.html import SafeHtml

HOUSE_FORMULA = "dikutip dari {origin} dengan judul {headline}"

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_BLOCKS = frozenset(
    ("p", "div", "blockquote", "ul", "ol", "li", "section", "article", "figure", "h2", "h3", "h4", "h5", "h6")
)
_MEDIA = frozenset(("img", "video", "audio", "iframe"))
_MEDIUM = "\N{OBJECT REPLACEMENT CHARACTER}"  # how a medium reads: it is no text, but it shows


@dataclass(frozen=True, slots=True)
class Chain:
    """Whom a credit line names, and by which formula; ``network`` is '' where none stands between origin and us."""

    template: str
    origin: str  # a host, as is network
    network: str = ""
    partner: str = ""  # a name
    headline: str = ""  # at the origin, '' where it is the story's


def credit_line(
    chain: Chain,
    site: Site,
    *,
    headline: str,
    author: str = "",
    published_at: datetime | None = None,
    url: str = "",
) -> SafeHtml:
    """A formula filled in: one ``<p>`` of text with the headline as a link.

    A field that does not exist is left out (the configuration's check refuses it earlier); a value that is
    not known is ''. Dates are written the Indonesian way in the site's time zone.
    """
    fields = {
        "origin": chain.origin,
        "network": chain.network,
        "site": host_of(site.url),
        "author": author,
        "date": _long_date(published_at, site.timezone),
        "url": url,
        "partner": chain.partner,
    }
    markup = {name: escape(one_line(value)) for name, value in fields.items()}
    markup["headline"] = _linked(chain.headline or headline, url)
    return SafeHtml(f"<p>{_filled(chain.template, markup) or _filled(HOUSE_FORMULA, markup)}</p>")


def names_network(template: str) -> bool:
    """Whether a formula has a place for who carried the article."""
    return any(match.group(1) and match.group(1).strip() == "network" for match in _PIECE.finditer(template))


def credit_text(credit: SafeHtml) -> str:
    """What a reader reads: without tags, white space collapsed."""
    return " ".join(unescape(_TAG.sub("", credit.markup)).split())


def paragraph(text: str) -> SafeHtml:
    """Plain text as one paragraph, escaped; '' stays ''."""
    line = one_line(text)
    return SafeHtml(f"<p>{escape(line)}</p>" if line else "")


def figure(image: Image) -> SafeHtml | None:
    """A picture as a figure with its credit, escaped; None for one that stands at no http address."""
    if not image.url.startswith(("http://", "https://")):
        return None
    sizes = "".join(
        f' {name}="{size}"' for name, size in (("width", image.width), ("height", image.height)) if size
    )
    caption = f"<figcaption>{escape(one_line(image.credit))}</figcaption>" if image.credit else ""
    source, alt = escape(one_line(image.url)), escape(one_line(image.alt))
    return SafeHtml(f'<figure><img src="{source}" alt="{alt}"{sizes} loading="lazy">{caption}</figure>')


def with_credit(body: SafeHtml, credit: SafeHtml, position: Literal["lead", "end"]) -> SafeHtml:
    """The body with its credit line, once: blocks at either edge that read the same are replaced.

    Only whole blocks are compared, so a credit within a sentence of the article is never cut.
    """
    markup = _without_edges(body.markup, _squeezed(credit_text(credit)))
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


@dataclass(frozen=True, slots=True)
class _Block:
    """Where a block stands in the markup, and its text in what all of the markup reads."""

    start: int
    end: int
    text_start: int
    text_end: int


def _without_edges(markup: str, line: str) -> str:
    """Without the blocks at either edge that read ``line`` (squeezed), nor wrappers that held nothing else.

    One reading of the markup, however often the line stands there: partners' bodies are untrusted input.
    """
    shown = _squeezed(unescape(_TAG.sub(" ", markup)))
    if not shown.startswith(line) and not shown.endswith(line):  # as most do not
        return markup
    text, blocks = _outline(markup)
    first = _stripped(text, [(block.text_start, block.text_end) for block in blocks], line)
    rest, size = text[first:], len(text)
    mirrored = [(size - block.text_end, size - max(block.text_start, first)) for block in blocks]
    last = size - _stripped(rest[::-1], mirrored, line[::-1])
    kept, kept_to = [], 0
    for block in sorted(blocks, key=lambda block: block.start):
        shows_nothing_more = max(block.text_start, first) >= min(block.text_end, last)
        if block.start >= kept_to and block.text_start < block.text_end and shows_nothing_more:
            kept.append(markup[kept_to : block.start])
            kept_to = block.end
    return "".join([*kept, markup[kept_to:]])


def _stripped(text: str, spans: list[tuple[int, int]], line: str) -> int:
    """How much of the text's beginning goes when each span that stands there and reads ``line`` is taken away.

    Spans are looked at in the order in which they end: what an inner one leaves of an outer one may read so too.
    """
    at = 0
    for start, end in sorted(spans, key=lambda span: span[1]):
        if start <= at and end - at == len(line) and text.startswith(line, at):
            at = end
    return at


def _outline(markup: str) -> tuple[str, list[_Block]]:
    """All that shows, squeezed, and the spans of all blocks."""
    pieces: list[str] = []
    blocks, open_blocks = [], []
    size = read_to = 0
    for tag in _TAG.finditer(markup):
        name = tag[2].lower()
        piece = _squeezed(unescape(markup[read_to : tag.start()])) + (_MEDIUM if name in _MEDIA else "")
        pieces.append(piece)
        size += len(piece)
        read_to = tag.end()
        if name in _BLOCKS and not tag[1]:
            open_blocks.append((tag.start(), size))
        elif name in _BLOCKS and open_blocks:
            start, text_start = open_blocks.pop()
            blocks.append(_Block(start, tag.end(), text_start, size))
    pieces.append(_squeezed(unescape(markup[read_to:])))
    return "".join(pieces), blocks


def _squeezed(text: str) -> str:
    """Without any white space: how much of it stands between words is nothing that a reader compares."""
    return "".join(text.split())
