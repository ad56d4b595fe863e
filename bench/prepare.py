"""What an entry costs between feedparser and the decision, in CPU of one core: identity, text, credits, marks, hash.

    .venv/bin/python bench/prepare.py [--feeds N] [--json]

The entries are those of poll_press's feeds. The reference of the ratio is feedparser, without its sanitizer, of the
same entries in the same run. Of each feed the best of ROUNDS counts, so that a busy machine disturbs little.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import feedparser
from poll_press import ENTRIES, Press, print_feed

from aggregator.editorial.plain_text import read_credited
from aggregator.editorial.prepare import prepare
from aggregator.editorial.wording import wording
from aggregator.intake.document import read_document
from aggregator.intake.identity import canonical_url, identify_all, without_repetitions
from aggregator.model.entry import Entry, Identity, ParsedFeed

ROUNDS = 5
NOBODY = Identity("", "", "", "")
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)

Feed = tuple[bytes, tuple[Entry, ...]]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--feeds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    feeds = printed(arguments.feeds)
    cost_ms = {name: entry_ms(work, feeds) for name, work in WORKS.items()}
    reference_ms = cost_ms["feedparser"]
    rows = [
        {"work": name, "entry_ms": round(ms, 3), "ratio": round(ms / reference_ms, 2)}
        for name, ms in cost_ms.items()
    ]
    if arguments.json:
        json.dump(rows, sys.stdout, indent=1)
        return 0
    for row in rows:
        print(f"{row['work']:<12} {row['entry_ms']:7.3f} ms an entry, {row['ratio']:5.2f} of feedparser")
    return 0


def printed(count: int) -> list[Feed]:
    """The documents of that many feeds and what they hold."""
    with tempfile.TemporaryDirectory() as folder:
        press = Press(Path(folder), count, NOW)
        for feed in range(count):
            print_feed(press, feed)
        bodies = [press.path(feed, 1).read_bytes() for feed in range(count)]
    return [(body, entries_of(body)) for body in bodies]


def entries_of(body: bytes) -> tuple[Entry, ...]:
    document = read_document(
        body, url="https://www.p.example/feed", content_type="text/xml", timezone="UTC", now=NOW
    )
    assert isinstance(document, ParsedFeed) and len(document.entries) == ENTRIES
    return document.entries


def entry_ms(work: Callable[[Feed], object], feeds: Sequence[Feed]) -> float:
    """CPU of an entry; nothing is known again from the round before."""
    best_s = [float("inf")] * len(feeds)
    for _ in range(ROUNDS):
        for number, feed in enumerate(feeds):
            wording.cache_clear()
            canonical_url.cache_clear()
            began_s = time.process_time()
            work(feed)
            best_s[number] = min(best_s[number], time.process_time() - began_s)
    return 1000 * sum(best_s) / len(feeds) / ENTRIES


def _parse(feed: Feed) -> None:
    feedparser.parse(io.BytesIO(feed[0]), sanitize_html=False, resolve_relative_uris=False)


def _identify(feed: Feed) -> None:
    identify_all(without_repetitions(feed[1]))


def _prepare(feed: Feed) -> None:
    for entry in feed[1]:
        prepare(entry, NOBODY)


def _read(feed: Feed) -> None:
    for entry in feed[1]:
        read_credited(entry.html)


WORKS: dict[str, Callable[[Feed], None]] = {
    "feedparser": _parse,
    "identity": _identify,
    "read": _read,
    "prepare": _prepare,
}

if __name__ == "__main__":
    raise SystemExit(main())
