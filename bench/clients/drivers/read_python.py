"""``read_python.py CLIENT URL...``: what a client from PyPI reads there, as JSON.

Runs in the clients' own environment, not in ours.
"""

from __future__ import annotations

import importlib
import json
import sys
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from urllib.request import urlopen


def read_feedparser(url: str) -> list[dict[str, Any]]:
    return [
        {
            "id": entry.get("id"),
            "title": entry.get("title"),
            "link": entry.get("link"),
            "date": _moment(entry.get("published_parsed")),
            "author": [author.get("name") for author in entry.get("authors", ())],
            "category": [tag.get("label") or tag.get("term") for tag in entry.get("tags", ())],
            "content": next((content.value for content in entry.get("content", ())), None),
            "enclosure": [[one.get("href"), one.get("type"), one.get("length")] for one in entry.enclosures],
            "source": entry.get("source", {}).get("title"),
        }
        for entry in importlib.import_module("feedparser").parse(url).entries
    ]


def read_fastfeedparser(url: str) -> list[dict[str, Any]]:
    return [
        {
            "id": entry.get("id"),
            "title": entry.get("title"),
            "link": entry.get("link"),
            "date": entry.get("published"),
            "author": [entry.get("author")],
            "category": [tag.get("label") or tag.get("term") for tag in entry.get("tags") or ()],
            "content": next((content.get("value") for content in entry.get("content") or ()), None),
            "enclosure": [
                [one.get("url") or one.get("href"), one.get("type"), one.get("length")]
                for one in entry.get("enclosures") or ()
            ],
            "source": (entry.get("source") or {}).get("title"),
        }
        for entry in importlib.import_module("fastfeedparser").parse(url).entries
    ]


def read_reader(url: str) -> list[dict[str, Any]]:
    reader = importlib.import_module("reader").make_reader(":memory:")
    reader.add_feed(url)
    reader.update_feed(url)
    return [
        {
            "id": entry.id,
            "title": entry.title,
            "link": entry.link,
            "date": entry.published and entry.published.isoformat(),
            "author": [entry.authors_str],
            "category": None,
            "content": next((content.value for content in entry.content), None),
            "enclosure": [[one.href, one.type, one.length] for one in entry.enclosures],
            "source": entry.source and entry.source.title,
        }
        for entry in reader.get_entries()
    ]


def read_atoma(url: str) -> list[dict[str, Any]]:
    atoma = importlib.import_module("atoma")
    with urlopen(url) as answer:
        body = answer.read()
    if url.endswith(".rss"):
        return [_of_rss(item) for item in atoma.parse_rss_bytes(body).items]
    if url.endswith(".atom"):
        return [_of_atom(entry) for entry in atoma.parse_atom_bytes(body).entries]
    return [_of_json(item) for item in atoma.parse_json_feed_bytes(body).items]


def _of_rss(item: Any) -> dict[str, Any]:
    return {
        "id": item.guid,
        "title": item.title,
        "link": item.link,
        "date": item.pub_date and item.pub_date.isoformat(),
        "author": [item.author],
        "category": item.categories,
        "content": item.content_encoded,
        "enclosure": [[one.url, one.type, one.length] for one in item.enclosures],
        "source": item.source and item.source.title,
    }


def _of_atom(entry: Any) -> dict[str, Any]:
    links = {link.rel: link for link in reversed(entry.links)}
    enclosures = [link for link in entry.links if link.rel == "enclosure"]
    return {
        "id": entry.id_,
        "title": entry.title.value,
        "link": links["alternate"].href,
        "date": entry.published and entry.published.isoformat(),
        "author": [author.name for author in entry.authors],
        "category": [category.label or category.term for category in entry.categories],
        "content": entry.content and entry.content.value,
        "enclosure": [[one.href, one.type_, one.length] for one in enclosures],
        "source": entry.source and entry.source.title and entry.source.title.value,
    }


def _of_json(item: Any) -> dict[str, Any]:
    return {
        "id": item.id_,
        "title": item.title,
        "link": item.url,
        "date": item.date_published and item.date_published.isoformat(),
        "author": [item.author and item.author.name],
        "category": item.tags,
        "content": item.content_html,
        "enclosure": [[one.url, one.mime_type, one.size_in_bytes] for one in item.attachments],
        "source": None,
    }


def _moment(parsed: Any) -> str | None:
    return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else None


READERS: dict[str, Callable[[str], list[dict[str, Any]]]] = {
    "atoma": read_atoma,
    "fastfeedparser": read_fastfeedparser,
    "feedparser": read_feedparser,
    "reader": read_reader,
}

if __name__ == "__main__":
    client, *urls = sys.argv[1:]
    json.dump({"version": version(client), "feeds": {url: READERS[client](url) for url in urls}}, sys.stdout)
