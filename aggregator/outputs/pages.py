"""Pages for people: the index of all feeds."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.outputs.channel import MEDIA_TYPES, Channel

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
