"""Addresses in feeds: those that are as they should be stay, others are mended, none takes long."""

from __future__ import annotations

import pytest

from aggregator.intake.clean import MAX_URL, absolute_url

BASE = "https://www.kabar.example/rubrik/feed"
SITE = "https://www.kabar.example"


@pytest.mark.parametrize(
    "address",
    [
        f"{SITE}/",
        f"{SITE}/berita/2026/11/27/harga-karet_naik~1.html?page=all&x=/a?b",
        f"{SITE}/(1)/a:b@c,d='e'!$*+/%C3%A9",
        "http://xn--kabar-1ra.example/a/./b/../c",
    ],
)
def test_an_address_that_is_as_it_should_be_stays(address: str) -> None:
    assert absolute_url(address, BASE) == address


@pytest.mark.parametrize(
    ("address", "mended"),
    [
        ("/a b", f"{SITE}/a%20b"),
        ("x?y", f"{SITE}/rubrik/x?y"),
        ("//m.kabar.example/a", "https://m.kabar.example/a"),
        (f" {SITE}/a\n", f"{SITE}/a"),
        ("https://WWW.Kabar.example/É", f"{SITE}/%C3%89"),
        (f"{SITE}/a?", f"{SITE}/a"),
        (f"{SITE}/a;", f"{SITE}/a"),
        (f"{SITE}/a#", f"{SITE}/a"),
        ("https://a..example/", ""),
        (f"https://{'a' * 64}.example/", ""),
        ("https://budi@www.kabar.example/", ""),
        ("javascript:alert(1)", ""),
        (f"{SITE}/{'a' * MAX_URL}", ""),
    ],
)
def test_others_are_mended_or_none(address: str, mended: str) -> None:
    assert absolute_url(address, BASE) == mended


@pytest.mark.parametrize("part", ["a", "a/", "a.", "/", "?", "%20"])
def test_what_nearly_is_as_it_should_be_takes_no_longer(part: str) -> None:
    """Would take longer than the test may run if it were tried in every way."""
    length = (MAX_URL - 100) // len(part)
    assert absolute_url(f"{SITE}/{part * length}<", BASE).endswith("%3C")
