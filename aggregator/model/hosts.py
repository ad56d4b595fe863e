"""Whose a host is: partners name domains, their articles stand on any host below."""

from __future__ import annotations

from collections.abc import Iterable


def is_within(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of the domains or below one; all in lower case."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
