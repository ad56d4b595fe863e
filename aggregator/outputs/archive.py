"""Archive pages: Atom documents of what left a feed (RFC 5005, section 4), never paginated anew."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from aggregator.config.model import Config, Site
from aggregator.model.document import Document, Output, is_private
from aggregator.model.hosts import host_of
from aggregator.model.story import PrintStory, Withdrawn
from aggregator.outputs.atom import render_atom
from aggregator.outputs.channel import MEDIA_TYPES, channel_of, output_path
from aggregator.outputs.item import item_of

# Raise it only when pages must not stay as they were written: all of them are then made again.
ARCHIVE_VERSION = 1
PAGE_SIZE = 100
_ARCHIVE_PATH = re.compile(r"/archive-[0-9]+\.atom$")


@dataclass(frozen=True, slots=True)
class PageLinks:
    """The numbers of the page before and behind this one; 0 where there is none."""

    before: int
    behind: int


def has_archive(output: Output) -> bool:
    """Whether what leaves the output is kept in pages: of feeds that everybody may read."""
    return output.profile != "google-news" and not is_private(output.id)


def archive_path(output_id: str, number: int) -> str:
    """Where a page stands under ``public/``; the first one has the number 1."""
    return f"{output_path(output_id)}/archive-{number}.atom"


def is_archive_path(path: str) -> bool:
    """Whether ``archive_path`` could have made it."""
    return _ARCHIVE_PATH.search(path) is not None


def archive_url(output: Output, number: int, site: Site) -> str:
    """The public address of a page."""
    return urljoin(site.feeds_url, archive_path(output.id, number))


def pages_to_close(open_ids: Sequence[int], leaving: Collection[int]) -> tuple[tuple[int, ...], ...]:
    """The stories of each page that begins and ends now, so that none of ``leaving`` is in no document.

    ``open_ids`` are the stories that stand in no page yet, in order of first publication. A page takes as many as there
    are, those that have not left too: who has read it need never read it again.
    """
    pages = []
    rest = tuple(open_ids)
    while not set(leaving).isdisjoint(rest):
        pages.append(rest[:PAGE_SIZE])
        rest = rest[PAGE_SIZE:]
    return tuple(pages)


def render_archive(
    output: Output,
    number: int,
    links: PageLinks,
    stories: Sequence[PrintStory],
    withdrawn: Sequence[Withdrawn],
    updated_at: datetime,
    site: Site,
) -> Document:
    """One page: ``stories`` and ``withdrawn`` are all that were put there when it was closed, newest first."""
    channel = channel_of(output, site, updated_at)
    channel = replace(
        channel,
        path=archive_path(output.id, number).removesuffix(".atom"),
        history=tuple(_links(channel.self_url("atom"), output, links, site)),
        is_archive=True,
        withdrawn=tuple(withdrawn),
    )
    body = render_atom(channel, [item_of(story, host_of(site.url), output) for story in stories])
    path = archive_path(output.id, number)
    return Document(path, MEDIA_TYPES["atom"], body, hashlib.sha256(body).hexdigest())


def _links(current: str, output: Output, links: PageLinks, site: Site) -> Iterator[tuple[str, str]]:
    yield "current", current
    if links.before:
        yield "prev-archive", archive_url(output, links.before, site)
    if links.behind:
        yield "next-archive", archive_url(output, links.behind, site)


def page_key(output: Output, partner_ids: Collection[str], config: Config, policy: int) -> str:
    """Another value when a page must be made again though none of its stories changed.

    That is where an edit of feeds.yaml concerns it: the site, the output's words, or a partner whose stories stand
    there; ``policy`` is the version of what markup may hold. Other edits, and our code, leave pages as they are.
    """
    decides = (
        ARCHIVE_VERSION,
        policy,
        (output.title, output.content, output.link, output.profile),
        config.site.model_dump_json(),
        *(topic.model_dump_json(include={"id", "title", "iptc"}) for topic in config.topics),
        *(one.model_dump_json() for one in config.partners if one.id in partner_ids),
    )
    return hashlib.sha256(repr(decides).encode()).hexdigest()
