"""Pages for people: the index of all feeds."""

from __future__ import annotations

from collections.abc import Sequence

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


def render_index(channels: Sequence[Channel], opml_path: str) -> bytes:
    """index.html: every output in every format, the combined one first.

    Addresses of documents are relative, so that the page works wherever it is served.
    """
    page = _ENVIRONMENT.get_template("index.html").render(
        channels=channels,
        media_types=MEDIA_TYPES,
        labels=_LABELS,
        opml_path=opml_path,
    )
    return page.encode()
