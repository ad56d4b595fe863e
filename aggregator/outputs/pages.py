"""Pages for people: the index of all feeds, and what stands in each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.outputs.channel import MEDIA_TYPES, Channel
from aggregator.outputs.item import KEPT, Item, rfc3339

_LABELS = {"rss": "RSS", "atom": "Atom", "json": "JSON"}
_ENVIRONMENT = Environment(
    loader=PackageLoader("aggregator.outputs", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def render_index(
    combined: Channel,
    topics: Sequence[tuple[str, Channel]],
    custom: Sequence[tuple[str, Channel]],
    opml_path: str,
) -> bytes:
    """index.html: every output in every format, and how to subscribe. ``topics`` and ``custom`` are the other outputs,
    each with the name that people choose it by.

    Links to documents are relative, so that the page works wherever it is served; the addresses to be copied are
    the public ones.
    """
    page = _ENVIRONMENT.get_template("index.html").render(
        combined=combined,
        topics=topics,
        custom=custom,
        channels=(combined, *(channel for _, channel in (*topics, *custom))),
        media_types=MEDIA_TYPES,
        labels=_LABELS,
        opml_path=opml_path,
        opml_url=urljoin(combined.base_url, opml_path),
    )
    return page.encode()


def render_page(channel: Channel, items: Sequence[Item]) -> bytes:
    """A feed's own page: how to subscribe, then headlines and summaries. Search engines are asked to leave it out: the
    articles are others'.
    """
    page = _ENVIRONMENT.get_template("feed.html").render(
        channel=channel,
        items=items,
        media_types=MEDIA_TYPES,
        labels=_LABELS,
        rfc3339=rfc3339,
        day=partial(_day, zone=ZoneInfo(channel.timezone)),
    )
    return page.encode()


@lru_cache(maxsize=2 * KEPT)
def _day(moment: datetime, zone: ZoneInfo) -> str:
    """``8 Maret 2022 15.04 WIB``."""
    local = moment.astimezone(zone)
    return f"{format_datetime(local, 'd MMMM y HH.mm', locale='id')} {local:%Z}"
