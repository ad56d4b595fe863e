"""One output in all its formats, and the directory of all outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.config.model import Config, Site
from aggregator.model.document import Document, Output, is_private
from aggregator.model.hosts import host_of
from aggregator.model.story import PrintStory, Withdrawn
from aggregator.outputs.archive import archive_url
from aggregator.outputs.atom import render_atom
from aggregator.outputs.channel import MEDIA_TYPES, channel_of, output_path
from aggregator.outputs.item import item_of
from aggregator.outputs.jsonfeed import render_json
from aggregator.outputs.opml import render_opml
from aggregator.outputs.pages import render_index, render_page
from aggregator.outputs.rss import render_rss
from aggregator.outputs.sitemap import render_sitemap
from aggregator.outputs.text import one_line

# Raise it when the same stories or pages are to be written differently: every output is then made again.
RENDER_VERSION = 6

FORMATS = tuple(MEDIA_TYPES)  # the suffixes of a feed's documents
SITEMAP_FORMAT = "xml"
PAGE_FORMAT = "html"
_HTML = "text/html; charset=utf-8"
_RENDERERS = {
    "rss": render_rss,
    "atom": render_atom,
    "json": render_json,
    SITEMAP_FORMAT: render_sitemap,
    PAGE_FORMAT: render_page,
}
_MEDIA_TYPES = MEDIA_TYPES | {SITEMAP_FORMAT: "application/xml", PAGE_FORMAT: _HTML}
_OPML_PATH, _INDEX_PATH = "feeds.opml", "index.html"
DIRECTORY_PATHS = frozenset((_OPML_PATH, _INDEX_PATH))
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # OPML and pages print no date


def render(
    output: Output,
    stories: Sequence[PrintStory],
    site: Site,
    updated_at: datetime,
    withdrawn: Sequence[Withdrawn] = (),
    newest_page: int = 0,
    hub_url: str = "",
) -> tuple[Document, ...]:
    """``feeds/<id>.rss``, ``.atom``, ``.json`` and the page ``.html``, or ``.xml`` for Google News.

    The same arguments make the same bytes.
    ``updated_at`` is the newest change the documents show (lastBuildDate, updated), ``withdrawn`` are the stories of
    which they leave a tombstone, ``newest_page`` is the number of the last archive page (0: there is none), ``hub_url``
    the WebSub hub that tells of news ('': none).
    Never fails on stories that ``gate.story_problem`` passes; without stories the documents are valid and empty.
    """
    channel = replace(
        channel_of(output, site, updated_at),
        withdrawn=tuple(withdrawn),
        history=(("prev-archive", archive_url(output, newest_page, site)),) if newest_page else (),
        hub_url=hub_url,
    )
    items = tuple(item_of(story, host_of(site.url), output) for story in stories)
    return tuple(
        _document(
            f"{output_path(output.id)}.{suffix}", _MEDIA_TYPES[suffix], _RENDERERS[suffix](channel, items)
        )
        for suffix in _suffixes(output)
    )


def paths_of(output: Output) -> tuple[str, ...]:
    """Where the documents of an output stand."""
    return tuple(f"{output_path(output.id)}.{suffix}" for suffix in _suffixes(output))


def _suffixes(output: Output) -> tuple[str, ...]:
    if output.profile == "google-news":
        return (SITEMAP_FORMAT,)
    return (*FORMATS, *([] if is_private(output.id) else [PAGE_FORMAT]))


def kind_of(output: Output) -> tuple[object, ...]:
    """What decides how a story is written in an output's documents, and in which: equal ones write it alike."""
    return output.profile, output.content, output.link, _suffixes(output)


def document_paths(output_id: str) -> tuple[str, ...]:
    """Where documents of an output can stand, whatever its profile is or was: first in the order of FORMATS."""
    return tuple(f"{output_path(output_id)}.{suffix}" for suffix in (*FORMATS, SITEMAP_FORMAT, PAGE_FORMAT))


def moved_paths(config: Config) -> dict[str, str]:
    """Paths under which retired outputs could stand, each with the one that took its place."""
    return {
        path: new_path
        for retired in config.outputs.retired
        if retired.moved_to
        for path, new_path in zip(document_paths(retired.id), document_paths(retired.moved_to), strict=True)
    }


def render_directory(outputs: Sequence[Output], config: Config) -> tuple[Document, ...]:
    """``feeds.opml`` and ``index.html`` over ``outputs`` that people read, the combined one first."""
    outputs = [output for output in outputs if output.profile != "google-news"]
    hub_url = config.hub_url(is_private=False)
    combined, *others = (
        replace(channel_of(output, config.site, _UNDATED), hub_url=hub_url) for output in outputs
    )
    titles = {topic.id: one_line(topic.title) for topic in config.topics}
    topics, custom = [], []
    for output, channel in zip(outputs[1:], others, strict=True):
        kind, _, topic = output.id.rpartition("/")
        if kind:
            topics.append((titles[topic], channel))
        else:
            custom.append((channel.title, channel))
    opml = render_opml(f"Feed berita {combined.site_name}", (combined, *others))
    return (
        _document(_OPML_PATH, "text/x-opml", opml),
        _document(
            _INDEX_PATH, "text/html; charset=utf-8", render_index(combined, topics, custom, _OPML_PATH)
        ),
    )


def _document(path: str, media_type: str, body: bytes) -> Document:
    return Document(path=path, media_type=media_type, body=body, etag=hashlib.sha256(body).hexdigest())
