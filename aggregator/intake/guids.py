"""What a source's guids are worth: some name positions, the same thing on every entry, or a new one at each poll.

Where they name nothing, articles are known by their addresses, and the source is remembered for it: one good-looking
guid among bad ones must not decide which article an entry is. One bad document is forgiven, and a source that has
mended its guids is believed again after a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregator.model.entry import Candidate, Identity, KnownEntry

# Fewer say nothing about a source.
MIN_GUIDS = 3
# Two that have changed places are no slip.
MIN_ELSEWHERE = 2
# What a bad document counts against good ones, and what is counted at the most.
BAD, MOST = 5, 20


def trouble_after(trouble: int, is_bad: bool) -> int:
    """How much trouble a source's guids have made, 0 to 20, after one more document."""
    return min(trouble + BAD, MOST) if is_bad else max(trouble - 1, 0)


def are_given_up(trouble: int) -> bool:
    """Whether they are no longer looked at, not even in a document where they look sound."""
    return trouble > BAD


def are_worthless(candidates: Sequence[Candidate]) -> bool:
    """Whether most guids of a document identify no entry: they are positions, or stand on several entries."""
    stated = [one for one in candidates if one.entry.guid.strip() and _has_address(one.identity)]
    nameless = sum(not one.identity.guid for one in stated)
    return len(stated) >= MIN_GUIDS and nameless > len(stated) / 2


def change_each_time(identities: Sequence[Sequence[Identity]]) -> bool:
    """Whether most of the entries known again had a third guid by now, at an address that stayed.

    ``identities``: for each entry known again all that it is known by, the current one first.
    """
    changed = sum(len({own.guid for own in known if own.guid}) >= 3 for known in identities)
    return changed >= MIN_GUIDS and changed > len(identities) / 2


def lead_elsewhere(candidates: Sequence[Candidate], own: Sequence[KnownEntry]) -> bool:
    """Whether most entries that stand at a known address have another one's guid: guids go round.

    ``own`` are stored entries of the same source.
    """
    by_guid, by_address = _owners(own, "guid"), _owners(own, "article_id") | _owners(own, "canonical_url")
    there, elsewhere = 0, 0
    for one in candidates:
        at_address = by_address.get(one.identity.article_id) or by_address.get(one.identity.canonical_url)
        if at_address:
            there += 1
            named = by_guid.get(one.identity.guid)
            elsewhere += bool(named and not named & at_address)
    return elsewhere >= MIN_ELSEWHERE and elsewhere > there / 2


def _owners(own: Sequence[KnownEntry], rung: str) -> dict[str, set[int]]:
    owners: dict[str, set[int]] = {}
    for entry in own:
        for identity in entry.identities:
            if value := getattr(identity, rung):
                owners.setdefault(value, set()).add(entry.entry_id)
    return owners


def without_guids(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates known by their addresses; by their guids only where they have none."""
    return tuple(
        replace(one, identity=replace(one.identity, guid="")) if _has_address(one.identity) else one
        for one in candidates
    )


def remark(candidates: Sequence[Candidate], worthless: bool) -> str:
    """What ops should know of a document's guids, '' when there is nothing to say."""
    if worthless:
        return "its guids name nothing (positions, repeated, or new each time): articles are known by their addresses"
    nameless = sum(bool(one.entry.guid.strip()) and not one.identity.guid for one in candidates)
    if nameless:
        return (
            f"{nameless} guids are mere positions or stand on several entries; those are known without them"
        )
    return ""


def _has_address(identity: Identity) -> bool:
    return bool(identity.article_id or identity.canonical_url)
