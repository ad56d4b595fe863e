"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from aggregator.model.entry import Image
from aggregator.outputs.channel import Channel
from aggregator.outputs.item import KEPT, Item, rfc3339
from aggregator.outputs.text import inert
from aggregator.outputs.tombstones import tombstones_in_words

VERSION = "https://jsonfeed.org/version/1.1"


def render_json(channel: Channel, items: Sequence[Item]) -> bytes:
    """The output as JSON Feed, keys sorted; ``_aggregator`` holds what the format has no word for."""
    feed = {
        "version": VERSION,
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.site_url,
        "feed_url": channel.self_url("json"),
        "language": channel.language,
        "authors": [{"name": channel.site_name, "url": channel.site_url}],
        "items": [],
        "_aggregator": _stated(
            updated=rfc3339(channel.updated_at),
            rights=channel.rights,
            press_code_url=channel.press_code_url,
            deleted=tombstones_in_words(channel.withdrawn),
        ),
    }
    if channel.hub_url:
        feed["hubs"] = [{"type": "WebSub", "url": channel.hub_url}]
    if channel.image_url:
        feed["icon"] = channel.image_url
    # No string of JSON holds a line end, so this stands there once.
    empty, filled = '\n "items": []', f'\n "items": [{",".join(map(_written, items))}\n ]'
    document = _json(feed)
    return ((document.replace(empty, filled, 1) if items else document) + "\n").encode()


@lru_cache(maxsize=KEPT)
def _written(item: Item) -> str:
    """The item as it stands in all documents, on lines of its own, two deep."""
    return f"\n{_json(_item(item))}".replace("\n", "\n  ")


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)


def _item(item: Item) -> Mapping[str, object]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.html,
        "date_published": rfc3339(item.published_at),
        "date_modified": rfc3339(item.updated_at),
    } | _stated(
        external_url=item.via_url,
        summary=inert(item.summary),
        authors=[{"name": author} for author in item.authors],
        tags=list(dict.fromkeys(term.label for term in item.terms if term.kind != "language")),
        language=item.language,
        image=item.image.url if item.image else "",
        attachments=[_attachment(item.image)] if item.image else [],
        _aggregator=_facts(item),
    )


def _attachment(image: Image) -> Mapping[str, object]:
    return {"url": image.url, "mime_type": image.media_type} | _stated(
        size_in_bytes=image.length_bytes, title=image.alt
    )


def _facts(item: Item) -> Mapping[str, object]:
    """Whence the story comes, what it is about in IPTC's terms, whose the picture is."""
    origin = item.origin
    return _stated(
        source=_stated(id=origin.feed_id, title=origin.title, url=origin.site_url, feed_url=origin.feed_url)
        if origin
        else {},
        topics=[term.topic for term in item.terms if not term.kind],
        subjects=[f"{term.scheme}{term.code}" for term in item.terms if term.scheme and not term.kind],
        facets=[
            {"kind": term.kind, "code": term.code, "label": term.label} for term in item.terms if term.kind
        ],
        image_credit=item.image.credit if item.image else "",
        related=[{"id": one.id, "url": one.url, "title": one.title} for one in item.related],
    )


def _stated(**members: Any) -> dict[str, object]:
    """The members that say something: no '', no empty list, no null."""
    return {name: value for name, value in members.items() if value}
