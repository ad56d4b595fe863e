"""An entry becomes a candidate: everything the decision needs, made once, without a database."""

from __future__ import annotations

import hashlib

from aggregator.editorial.blocks import one_line
from aggregator.editorial.plain_text import full_text, plain_text
from aggregator.editorial.provenance import provenance
from aggregator.editorial.similarity import bands
from aggregator.model.entry import Candidate, Entry, Identity

# Part of every content hash: hashes of different versions say nothing about each other ("an upgrade is not
# news"). Raise it when plain_text, its boilerplate rules or the hash itself change what is hashed.
HASH_VERSION = 1


def prepare(entry: Entry, identity: Identity) -> Candidate:
    """Read an entry the way the desk compares entries; one without a body is read by its summary."""
    body = entry.html or entry.summary_html
    text = plain_text(body)
    return Candidate(
        entry=entry,
        identity=identity,
        text=text,
        content_hash=content_hash(entry, text),
        bands=bands(text),
        provenance=provenance(full_text(body)),
    )


def content_hash(entry: Entry, text: str) -> str:
    """``<HASH_VERSION>:<title>.<text>.<image>``, 64 bits of SHA-256 each: what a reader would call a change.

    The image's address counts without its query, in which some hosts send a new token with each poll.
    """
    image_url = entry.image.url.partition("?")[0] if entry.image else ""
    parts = (one_line(entry.title), one_line(text), image_url)
    return f"{HASH_VERSION}:{'.'.join(hashlib.sha256(part.encode()).hexdigest()[:16] for part in parts)}"
