"""Which stored entries a new one is a copy of, and why: the same address, a credit that names it, or the same words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aggregator.editorial.contradictions import is_of_the_day
from aggregator.editorial.recognise import are_unlike, is_in_slug, numbered_apart
from aggregator.editorial.similarity import is_another_day, is_one_form, particulars_differ, same_article
from aggregator.editorial.sketch import MIN_TITLE_WORDS
from aggregator.editorial.wording import Wording, share_of_fewer, shingles_of, wording
from aggregator.model.entry import Candidate, KnownEntry, Provenance
from aggregator.model.hosts import host_of, is_within

# A headline is the one that a credit names when it shares so many of its words; editors shorten and mend them.
CREDITED_TITLE = 0.8
# Where a credit is not certain, so many of the names and numbers must stand in both.
MIN_KINSHIP = 0.25
# Quotations are kept word for word where everything around them is rewritten.
MIN_SHARED_QUOTES = 0.5
# Other articles on the same event share so many names of several words, and so many of those of one.
MIN_SHARED_NAMES, RELATED_NAMES = 4, 0.3

Domains = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Match:
    """A stored entry that a candidate is a copy of; the score is 1 where more than words say so."""

    entry: KnownEntry
    score: float
    reason: str


def by_address(candidate: Candidate, name: str, entries: Iterable[KnownEntry]) -> Match | None:
    """The first of those that share the rung ``name`` (article_id or canonical_url), unless they are two articles."""
    words = {"article_id": "article id", "canonical_url": "address"}[name]
    for entry in entries:
        is_other = name == "article_id" and is_in_slug(candidate.identity) and are_unlike(candidate, entry)
        if not is_other and not numbered_apart(entry.identity, candidate.identity):
            return Match(entry, 1.0, f"same {words} as {entry.source_id}")
    return None


def by_words(candidate: Candidate, entry: KnownEntry, partner_id: str, domains: Domains) -> Match | None:
    """Whether the two are one article as their credits or their texts say."""
    if reason := _credited(candidate, entry, partner_id, domains):
        return Match(entry, 1.0, reason.format(source=entry.source_id))
    score = same_article(
        candidate.entry.title,
        candidate.text,
        entry.title,
        entry.text,
        within_partner=entry.partner_id == partner_id,
    )
    return None if score is None else Match(entry, score, f"similarity {score:.2f} with {entry.source_id}")


def is_related(candidate: Candidate, entry: KnownEntry) -> bool:
    """Whether two articles that are not one speak of the same event: their names and days say so."""
    names, others = _full_names(candidate.text), _full_names(entry.text)
    shared = len(names & others)
    if shared < MIN_SHARED_NAMES or shared < RELATED_NAMES * min(len(names), len(others)):
        return False
    return not is_another_day(wording(candidate.text), wording(entry.text))


@lru_cache(maxsize=1024)
def _full_names(text: str) -> frozenset[str]:
    """Kept longer than the rest of a text's wording: the same stored entries come up for feed after feed."""
    return wording(text).full_names


def _credited(candidate: Candidate, entry: KnownEntry, partner_id: str, domains: Domains) -> str:
    """Why a credit says so: one names the other, or both name the same original; '' when none does.

    In words in which ``{source}`` stands for where the stored entry is from.
    """
    own_host, other_host = host_of(candidate.identity.canonical_url), host_of(entry.identity.canonical_url)
    texts = wording(candidate.text), wording(entry.text)
    own, other = candidate.provenance, entry.provenance
    names_other = own and _is_at(own, other_host, domains.get(entry.partner_id, ()))
    if own and names_other and _names(own, entry.title, *texts):
        return "its credit names the article of {source}"
    is_named = other and _is_at(other, own_host, domains.get(partner_id, ()))
    if other and is_named and _names(other, candidate.entry.title, *texts):
        return "the credit of {source} names it"
    is_of_another = entry.partner_id != partner_id
    if own and other and is_of_another and _is_carried(own) and _is_carried(other) and own.host == other.host:
        return (
            "credits the same original as {source}" if own.title and _names(own, other.title, *texts) else ""
        )
    return ""


def _is_carried(credit: Provenance) -> bool:
    """Whether the text says that it is the other's article, and does not only refer to it."""
    return credit.form in ("carried", "reposted")


def _names(credit: Provenance, title: str, text: Wording, other_text: Wording) -> bool:
    """Whether the credit means the article of that headline; of a mere reference quotations must tell.

    A column returns under its headline, so that no day may speak against it.
    """
    if is_another_day(text, other_text):
        return False
    if not credit.title or not _is_carried(credit):
        quotes = _shared_quotes(text, other_text)
        return quotes >= MIN_SHARED_QUOTES and not particulars_differ(text, other_text)
    credited, own = wording(credit.title), wording(title)
    shared = len(set(credited.words) & set(own.words))
    if is_one_form(credited, own) or shared < CREDITED_TITLE * max(
        len(set(credited.words)), len(set(own.words)), MIN_TITLE_WORDS
    ):
        return False
    # A site is certain, an outlet's name is not; nor is a headline of the day.
    is_certain = bool(credit.host) and not is_of_the_day(own)
    return is_certain or _kinship(text, other_text) >= MIN_KINSHIP


def _kinship(a: Wording, b: Wording) -> float:
    """Shared names and numbers of those of the text that has fewer; 1 where one has none at all."""
    return share_of_fewer(a.names | a.numbers, b.names | b.numbers, of_none=1.0)


def _shared_quotes(a: Wording, b: Wording) -> float:
    """Shared words of what is quoted, of the text that quotes less."""
    in_a, in_b = ({shingle for quote in one.quotes for shingle in shingles_of(quote)} for one in (a, b))
    return share_of_fewer(in_a, in_b)


def _is_at(credit: Provenance, host: str, domains: Sequence[str]) -> bool:
    """Whether the credited host is that of the article, or of its partner; of an outlet's name only the title tells."""
    if not credit.host:
        return bool(credit.title)
    return is_within(credit.host, domains) or is_within(host, [credit.host])
