"""What each candidate is, compared with what is stored: new, revised, the same, a copy, or our own come back.

Within its source an entry is known again as ``recognise`` says. What is not known is a copy when any source has it
under the same article id or address, when a credit names it, or when it reads the same (``copies``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from aggregator.editorial.copies import Domains
from aggregator.editorial.furniture import Furniture, furniture
from aggregator.editorial.grouping import grouped
from aggregator.editorial.loops import credits_us, left_this_desk
from aggregator.editorial.recognise import (
    RUNGS,
    OwnEntries,
    learnt,
    rungs_of,
    same_entry_by,
)
from aggregator.model.entry import Candidate, Entry, Identity, KnownEntry
from aggregator.model.story import Decision, Verdict

_WORDS = {"guid": "guid", "article_id": "article id", "canonical_url": "address", "content": "content"}
# A version that was shown twice already waits this long since it left before it is shown again.
COMES_AND_GOES = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)
# So many of a document's entries at least differ when it is our reading that has changed.
MIN_DIFFERING = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Poll:
    """Whose document it is, and when it is decided upon (``now``).

    ``own_hosts`` are hosts of ours without ``www.``, ``own_ids`` ids of stories that we published, ``domains`` the
    hosts of each partner; entries from before ``backlog_before_at`` alone are no news;
    ``read_anew`` are stored entries of the source that older rules had read until now.
    """

    source_id: str
    partner_id: str
    now: datetime
    own_hosts: frozenset[str] = frozenset()
    own_ids: frozenset[str] = frozenset()
    domains: Domains = field(default_factory=dict)
    backlog_before_at: datetime | None = None
    read_anew: frozenset[int] = frozenset()


def decide(candidates: Sequence[Candidate], known: Sequence[KnownEntry], poll: Poll) -> tuple[Decision, ...]:
    """One decision for each candidate of one source's document, in their order.

    ``known`` are the stored entries that share a rung or a mark with any of them. What is decided does not depend
    on the order of the candidates: of several that are one entry, the one that a stored entry knows by the strongest
    rung speaks, then one that has a text, then the one updated last, and the others are SAME.
    """
    desk = _Desk(candidates, known, poll)
    found = desk.found
    decisions: dict[int, Decision] = {}
    for position in sorted(range(len(candidates)), key=lambda at: _turn(candidates[at], found[at][1])):
        candidate = candidates[position]
        if reason := left_this_desk(candidate, poll.own_hosts, poll.own_ids):
            decisions[position] = Decision(Verdict.LOOP, candidate, reason=f"left this desk: {reason}")
        else:
            decisions[position] = desk.decision(candidate, *found[position])
    new = [position for position, one in decisions.items() if one.verdict is Verdict.NEW]
    joined = grouped([decisions[position] for position in new], known, poll.partner_id, poll.domains)
    own_stories = {entry.story_id for entry in known if entry.partner_id == poll.partner_id}
    decisions |= zip(new, (_unless_ours(one, poll.own_hosts, own_stories) for one in joined), strict=True)
    return tuple(decisions[position] for position in range(len(candidates)))


@dataclass(frozen=True, slots=True)
class _Claim:
    """A candidate already decided upon; others that are the same entry are SAME as ``entry_id``."""

    identity: Identity
    entry_id: int | None


class _Desk:
    """What is known, indexed by rung, and the candidates of this batch that were decided so far."""

    def __init__(self, candidates: Sequence[Candidate], known: Sequence[KnownEntry], poll: Poll) -> None:
        self._candidates = candidates
        self._known = sorted(known, key=lambda entry: entry.entry_id)
        self._poll = poll
        self.own = OwnEntries(entry for entry in self._known if entry.source_id == poll.source_id)
        self.found = self.own.recognise(candidates)
        self._claims: dict[tuple[str, str], list[_Claim]] = defaultdict(list)
        self._claimed: set[int] = set()

    def decision(self, candidate: Candidate, entry: KnownEntry | None, rung: str) -> Decision:
        if entry is not None and entry.entry_id not in self._claimed:
            self._claimed.add(entry.entry_id)
            decision = self._compared(candidate, entry, rung)
        elif entry is not None:
            decision = Decision(Verdict.SAME, candidate, entry_id=entry.entry_id, reason=_twice(rung))
        else:
            decision = self._unknown(candidate)
        claim = _Claim(candidate.identity, decision.entry_id)
        for name, value in rungs_of(candidate.identity):
            self._claims[name, value].append(claim)
        return decision

    def _compared(self, candidate: Candidate, entry: KnownEntry, rung: str) -> Decision:
        """REVISED, ADOPTED, NOTED, HELD or SAME; hashes of different versions say nothing, an upgrade is not news."""
        keeps_text = bool(entry.text and not candidate.text)
        if keeps_text:
            # A partner's system that loses its texts for an hour must not empty what was published.
            candidate = _with_text_of(entry, candidate)
        # As far as it is the entry's alone.
        seen = self.own.unless_taken(candidate.identity, entry.entry_id)
        identities = learnt(entry, seen)
        reason = _WORDS[rung]
        if self._is_edited(candidate, entry) and (candidate.entry.title or not keeps_text):
            if _comes_and_goes(candidate, entry, self._poll.now):
                return Decision(Verdict.HELD, candidate, entry_id=entry.entry_id, reason="comes and goes")
            verdict = Verdict.ADOPTED if self._is_our_doing(candidate, entry) else Verdict.REVISED
        elif keeps_text:
            reason = "the feed no longer carries its text"
            return Decision(Verdict.SAME, candidate, entry_id=entry.entry_id, reason=reason)
        elif (
            identities != entry.identities
            or _labels(candidate.entry) != _labels(entry)
            or candidate.feed_hash != entry.feed_hash
        ):
            verdict = Verdict.NOTED
        else:
            return Decision(Verdict.SAME, candidate, entry_id=entry.entry_id, reason=reason)
        # The last resort is of use only while it is the hash of what the entry says now.
        current = replace(identities[0], content=seen.content)
        return Decision(
            verdict,
            candidate,
            entry_id=entry.entry_id,
            identities=(current, *identities[1:]),
            keeps_text=keeps_text,
            reason=reason,
        )

    def _is_edited(self, candidate: Candidate, entry: KnownEntry) -> bool:
        """Whether headline, text or lead image are another, by more than what the site puts on all its pages."""
        changed = _parts_changed(candidate, entry)
        if not any(changed):
            return False
        if changed != (False, True, False):  # more than the text
            return True
        return not self._furniture.is_all_that_changed(entry.text, candidate.text)

    def _is_our_doing(self, candidate: Candidate, entry: KnownEntry) -> bool:
        """Whether an entry read anew after an upgrade differs because feeds are read otherwise, not by an edit.

        What came before the stored entry (which picture is taken, how texts are repaired) cannot be done again. So a
        picture alone is no edit then, and texts are none where most of a document's differ at once.
        """
        if entry.entry_id not in self._poll.read_anew:
            return False
        title, text, _image = _parts_changed(candidate, entry)
        return not (title or text) or self._most_read_otherwise

    @cached_property
    def _most_read_otherwise(self) -> bool:
        pairs = [
            (candidate, entry)
            for candidate, (entry, _) in zip(self._candidates, self.found, strict=True)
            if entry is not None and entry.entry_id in self._poll.read_anew
        ]
        differ = sum(any(_parts_changed(*pair)) for pair in pairs)
        return differ >= MIN_DIFFERING and differ > len(pairs) / 2

    @cached_property
    def _furniture(self) -> Furniture:
        own = [entry.text for entry in self._known if entry.source_id == self._poll.source_id]
        return furniture([candidate.text for candidate in self._candidates], own)

    def _unknown(self, candidate: Candidate) -> Decision:
        for name, value in rungs_of(candidate.identity):
            for claim in self._claims[name, value]:
                if rung := same_entry_by(claim.identity, candidate.identity):
                    return Decision(Verdict.SAME, candidate, entry_id=claim.entry_id, reason=_twice(rung))
        candidate = replace(candidate, identity=self.own.unless_taken(candidate.identity))
        published_at = candidate.entry.published_at
        before_at = self._poll.backlog_before_at
        backlog = bool(before_at and published_at and published_at < before_at)
        return Decision(Verdict.NEW, candidate, backlog=backlog, reason="not known")


def _turn(candidate: Candidate, rung: str) -> tuple[object, ...]:
    """Sorts the strongest claim on a stored entry first, then what has a text, then what was updated last."""
    entry = candidate.entry
    changed_at = entry.updated_at or entry.published_at or _EPOCH
    return (
        RUNGS.index(rung) if rung else len(RUNGS),
        not candidate.text,
        -changed_at.timestamp(),
        -len(candidate.text),
        candidate.content_hash,
        candidate.identity.key,
        sorted(entry.categories),
        sorted(entry.authors),
    )


def _parts_changed(candidate: Candidate, entry: KnownEntry) -> tuple[bool, ...]:
    """Whether headline, text and picture differ; nothing does between versions of the hash."""
    version, _, parts = candidate.content_hash.partition(":")
    version_was, _, parts_were = entry.content_hash.partition(":")
    pairs = zip(parts.split("."), parts_were.split("."), strict=True)
    return tuple(version == version_was and a != b for a, b in pairs)


def _with_text_of(entry: KnownEntry, candidate: Candidate) -> Candidate:
    """The candidate's headline over the text and picture that we have."""
    version, _, parts = candidate.content_hash.partition(":")
    version_was, _, parts_were = entry.content_hash.partition(":")
    if version != version_was:
        return replace(candidate, text=entry.text, content_hash=entry.content_hash)
    title = parts.partition(".")[0]
    content_hash = f"{version}:{'.'.join((title, *parts_were.split('.')[1:]))}"
    return replace(candidate, text=entry.text, content_hash=content_hash)


def _comes_and_goes(candidate: Candidate, entry: KnownEntry, now: datetime) -> bool:
    """Whether this version was shown twice before and left a short while ago; the wait doubles with each return.

    Some partners' servers disagree on an article and answer in turn; a correction taken back once is none of that.
    """
    left_at = [one.replaced_at for one in entry.replaced if one.content_hash == candidate.content_hash]
    if len(left_at) < 2:
        return False
    return now - max(left_at) < min(COMES_AND_GOES * (1 << (len(left_at) - 2)), LONGEST_WAIT)


def _labels(of: Entry | KnownEntry) -> tuple[set[str], set[str]]:
    """What terms and topics go by, beside the text; partners list them in any order."""
    return set(of.categories), set(of.authors)


def _twice(rung: str) -> str:
    return f"stands twice in the document: {_WORDS[rung]}"


def _unless_ours(decision: Decision, own_hosts: frozenset[str], own_stories: set[int]) -> Decision:
    """A copy of what others gave us that names us as its source was taken from our feeds."""
    is_of_others = decision.story_id is not None and decision.story_id not in own_stories
    if is_of_others and credits_us(decision.candidate, own_hosts):
        reason = f"left this desk: a copy that credits us, {decision.reason}"
        return Decision(Verdict.LOOP, decision.candidate, reason=reason)
    return decision
