"""New entries joined to stories: whatever is one article becomes one story, in whichever order it arrived.

Being a copy is taken as transitive: where A is a copy of B and B of C, all three are one story, also when B comes last.
Only what was published stays as it is: of two published stories neither is merged into the other, they are related.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from aggregator.editorial.copies import Domains, Match, by_address, by_words, is_related
from aggregator.editorial.recognise import indexed
from aggregator.model.entry import Candidate, KnownEntry
from aggregator.model.story import Decision, Verdict

# Compared with each candidate at most, those with the most marks in common.
COMPARED = 20
# So many comparisons for a document: a hostile one holds thousands that are alike, and others wait to write.
COMPARED_PER_DOCUMENT = 2_000
REMEMBERED_PER_MARK = 8
MAX_RELATED = 5


@dataclass(frozen=True, slots=True)
class _Link:
    """A candidate and one before it in the same document are copies of each other."""

    earlier: int
    score: float


@dataclass(frozen=True, slots=True)
class _Found:
    matches: tuple[Match, ...]
    links: tuple[_Link, ...]
    related: tuple[int, ...]


def grouped(
    decisions: Sequence[Decision], known: Sequence[KnownEntry], partner_id: str, domains: Domains
) -> list[Decision]:
    """NEW decisions of one document, each as NEW or as COPY of a stored story or of another of them."""
    each = max(2, min(COMPARED, COMPARED_PER_DOCUMENT // max(len(decisions), 1)))
    marks = frozenset(mark for one in decisions for mark in one.candidate.all_marks)
    finder = _Finder(known, marks, partner_id, domains, each)
    found = [finder.found(one.candidate) for one in decisions]
    groups = _Groups()
    for position, one in enumerate(found):
        for match in one.matches:
            groups.join(position, _story(match.entry.story_id))
        for link in one.links:
            groups.join(position, link.earlier)
    members = defaultdict(list)
    for position in range(len(decisions)):
        members[groups.root(position)].append(position)
    joined = list(decisions)
    for group in members.values():
        for position, decision in _in_group(group, decisions, found):
            joined[position] = decision
    return joined


def _in_group(
    group: Sequence[int], decisions: Sequence[Decision], found: Sequence[_Found]
) -> list[tuple[int, Decision]]:
    """Each joins the published story that it is most like, or else the group's best; unpublished ones are merged."""
    matches = [match for position in group for match in found[position].matches]
    best = min(matches, key=_rank, default=None)
    unpublished = {match.entry.story_id for match in matches if not match.entry.is_published}
    leader = decisions[group[0]].candidate.identity.key
    scores = _scores(group, found)
    joined = []
    for position in group:
        own = min(found[position].matches, key=_rank, default=None)
        match = own if own and own.entry.is_published else best
        others = {one.entry.story_id for one in found[position].matches if one.entry.is_published}
        decision = decisions[position]
        # The group's best may be another one's, for a reason that is not this one's.
        reason = own.reason if own else f"similarity {scores.get(position, 1.0):.2f} within the document"
        if match is not None:
            merges = sorted(unpublished - {match.entry.story_id}) if position == group[0] else ()
            decision = replace(
                decision,
                verdict=Verdict.COPY,
                story_id=match.entry.story_id,
                merges=tuple(merges),
                reason=reason,
            )
            others -= {match.entry.story_id}
        elif position != group[0]:
            decision = replace(decision, verdict=Verdict.COPY, copy_of=leader, reason=reason)
        related = tuple(sorted(others | set(found[position].related)))
        joined.append((position, replace(decision, related=related)))
    return joined


def _scores(group: Sequence[int], found: Sequence[_Found]) -> dict[int, float]:
    """How like another of the document each is, of those that are a copy of one, whichever came first."""
    scores: dict[int, float] = {}
    for position in group:
        for link in found[position].links:
            for either in (position, link.earlier):
                scores[either] = max(scores.get(either, 0.0), link.score)
    return scores


def _rank(match: Match) -> tuple[object, ...]:
    return not match.entry.is_published, -match.score, match.entry.story_id, match.entry.entry_id


class _Finder:
    """What is stored and what came before in the document, by rung and by mark; ``marks`` are all that is asked for."""

    def __init__(
        self,
        known: Sequence[KnownEntry],
        marks: frozenset[int],
        partner_id: str,
        domains: Domains,
        compared: int,
    ) -> None:
        self._partner_id, self._domains, self._compared = partner_id, domains, compared
        self._by_rung = indexed(known)
        self._by_mark: dict[int, list[KnownEntry]] = defaultdict(list)
        for entry in known:
            for mark in marks.intersection(entry.marks):
                self._by_mark[mark].append(entry)
        self._earlier: dict[int, list[KnownEntry]] = defaultdict(list)
        self._count = 0

    def found(self, candidate: Candidate) -> _Found:
        matches = [
            match
            for name in ("article_id", "canonical_url")
            if (value := getattr(candidate.identity, name))
            and (match := by_address(candidate, name, self._by_rung[name, value]))
        ]
        alike = self._alike(candidate.marks, self._by_mark)
        matches += [
            match for entry in alike if (match := by_words(candidate, entry, self._partner_id, self._domains))
        ]
        of_event = self._alike(candidate.all_marks, self._by_mark)
        related = [entry.story_id for entry in of_event if is_related(candidate, entry)]
        links = [
            _Link(entry.entry_id, match.score)
            for entry in self._alike(candidate.marks, self._earlier)
            if (match := by_words(candidate, entry, self._partner_id, self._domains))
        ]
        self._remember(candidate)
        copied = {match.entry.story_id for match in matches}
        related = [one for one in dict.fromkeys(related) if one not in copied]
        return _Found(tuple(matches), tuple(links), tuple(related[:MAX_RELATED]))

    def _alike(self, marks: Sequence[int], by_mark: dict[int, list[KnownEntry]]) -> list[KnownEntry]:
        """Those with the most marks in common, the earliest first among equals."""
        shared: Counter[int] = Counter()
        entries = {}
        for mark in marks:
            for entry in by_mark.get(mark, ()):
                shared[entry.entry_id] += 1
                entries[entry.entry_id] = entry
        ranked = sorted(shared, key=lambda entry_id: (-shared[entry_id], entry_id))
        return [entries[entry_id] for entry_id in ranked[: self._compared]]

    def _remember(self, candidate: Candidate) -> None:
        """The candidate as if it were stored already, under its place in the document."""
        entry = KnownEntry.of(
            candidate,
            entry_id=self._count,
            story_id=0,
            source_id="the document",
            partner_id=self._partner_id,
        )
        self._count += 1
        for mark in candidate.marks:
            if len(self._earlier[mark]) < REMEMBERED_PER_MARK:
                self._earlier[mark].append(entry)


def _story(story_id: int) -> tuple[str, int]:
    return "story", story_id


class _Groups:
    """Disjoint sets (Tarjan, "Efficiency of a Good But Not Linear Set Union Algorithm", 1975)."""

    def __init__(self) -> None:
        self._parents: dict[Hashable, Hashable] = {}

    def root(self, one: Hashable) -> Hashable:
        path = []
        while (parent := self._parents.setdefault(one, one)) != one:
            path.append(one)
            one = parent
        for passed in path:
            self._parents[passed] = one
        return one

    def join(self, a: Hashable, b: Hashable) -> None:
        self._parents[self.root(a)] = self.root(b)
