"""What a document says of itself: the same for all formats, every string XML-safe."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urljoin

from aggregator.config.model import Config, Site
from aggregator.model.document import Output, private_key
from aggregator.model.story import Withdrawn
from aggregator.outputs.item import utc_seconds
from aggregator.outputs.text import one_line

GENERATOR = "aggregator"
MEDIA_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
# What news are pushed of: feeds, not pages for people, sitemaps or archives.
_FOLLOWED = tuple(f".{suffix}" for suffix in MEDIA_TYPES)
_URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"  # may stand in a header as they are (RFC 3986)


@dataclass(frozen=True, slots=True)
class Channel:
    """The head of one output; ``path`` is relative, without suffix; at ``base_url`` ``public/`` is served."""

    id: str  # urn:uuid:..., stable as long as feeds_url and the output's id are
    path: str  # feeds/all
    base_url: str
    title: str
    description: str
    site_name: str
    site_url: str
    language: str
    rights: str  # whose the articles are, and the press code; '' when the site names no press code
    press_code_url: str
    image_url: str  # '' where the site has none
    timezone: str  # for dates shown to people
    updated_at: datetime
    withdrawn: tuple[Withdrawn, ...] = ()  # of which tombstones stand in it
    history: tuple[tuple[str, str], ...] = ()  # links to its archive: relation and address (RFC 5005)
    is_archive: bool = False
    hub_url: str = ""  # the WebSub hub that tells of news in it; '' where there is none

    def self_url(self, suffix: str) -> str:
        """The public address of this output's document in the format of ``suffix`` (a key of MEDIA_TYPES)."""
        return urljoin(self.base_url, f"{self.path}.{suffix}")


def channel_of(output: Output, site: Site, updated_at: datetime) -> Channel:
    """The head of ``output``; ``updated_at`` is the newest change its stories show."""
    name = one_line(site.name)
    path = output_path(output.id)
    return Channel(
        id=uuid.uuid5(uuid.NAMESPACE_URL, urljoin(site.feeds_url, path)).urn,
        path=path,
        base_url=site.feeds_url,
        title=one_line(output.title),
        description=f"Berita media mitra, diterbitkan ulang oleh {name} dengan menyebut sumbernya.",
        site_name=name,
        site_url=site.url,
        language=site.language,
        rights=_rights(name, site.press_code_url),
        press_code_url=site.press_code_url or "",
        image_url=site.image or "",
        timezone=site.timezone,
        updated_at=utc_seconds(updated_at),
    )


def link_header(path: str, config: Config) -> str:
    """What leads followers of the document at ``path`` to our hub, as a Link header (W3C WebSub, section 4); '' where
    there is nothing to follow.
    """
    hub_url = config.hub_url(is_private=bool(private_key(path)))
    if not hub_url or not path.endswith(_FOLLOWED):
        return ""
    links = ((hub_url, "hub"), (urljoin(config.site.feeds_url, path), "self"))
    return ", ".join(f'<{_quoted(url)}>; rel="{relation}"' for url, relation in links)


@lru_cache(maxsize=1024)
def _quoted(url: str) -> str:
    """Asked of every document whenever one of them has changed."""
    return quote(url, safe=_URL_CHARACTERS)


def output_path(output_id: str) -> str:
    """Where the output's documents stand under ``public/``, without suffix."""
    return f"feeds/{output_id}"


def _rights(site_name: str, press_code_url: str | None) -> str:
    if not press_code_url:
        return ""
    code = f"tunduk pada Pedoman Pemberitaan Media Siber: {press_code_url}"
    return f"Hak cipta pada media asal. {site_name} {code}"
