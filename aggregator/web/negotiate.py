"""Which representation a client gets, and whether it has it already. Pure; RFC 9110, sections 12.5.3 and 13."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Mapping
from functools import lru_cache
from time import strptime

IDENTITY = "identity"

_MEMBERS_READ = 32  # of Accept-Encoding; there are not as many codings
_WEIGHT = re.compile(rb"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_UNLISTED_IDENTITY = 0.0001  # acceptable, but less than anything the client asked for
_ENTITY_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_DATE_FORMATS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


@lru_cache(maxsize=256)
def acceptable(accept_encoding: bytes | None, codings: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``codings`` that the client takes, the one it should get first.

    Its preference decides; between equals the order of ``codings`` does. Never empty: who refuses everything gets
    the identity coding, because a feed that can be read is better than a 406 that cannot. Without the header all
    are acceptable (RFC 9110), but only identity is sent.
    """
    if accept_encoding is None:
        return (IDENTITY, *(coding for coding in codings if coding != IDENTITY))
    weights = _weights(accept_encoding)
    others = weights.get("*", 0.0)
    weights.setdefault(IDENTITY, weights.get("*", _UNLISTED_IDENTITY))
    accepted = [coding for coding in codings if weights.get(coding, others) > 0]
    return tuple(sorted(accepted, key=lambda coding: -weights.get(coding, others))) or (IDENTITY,)


def _weights(accept_encoding: bytes) -> dict[str, float]:
    weights: dict[str, float] = {}
    for member in accept_encoding.split(b",")[:_MEMBERS_READ]:
        name, *parameters = (part.strip() for part in member.split(b";"))
        coding = name.decode("latin-1").lower()
        if weight := _weight(parameters):
            weights.setdefault("gzip" if coding == "x-gzip" else coding, float(weight))
    return weights


def _weight(parameters: list[bytes]) -> bytes:
    """The q-value as written; b'' when it is malformed and the member is best ignored."""
    if not parameters:
        return b"1"
    match = _WEIGHT.fullmatch(parameters[0])
    return match[1] if match and len(parameters) == 1 else b""


def held_coding(
    if_none_match: bytes, coding_of: Mapping[bytes, str], accepted: tuple[str, ...]
) -> str | None:
    """The coding in which the client holds the current representation (If-None-Match); None when it holds none.

    ``coding_of`` names the coding by entity tag. Compared weakly (RFC 9110, section 8.8.3.2). A tag counts only when
    its coding is acceptable now: then that representation may be the selected one, and a 304 with its tag is true,
    although another coding would have been sent in full.
    """
    if coding_of.get(if_none_match) in accepted:  # nearly always it is one tag as we gave it
        return coding_of[if_none_match]
    if if_none_match.strip() == b"*":
        return accepted[0]
    tags = _ENTITY_TAG.findall(if_none_match)
    return next((coding_of[tag] for tag in tags if coding_of.get(tag) in accepted), None)


def is_unmodified(if_modified_since: bytes, changed_at_s: int, now_s: float) -> bool:
    """Whether nothing changed since that date. Invalid dates and such in the future say nothing."""
    since_s = date_s(if_modified_since)
    return since_s is not None and changed_at_s <= since_s <= now_s


@lru_cache(maxsize=256)
def date_s(value: bytes) -> int | None:
    """An HTTP-date in any of the three formats (RFC 9110, section 5.6.7) in seconds since 1970; None otherwise."""
    for date_format in _DATE_FORMATS:
        try:
            return timegm(strptime(value.decode("latin-1"), date_format))
        except ValueError:
            continue
    return None
