"""Whose a host is."""

from __future__ import annotations

import pytest

from aggregator.model.hosts import domain_of


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("koran.example", "koran.example"),
        ("a.b.koran.example", "koran.example"),
        ("koran.co.id", "koran.co.id"),
        ("a.koran.co.id", "koran.co.id"),
        ("co.id", "co.id"),
        ("a.koran.desa.id", "desa.id"),
        ("jambi.go.id", "jambi.go.id"),
        ("bbc.co.uk", "bbc.co.uk"),
        ("t.co", "t.co"),
        ("a.jambiseru.com", "jambiseru.com"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", ":"),
        ("", ""),
    ],
)
def test_the_domain_in_which_somebody_can_make_up_hosts(host: str, domain: str) -> None:
    assert domain_of(host) == domain
