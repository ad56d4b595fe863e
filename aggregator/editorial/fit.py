"""A settled story becomes fit to print: the terms applied, the credit line set, nothing left to decide."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import Literal

from aggregator.config.model import Config, Partner
from aggregator.editorial.attribution import credit_line, figure, paragraph, with_credit
from aggregator.editorial.blocks import one_line
from aggregator.editorial.chain import chain_of
from aggregator.editorial.facets import label_of, primary_language
from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.terms import Allowance, allowance
from aggregator.model.entry import Image
from aggregator.model.facet import Facet, FacetKind
from aggregator.model.html import SafeHtml
from aggregator.model.story import Category, Origin, PrintStory, StoredEntry, Story

_KINDS: tuple[FacetKind, ...] = ("place", "genre", "language")
TITLE_WORDS = 12
SUMMARY_WORDS = 40
# A partner's own summary is kept as it is, unless the whole article was put there.
OWN_SUMMARY_WORDS = 80
# What a feed names where its site's software asked for no person.
NOBODY = frozenset(
    (
        "admin",
        "administrator",
        "superadmin",
        "super admin",
        "webmaster",
        "web admin",
        "root",
        "user",
        "author",
    )
) | frozenset(("redaksi", "tim redaksi", "redaktur", "editor", "penulis", "reporter", "newsroom", "newsdesk"))

# Scripts that put no spaces between words (Thai to Tibetan, Burmese, Khmer, Chinese and Japanese): two characters are
# taken for a word. Of the others, what is longer than any word counts as several.
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_UNSPACED}]{{1,2}}|[^\s{_UNSPACED}]{{1,60}}")


def lead_of(story: Story) -> StoredEntry:
    """The entry that readers are shown. Raises KeyError for a story that was never settled."""
    return {stored.entry_id: stored for stored in story.entries}[story.shown_entry_id or 0]


def fit_to_print(story: Story, config: Config, content: SafeHtml) -> PrintStory:
    """``story`` is settled and published, ``content`` its lead's sanitized body, with images as allowed.

    Full text gets the credit line, an excerpt is the first words and the credit line, and where the terms
    allow no more, the credit line stands alone. Raises KeyError when the lead's partner is not in the
    configuration; ``settle`` has refused such a story.
    """
    published = story.published
    assert published is not None
    lead = lead_of(story)
    partner = config.partner(lead.partner_id)
    source = config.find_source(lead.source_id)
    allowed = allowance(partner)
    credit = credit_of(story, lead, partner, config)
    summary = _summary(lead, partner, allowed)
    image = _image(lead) if allowed.images else None
    return PrintStory(
        id=published.id,
        url=published.url,
        title=story.override_title or headline_of(lead, config),
        published_at=published.published_at,
        updated_at=story.updated_at or published.published_at,
        authors=_authors(lead),
        categories=_categories(story, config),
        summary=summary,
        content=_content(lead, partner, credit, content),
        origin=Origin(partner.name, partner.url, source.url if source else "", source.url if source else ""),
        via_url=lead.entry.url or lead.canonical_url,
        image=image,
        language=_language(story, config),
        excerpt=with_credit(paragraph(summary), credit, _position(partner)),
        picture=figure(image) if image else None,
        site_url=(config.site.story_url or "").replace("{id}", published.id.removeprefix("urn:uuid:")),
    )


def _categories(story: Story, config: Config) -> tuple[Category, ...]:
    """Topics in the order of menus, then facets; that a story is in the site's own language is said by the feed."""
    topics = [Category(one.id, one.title, one.iptc or "") for one in config.topics if one.id in story.topics]
    facets = [
        Category(facet.code, label_of(facet), kind=facet.kind)
        for facet in sorted(story.facets, key=lambda one: _KINDS.index(one.kind))
        if facet != Facet("language", primary_language(config.site.language))
    ]
    return (*topics, *facets)


def _language(story: Story, config: Config) -> str:
    """As the site says its own; any other by its code alone."""
    own = config.site.language
    code = next((one.code for one in story.facets if one.kind == "language"), own)
    return own if code == primary_language(own) else code


def headline_of(lead: StoredEntry, config: Config) -> str:
    """Never empty: the partner's headline without its source's prefixes, or first words, or the address."""
    source = config.find_source(lead.source_id)
    title = lead.entry.title
    for prefix in source.title_prefix_strip if source else ():
        title = title.removeprefix(prefix)
    return title.strip() or _first_words(lead.text, TITLE_WORDS) or lead.entry.title.strip() or lead.entry.url


def _authors(lead: StoredEntry) -> tuple[str, ...]:
    """As the feed names them; where it names nobody, as the text did before its credits were taken out."""
    named = tuple(author for author in lead.entry.authors if author.casefold() not in NOBODY)
    return named or lead.facts.reporters or lead.entry.authors


def _image(lead: StoredEntry) -> Image | None:
    image = lead.entry.image
    return replace(image, credit=lead.facts.image_credit) if image and not image.credit else image


def _summary(lead: StoredEntry, partner: Partner, allowed: Allowance) -> str:
    if allowed.content == "headline":
        return ""
    if allowed.content == "excerpt":
        return _excerpt(lead, allowed)
    own = one_line(plain_text(lead.entry.summary_html, partner.cut_rules))
    return _first_words(own, OWN_SUMMARY_WORDS) if own else _first_words(lead.text, SUMMARY_WORDS)


def _excerpt(lead: StoredEntry, allowed: Allowance) -> str:
    """All that an excerpt shows: body and summary are the same words, so that together they are no more."""
    return _first_words(lead.text, allowed.excerpt_words)


def credit_of(story: Story, lead: StoredEntry, partner: Partner, config: Config) -> SafeHtml:
    """The credit line, which names the article as its partner does, whatever our own headline for it is.

    An entry without a date is credited with the one that its story was published under.
    """
    published_at = story.published.published_at if story.published else None
    return credit_line(
        chain_of(lead, partner, config.partners, config.site.dateline),
        config.site,
        headline=headline_of(lead, config),
        author=", ".join(_authors(lead)),
        published_at=lead.entry.published_at or published_at,
        url=lead.entry.url or lead.canonical_url,
    )


def _content(lead: StoredEntry, partner: Partner, credit: SafeHtml, full: SafeHtml) -> SafeHtml:
    allowed = allowance(partner)
    if allowed.content == "headline":
        return credit
    # An entry without a body of its own was read by its summary, and is shown by it.
    body = full or paragraph(lead.text)
    if allowed.content == "excerpt":
        body = paragraph(_excerpt(lead, allowed))
    return with_credit(body, credit, _position(partner))


def _position(partner: Partner) -> Literal["lead", "end"]:
    return partner.attribution.position if partner.attribution else "end"


def _first_words(text: str, limit: int) -> str:
    """The first words on one line, with an ellipsis where some were left out."""
    line = " ".join(text.split())
    more = next(islice(_WORD.finditer(line), limit, None), None)
    return line if more is None else f"{line[: more.start()].rstrip()}…"
