"""What a person should look at in entries, and what was cut out of them: nothing is decided or repaired here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from aggregator.config.model import Config, Partner
from aggregator.editorial.chain import true_origin
from aggregator.editorial.cut_rules import load_rules
from aggregator.editorial.names import is_fact_site
from aggregator.editorial.terms import allowance
from aggregator.model.entry import Provenance
from aggregator.model.hosts import host_of, hosts_above, is_within
from aggregator.model.reading import Cut, Doubt, Facts
from aggregator.model.review import Finding, Review, ReviewedEntry

# What ``credits`` calls the texts that it takes; a test compares.
CREDIT_RULES = frozenset({
    "byline", "credit-copyright", "credit-initials", "credit-name", "credit-people", "credit-stars", "dateline",
    "repeated-credit", "source-credit",
})  # fmt: skip

REVIEWED = timedelta(days=7)  # so long an entry is news
_SHOWN = {"full": "in full", "excerpt": "as an excerpt", "headline": "as headline and link"}


class Reviewable(Protocol):
    """An entry, in whichever form, with what doubts are told by. ``address`` is '' where it has none."""

    @property
    def partner_id(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def provenance(self) -> Provenance | None: ...


class Reviewer:
    """Tells doubts about entries under one configuration."""

    def __init__(self, config: Config) -> None:
        self._partners = {partner.id: partner for partner in config.partners}
        self._owners = {domain: partner for partner in config.partners for domain in partner.domains}
        self._own_host = host_of(config.site.url)

    def doubts_of(self, entry: Reviewable) -> tuple[Doubt, ...]:
        """What a person should look at.

        Beside the doubts about its text (``pasted-in``, ``correction``, ``rule``) these are ``origin``, where another
        site wrote the text that is no partner of ours, and ``host``, where its address is not on its partner's domains.
        """
        partner = self._partners.get(entry.partner_id)
        texts = tuple(
            _about_rule(one, entry.partner_id) if one.kind == "rule" else one for one in entry.facts.doubts
        )
        if partner is None:  # nothing of it is published anew
            return texts
        others = (self._about_origin(entry.provenance, partner), self._about_host(entry.address, partner))
        return (*texts, *(one for one in others if one is not None))

    def _about_origin(self, credit: Provenance | None, partner: Partner) -> Doubt | None:
        origin = true_origin(credit, partner)
        if origin is None or self._owner(origin.host):
            return None
        if is_fact_site(origin.host) or is_within(origin.host, [self._own_host]):
            return None
        how = _SHOWN[allowance(partner).content]
        words = f"its origin {origin.host} is no partner of ours: published {how}, as the terms of {partner.id} allow"
        return Doubt("origin", words)

    def _about_host(self, address: str, partner: Partner) -> Doubt | None:
        host = urlsplit(address).hostname or ""
        owner = self._owner(host)
        if not host or owner is partner:
            return None
        if owner:
            return Doubt(
                "host",
                f"its address is on {host}, a host of {owner.id}, but its source is one of {partner.id}",
            )
        words = f"its address is on {host}, in nobody's domains: is it published by {partner.id}? then add it there"
        return Doubt("host", words)

    def _owner(self, host: str) -> Partner | None:
        """Whose a host is."""
        return next((self._owners[one] for one in (host, *hosts_above(host)) if one in self._owners), None)


def known_rules(config: Config) -> frozenset[str]:
    """Ids of all rules by which a text may be cut: the house's, those for credits, and partners' own."""
    own = max((len(partner.cut) for partner in config.partners), default=0)
    return CREDIT_RULES | {rule.id for rule in load_rules()} | {f"cut[{number}]" for number in range(own)}


def review(
    entries: Iterable[ReviewedEntry], config: Config, *, rule: str = "", doubts_only: bool = False, limit: int
) -> Review:
    """What there is to review in the entries, in their order, at most ``limit`` of them listed.

    ``rule`` looks for what that rule cut and nothing else; ``doubts_only`` leaves out what was cut, and lists what
    readers get first.
    """
    reviewer = Reviewer(config)
    looked_at, found = 0, []
    for entry in entries:
        looked_at += 1
        cuts = () if doubts_only else tuple(cut for cut in entry.facts.cuts if rule in ("", cut.rule))
        doubts = () if rule else reviewer.doubts_of(entry)
        if cuts or doubts:
            found.append((entry, cuts, doubts))
    listed = sorted(found, key=lambda one: not one[0].is_shown) if doubts_only else found
    return Review(
        entries=looked_at,
        found=len(found),
        findings=tuple(_finding(*one) for one in listed[:limit]),
        cuts=_counted(cut.rule for _, cuts, _ in found for cut in cuts),
        doubts=_counted(doubt.kind for _, _, doubts in found for doubt in doubts),
    )


def _finding(entry: ReviewedEntry, cuts: tuple[Cut, ...], doubts: tuple[Doubt, ...]) -> Finding:
    if entry.is_shown:
        standing = "published"
    elif entry.refusal:
        standing = f"in no feed: {entry.refusal}"
    else:
        standing = "a copy: readers get another entry of its story" if entry.is_copy else "in no feed now"
    return Finding(
        story_id=entry.story_id,
        source_id=entry.source_id,
        title=_visible(entry.title),
        address=_visible(entry.address),
        first_seen_at=entry.first_seen_at,
        standing=_visible(standing),
        cuts=tuple(replace(cut, text=_visible(cut.text)) for cut in cuts),
        doubts=tuple(replace(doubt, text=_visible(doubt.text)) for doubt in doubts),
    )


def _about_rule(doubt: Doubt, partner_id: str) -> Doubt:
    return Doubt("rule", f"{doubt.text} and was given up: look at that rule of {partner_id} in feeds.yaml")


def _counted(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Most first, of equals by name."""
    return tuple(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))


def _visible(text: str) -> str:
    """On one line, without control characters and what else terminals obey."""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.split())
