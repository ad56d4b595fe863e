"""What left this desk and comes back through a partner: it is known by its address, its id or its credit line."""

from __future__ import annotations

from collections.abc import Collection

from aggregator.model.entry import Candidate
from aggregator.model.hosts import host_of, is_within


def left_this_desk(candidate: Candidate, own_hosts: Collection[str], own_ids: Collection[str]) -> str:
    """How the entry shows that it was published by us, '' when it does not.

    Ours come back with our chain of credit ("..., partner jambiseru.com)") or as carried from us. A partner's own
    article may refer to us, dispute us, or name us as its source: that alone makes it no loop (``credits_us``).
    """
    host = host_of(candidate.identity.canonical_url or candidate.entry.url)
    if host in own_hosts:
        return f"{host} is ours"
    if candidate.entry.guid in own_ids:
        return f"its id {candidate.entry.guid} is ours"
    credit = candidate.provenance
    if credit is None:
        return ""
    if credit.partner and is_within(credit.partner, own_hosts):
        return f"its credit names us as partner of {credit.host or credit.network}"
    if is_within(credit.host, own_hosts) and credit.form in ("carried", "reposted"):
        return f"its credit names {credit.host}"
    return ""


def credits_us(candidate: Candidate, own_hosts: Collection[str]) -> bool:
    """Whether its text names us as a source in any way."""
    return candidate.provenance is not None and is_within(candidate.provenance.host, own_hosts)
