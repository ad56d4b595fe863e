"""The page for ops: who may see it, and how it looks. Everything on it is text from partners until escaped."""

from __future__ import annotations

import asyncio
import binascii
import hmac
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.model.health import Readiness
from aggregator.model.span import span
from aggregator.model.status import DeskStatus

ENVIRONMENT = Environment(
    loader=PackageLoader("aggregator.web", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_BARS_HEIGHT = 36


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as the page shows it: for machines, on the clock of the site, and from now."""

    iso: str
    clock: str
    distance: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the little chart, in its pixels."""

    x: int
    y: int
    height: int
    label: str


def is_allowed(authorization: bytes, token: str) -> bool:
    """Whether an Authorization header carries the token: ``Bearer TOKEN``, or Basic with it as the password of any
    user (RFC 6750, RFC 7617). Takes as long for a wrong token as for the right one."""
    scheme, _, credentials = authorization.partition(b" ")
    credentials = credentials.strip()
    if scheme.lower() == b"basic":
        try:
            _, _, credentials = b64decode(credentials, validate=True).partition(b":")
        except binascii.Error:
            return False
    elif scheme.lower() != b"bearer":
        return False
    return hmac.compare_digest(credentials, token.encode())


async def render_ops(status: DeskStatus | None, readiness: Readiness, trouble: str) -> str:
    """The page. Without a status ``trouble`` says why there is none. Rendered in a thread: hundreds of sources take
    longer than the loop should wait."""
    return await asyncio.to_thread(_page, status, readiness, trouble)


def _page(status: DeskStatus | None, readiness: Readiness, trouble: str) -> str:
    now = status.at if status else datetime.now(UTC)
    zone = ZoneInfo(status.timezone) if status else ZoneInfo("UTC")
    return ENVIRONMENT.get_template("ops.html").render(
        status=status,
        readiness=readiness,
        trouble=trouble,
        moment=lambda at: moment(at, now, zone),
        span=span,
        bars=bars,
        bars_height=_BARS_HEIGHT,
        day=_day,
        zone=f"{zone.key} ({now.astimezone(zone):%Z})",
    )


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> Moment:
    """``at`` on the site's clock (with the day when it is another) and how far it is from ``now``."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local:%H:%M:%S}" if local.date() == today else f"{_day(local.date())} {local:%H:%M:%S}"
    ahead = at > now
    distance = span(abs((at - now).total_seconds()))
    return Moment(
        iso=local.isoformat(timespec="seconds"),
        clock=clock,
        distance=f"in {distance}" if ahead else f"{distance} ago",
    )


def bars(entries_per_day: tuple[tuple[date, int], ...]) -> list[Bar]:
    """The chart of entries per day; the highest day fills it, a day with entries is never invisible."""
    most = max((count for _, count in entries_per_day), default=0) or 1
    heights = [-(-count * _BARS_HEIGHT // most) for _, count in entries_per_day]
    return [
        Bar(x=10 * place, y=_BARS_HEIGHT - height, height=height, label=f"{_day(day)}: {count}")
        for place, (height, (day, count)) in enumerate(zip(heights, entries_per_day, strict=True))
    ]


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
