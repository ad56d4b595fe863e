"""What the desk makes of labelled pairs: its own functions from preparing to deciding, as in a visit.

Of each pair one article is taken as stored and the other as arriving, then the other way round; a pair is joined when
either is decided to be a copy. Labels speak of articles, not of contracts: every pair is judged as coming from two
partners, and those whose sites share a registrable domain once more as coming from one, where the desk is stricter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from labelled import Article, Folder, Pair

from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.prepare import prepare
from aggregator.editorial.similarity import Resemblance, is_another_day, particulars_differ, resemblance
from aggregator.editorial.wording import wording
from aggregator.intake.identity import identify_all
from aggregator.model.entry import Candidate, Entry, KnownEntry
from aggregator.model.hosts import host_of
from aggregator.model.story import Decision, Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Below these domains of countries everybody may have one: detik.com, but example.co.id.
_SHARED_SECOND_LEVELS = frozenset({
    "ac", "biz", "co", "com", "desa", "edu", "go", "gov", "mil", "my", "net", "or", "org", "ponpes", "sch", "web",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair, and what the desk makes of it."""

    pair: Pair
    a: Article
    b: Article
    texts: tuple[str, str]  # cleaned
    is_one_partners: bool  # taken as such
    is_joined: bool
    reason: str  # why it was joined, or what stood against it
    shares_mark: bool
    is_linked: bool  # as another article on the same event
    depends_on_order: bool

    @property
    def is_right(self) -> bool:
        return self.is_joined == self.pair.is_same

    @property
    def resemblance(self) -> Resemblance:
        return resemblance(*self.texts)


def judge(folder: Folder) -> list[Judged]:
    """Every pair of the folder, those of one domain twice."""
    needed = {article_id for pair in folder.pairs for article_id in (pair.id_a, pair.id_b)}
    read = {article_id: _candidate(folder.articles[article_id]) for article_id in sorted(needed)}
    judged = []
    for pair in folder.pairs:
        domains = {registrable_domain(folder.articles[one].site) for one in (pair.id_a, pair.id_b)}
        for is_one_partners in (False, True) if len(domains) == 1 else (False,):
            judged.append(_judged(pair, folder, read, is_one_partners=is_one_partners))
    return judged


def _candidate(article: Article) -> Candidate:
    entry = Entry(guid=article.url, url=article.url, title=article.title, html=article.html)
    (identity,) = identify_all([entry])
    return prepare(entry, identity)


def _judged(pair: Pair, folder: Folder, read: Mapping[str, Candidate], *, is_one_partners: bool) -> Judged:
    read_a, read_b = read[pair.id_a], read[pair.id_b]
    other_partner = "arriving" if is_one_partners else "stored"
    both = [_decided(read_a, read_b, other_partner), _decided(read_b, read_a, other_partner)]
    copies = [decision for decision in both if decision.verdict is Verdict.COPY]
    shares_mark = not set(read_a.marks).isdisjoint(read_b.marks)
    return Judged(
        pair,
        folder.articles[pair.id_a],
        folder.articles[pair.id_b],
        (read_a.text, read_b.text),
        is_one_partners,
        is_joined=bool(copies),
        reason=copies[0].reason
        if copies
        else _refusal(read_a.text, read_b.text, shares_mark, is_one_partners),
        shares_mark=shares_mark,
        is_linked=any(decision.related for decision in both),
        depends_on_order=len(copies) == 1,
    )


def _decided(arriving: Candidate, stored: Candidate, stored_partner: str) -> Decision:
    known = KnownEntry.of(stored, entry_id=1, story_id=1, source_id="stored", partner_id=stored_partner)
    domains = {
        stored_partner: (host_of(stored.identity.canonical_url),),
        "arriving": (host_of(arriving.identity.canonical_url),),
    }
    (decision,) = decide([arriving], [known], Poll("arriving", "arriving", NOW, domains=domains))
    return decision


def _refusal(a: str, b: str, shares_mark: bool, is_one_partners: bool) -> str:
    """What stood against joining, the first that applies; more may."""
    if not shares_mark:
        return "no shared mark"
    texts = wording(a), wording(b)
    if particulars_differ(*texts):
        return "other numbers or names"
    if is_another_day(*texts):
        return "another day"
    if is_one_partners:
        return "less in common than one partner's copies have"
    return "too few shared words, or a headline of two days"


def registrable_domain(host: str) -> str:
    """``news.detik.com`` -> ``detik.com``; ``www.example.co.id`` -> ``example.co.id``."""
    labels = host.casefold().rstrip(".").split(".")
    is_below_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND_LEVELS
    return ".".join(labels[-3 if is_below_country else -2 :])
