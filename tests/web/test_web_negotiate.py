"""Content negotiation and conditional requests, as tables."""

from __future__ import annotations

import pytest

from aggregator.web.negotiate import acceptable, date_s, held_coding, is_unmodified

SMALLEST_FIRST = ("br", "zstd", "gzip", "identity")
SUNDAY_S = 784_111_777  # 6 November 1994, 08:49:37 UTC: the example of RFC 9110, section 5.6.7


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        (None, ["identity", "br", "zstd", "gzip"]),
        (b"", ["identity"]),
        (b"gzip", ["gzip", "identity"]),
        (b"gzip, br", ["br", "gzip", "identity"]),
        (b"gzip, deflate, br, zstd", ["br", "zstd", "gzip", "identity"]),
        (b"br;q=0.5, gzip;q=0.9", ["gzip", "br", "identity"]),
        (b"br;q=0.001", ["br", "identity"]),
        (b"br;q=0, gzip", ["gzip", "identity"]),
        (b"gzip;q=0", ["identity"]),
        (b"gzip;q=0.000", ["identity"]),
        (b"*", ["br", "zstd", "gzip", "identity"]),
        (b"*;q=0", ["identity"]),  # nothing is acceptable: something readable all the same
        (b"*;q=0, gzip", ["gzip"]),
        (b"*, br;q=0", ["zstd", "gzip", "identity"]),
        (b"gzip;q=0.2, *;q=0.5", ["br", "zstd", "identity", "gzip"]),
        (b"identity;q=0", ["identity"]),
        (b"identity;q=0, gzip", ["gzip"]),
        (b"identity;q=0, *", ["br", "zstd", "gzip"]),
        (b"identity, gzip;q=0.5", ["identity", "gzip"]),
        (b"identity;q=0.5, gzip;q=0.5", ["gzip", "identity"]),
        (b"GZIP", ["gzip", "identity"]),
        (b"x-gzip", ["gzip", "identity"]),
        (b"gzip;Q=0.5", ["gzip", "identity"]),
        (b"gzip ; q=0.5 ,br; q=0.4", ["gzip", "br", "identity"]),
        (b"deflate, compress", ["identity"]),
        (b"gzip;q=2, br", ["br", "identity"]),  # malformed weights: the member is ignored
        (b"gzip;q=0.1234, br", ["br", "identity"]),
        (b"gzip;q=, br", ["br", "identity"]),
        (b"gzip;q=-1", ["identity"]),
        (b"gzip;level=9", ["identity"]),
        (b",,gzip,,", ["gzip", "identity"]),
        (b"\xff\xfe, gzip", ["gzip", "identity"]),
        (b"gzip, gzip;q=0", ["gzip", "identity"]),
        (b"a," * 5000 + b"gzip", ["identity"]),  # nobody has as many codings
    ],
)
def test_the_client_prefers_and_size_decides_ties(accept_encoding: bytes | None, expected: list[str]) -> None:
    assert list(acceptable(accept_encoding, SMALLEST_FIRST)) == expected


TAGS = {b'"d"': "identity", b'"d-gzip"': "gzip", b'"d-br"': "br"}


@pytest.mark.parametrize(
    ("if_none_match", "accepted", "expected"),
    [
        (b'"d-gzip"', ("gzip", "identity"), "gzip"),
        (b'W/"d-gzip"', ("gzip", "identity"), "gzip"),
        (b'"other", W/"d-gzip" , "more"', ("gzip", "identity"), "gzip"),
        (b'"d-gzip"', ("br", "gzip", "identity"), "gzip"),  # br would be sent, but gzip is held and accepted
        (b'"d"', ("br", "identity"), "identity"),
        (b'"d-br"', ("gzip", "identity"), None),  # what is held could not be read by this request
        (b'"d"', ("gzip",), None),
        (b'"old"', ("gzip", "identity"), None),
        (b"*", ("gzip", "identity"), "gzip"),
        (b" * ", ("gzip", "identity"), "gzip"),
        (b'"*"', ("gzip", "identity"), None),
        (b"d-gzip", ("gzip", "identity"), None),
        (b'"d-gzip', ("gzip", "identity"), None),
        (b"", ("gzip", "identity"), None),
        (
            b'w/"d-gzip"',
            ("gzip", "identity"),
            "gzip",
        ),  # not a weak tag by the letter, but nothing else is meant
        (b'"a,\\"d\\""', ("gzip", "identity"), None),
        (b'"x", ' * 3000 + b'"d"', ("gzip", "identity"), "identity"),
    ],
)
def test_a_held_tag_counts_when_its_coding_is_acceptable(
    if_none_match: bytes, accepted: tuple[str, ...], expected: str | None
) -> None:
    assert held_coding(if_none_match, TAGS, accepted) == expected


@pytest.mark.parametrize(
    ("value", "expected_s"),
    [
        (b"Sun, 06 Nov 1994 08:49:37 GMT", SUNDAY_S),
        (b"Sunday, 06-Nov-94 08:49:37 GMT", SUNDAY_S),
        (b"Sun Nov  6 08:49:37 1994", SUNDAY_S),
        (b"Sun, 06 Nov 1994 08:49:37 UTC", None),
        (b"Sun, 06 Nov 1994 08:49:37 +0700", None),
        (b"Sun, 31 Feb 1994 08:49:37 GMT", None),
        (b"Minggu, 06 Nov 1994 08:49:37 GMT", None),
        (b"1994-11-06T08:49:37Z", None),
        (b"784111777", None),
        (b"0", None),
        (b"", None),
        (b"\xff", None),
    ],
)
def test_dates_in_three_formats_and_no_other(value: bytes, expected_s: int | None) -> None:
    assert date_s(value) == expected_s


@pytest.mark.parametrize(
    ("changed_at_s", "now_s", "expected"),
    [
        (SUNDAY_S, SUNDAY_S + 60, True),
        (SUNDAY_S - 1, SUNDAY_S + 60, True),
        (SUNDAY_S + 1, SUNDAY_S + 60, False),
        (SUNDAY_S - 1, SUNDAY_S - 1, False),  # a date in the future says nothing
    ],
)
def test_unmodified_since_a_date(changed_at_s: int, now_s: float, expected: bool) -> None:
    assert is_unmodified(b"Sun, 06 Nov 1994 08:49:37 GMT", changed_at_s, now_s) is expected
