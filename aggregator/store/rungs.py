"""The digests by which stored entries are looked up."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from aggregator.model.entry import Candidate, Identity
from aggregator.store.types import storable


def digest(kind: str, value: str, scope: str = "") -> int:
    """The first 64 bits of a SHA-256, signed as databases have it.

    Two values share one by an accident of 1 in 10^13 at a million entries; ``decide`` compares the values.
    """
    whole = hashlib.sha256("\n".join((kind, scope, storable(value))).encode()).digest()
    return int.from_bytes(whole[:8], signed=True)


def key_digest(identity: Identity) -> int:
    """What stands for the key of an entry within its source."""
    return digest("key", identity.key)


def identity_rungs(source_id: str, identity: Identity) -> set[int]:
    """One digest per rung that is not ''. Guids and contents mean something within their source only."""
    found = {
        digest("guid", identity.guid, source_id) if identity.guid else None,
        digest("article_id", identity.article_id) if identity.article_id else None,
        digest("canonical_url", identity.canonical_url) if identity.canonical_url else None,
        digest("content", identity.content, source_id) if identity.content else None,
    }
    return {rung for rung in found if rung is not None}


def telling_rungs(source_id: str, identity: Identity) -> set[int]:
    """Those by which an entry is known before its content is asked; its content where there are no others."""
    return identity_rungs(source_id, replace(identity, content="")) or identity_rungs(source_id, identity)


def entry_rungs(source_id: str, candidate: Candidate) -> set[int]:
    """All that a stored entry is found by: its identity, and its address as the partner wrote it."""
    rungs = identity_rungs(source_id, candidate.identity)
    return rungs | {url_rung(candidate.entry.url)} if candidate.entry.url else rungs


def url_rung(url: str) -> int:
    """For finding a story by an address as written."""
    return digest("url", url)
