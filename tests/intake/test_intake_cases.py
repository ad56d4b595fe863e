"""One file a case in cases/: a comment says what it shows and, as JSON, what must come out of it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.intake.document import read_document
from aggregator.model.entry import ParsedFeed, SitemapIndex

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CASES = sorted((Path(__file__).parent / "cases").iterdir())


def read_any(body: bytes, url: str = "https://feeds.test/feed.xml") -> ParsedFeed | SitemapIndex:
    content_type = "application/rss+xml; charset=utf-8"
    return read_document(body, url=url, content_type=content_type, timezone="Asia/Jakarta", now=NOW)


def read(body: bytes, url: str = "https://feeds.test/feed.xml") -> ParsedFeed:
    document = read_any(body, url)
    assert isinstance(document, ParsedFeed)
    return document


def shown(value: Any) -> Any:
    """A value as the expectations write it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: shown(part) for name, part in value.items()}
    return [shown(part) for part in value] if isinstance(value, tuple) else value


def expectation(text: str) -> dict[str, Any]:
    """What a case expects: JSON in a comment, in JSON (whole or broken) the value of ``_expected``."""
    found = re.search(r'<!--[^{]*(?=\{)|"_expected": *', text)
    assert found, "the case says what it expects"
    expected: dict[str, Any] = json.JSONDecoder().raw_decode(text, found.end())[0]
    return expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_case(path: Path) -> None:
    body = path.read_bytes()
    expected = expectation(body.decode())
    document = asdict(read_any(body))
    messages = [problem["message"] for problem in document.pop("problems")]
    entries = document.pop("entries", ())

    assert len(messages) == len(expected.get("problems", [])), messages
    for part in expected.pop("problems", []):
        assert any(part in message for message in messages), messages
    assert len(entries) == len(expected.get("entries", []))
    for entry, wanted in zip(entries, expected.pop("entries", []), strict=True):
        image = wanted.pop("image", None)
        assert {key: shown(entry[key]) for key in wanted} == wanted
        if image:
            assert {key: entry["image"][key] for key in image} == image
    assert {key: shown(document[key]) for key in expected} == expected


def test_an_entry_that_cannot_be_mapped_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(text: str, *_: object) -> datetime | None:
        raise ZeroDivisionError if "13:13" in text else ValueError

    monkeypatch.setattr("aggregator.intake.mapping.parse_date", explode)
    feed = read(
        b"<rss version='2.0'><channel><title>T</title><item><title>bad</title>"
        b"<pubDate>13:13</pubDate></item><item><title>good</title></item></channel></rss>"
    )
    assert [entry.title for entry in feed.entries] == ["good"]
    assert feed.problems[0].subject == "entry 1"
    assert feed.problems[0].message.startswith("cannot be read: ZeroDivisionError")


def test_long_strings_are_cut_and_a_cut_text_is_a_problem() -> None:
    item = f"<title>{'t' * 5000}</title><guid>{'g' * 5000}</guid><description>{'d' * 2_100_000}</description>"
    feed = read(f"<rss version='2.0'><channel><item>{item}</item></channel></rss>".encode())
    (entry,) = feed.entries
    assert (len(entry.title), len(entry.guid), len(entry.html)) == (1_000, 2_000, 2_000_000)
    assert [problem.message for problem in feed.problems] == [
        "a text of 2,100,000 characters was cut to 2,000,000"
    ]


def test_an_empty_feed_is_a_feed() -> None:
    feed = read(b"<rss version='2.0'><channel><title>Sepi</title></channel></rss>")
    assert (feed.title, feed.entries, feed.problems) == ("Sepi", (), ())


@pytest.mark.parametrize("guid", ["123", "?p=5", "a/b"])
def test_a_guid_does_not_depend_on_where_the_feed_was_found(guid: str) -> None:
    body = f"<rss version='2.0'><channel><item><title>t</title><guid>{guid}</guid></item></channel></rss>".encode()
    places = ("https://a.test/feed", "https://b.test/x/feed")
    feeds = [read(body, url=url) for url in places]
    assert [entry.guid for feed in feeds for entry in feed.entries] == [guid, guid]
