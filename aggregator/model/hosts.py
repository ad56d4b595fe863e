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


def domain_of(host: str) -> str:
    """Who could make up any number of hosts like this one: ``a.b.koran.example`` -> ``koran.example``.

    A fair guess, for limits: under a country's short second level it has three labels (``koran.co.id``). An IPv4
    address is its own; IPv6 addresses, of which anybody has as many as they like, are all one: ``:``.
    """
    if ":" in host:
        return ":"
    labels = host.split(".")
    if labels[-1].isdigit():
        return host
    is_below_country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if is_below_country else -2 :])


def hosts_above(host: str) -> Iterator[str]:
    """``a.b.example`` -> ``b.example``, ``example``."""
    while host := host.partition(".")[2]:
        yield host
