"""What an answer's headers say of time: how long it stays true, and when we may ask again. Junk says nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from multidict import MultiMapping

from aggregator.model.fetch import FRESH_AT_MOST_S

Headers = MultiMapping[str]

# Nobody is waited for longer.
RETRY_AT_MOST_S = 86_400.0

# RFC 9110, section 5.6: a token, which may be given a token or a quoted string.
_DIRECTIVE = re.compile(r"""([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*))?""", re.ASCII)
_SECONDS = re.compile(r"[0-9]+")


def fresh_s(headers: Headers, now: datetime) -> float:
    """For how many seconds more an answer stays true by its own word (RFC 9111, section 4.2), 0 where it gives none.

    ``max-age`` comes before ``Expires``; ``Age`` is taken off. ``s-maxage`` is for caches that others share.
    ``now`` stands in for a missing ``Date``.
    """
    directives: dict[str, str] = {}
    for name, value in _DIRECTIVE.findall(",".join(headers.getall("Cache-Control", ()))):
        if name.lower() != "max-age" or _SECONDS.fullmatch(value.strip('"')):
            directives.setdefault(name.lower(), value.strip('"'))
    if directives.keys() & {"no-cache", "no-store"}:
        return 0.0
    if "max-age" in directives:
        lifetime_s = float(directives["max-age"])
    elif (expires_at := _date(headers, "Expires")) is not None:
        lifetime_s = (expires_at - (_date(headers, "Date") or now)).total_seconds()
    else:
        return 0.0
    age = headers.get("Age", "").strip()
    age_s = float(age) if _SECONDS.fullmatch(age) else 0.0
    return max(0.0, min(lifetime_s, FRESH_AT_MOST_S) - min(age_s, FRESH_AT_MOST_S))


def retry_after_s(headers: Headers, now: datetime) -> float | None:
    """How many seconds we are asked to wait (RFC 9110, section 10.2.3), a day at most.

    None where it is not said, or already over: a date in the past, 0. ``now`` as for ``fresh_s``.
    """
    stated = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(stated):
        wait_s = float(stated)
    elif (until_at := _date(headers, "Retry-After")) is not None:
        wait_s = (until_at - (_date(headers, "Date") or now)).total_seconds()
    else:
        return None
    return min(wait_s, RETRY_AT_MOST_S) if wait_s > 0 else None


def _date(headers: Headers, name: str) -> datetime | None:
    """An HTTP date in any of its forms (RFC 9110, section 5.6.7); None for anything else."""
    try:
        moment = parsedate_to_datetime(headers.get(name, ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
