"""Whose a host is: partners name domains, their articles stand on any host below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit


def host_of(address: str) -> str:
    """The host of an address as credits name it: in lower case, without ``www.``; '' where there is none."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # e.g. http://[
        return ""


def is_within(host: str, domains: Iterable[str]) -> bool:
    """Whether a host is one of the domains or below one; all in lower case."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def hosts_above(host: str) -> Iterator[str]:
    """``a.b.example`` -> ``b.example``, ``example``."""
    while host := host.partition(".")[2]:
        yield host
