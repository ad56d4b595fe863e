"""The bytes of a feed to a ParsedFeed, by feedparser and in spite of it."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import Any

import feedparser

from aggregator.errors import NotAFeedError, ParseError
from aggregator.intake.clean import MAX_GUID, absolute_url, clean_line
from aggregator.intake.identity import without_repetitions
from aggregator.intake.mapping import FeedContext, entry_date, map_entry, title_line
from aggregator.intake.precheck import CheckedDocument, check_document
from aggregator.model.entry import Entry, ParsedFeed
from aggregator.model.problem import Problem

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")  # BCP 47


def parse_feed(body: bytes, *, url: str, content_type: str, timezone: str, now: datetime) -> ParsedFeed:
    """Read an RSS, RDF or Atom document as it was fetched.

    ``url`` is where it was found (relative links are resolved against the feed's own link, else against
    it), ``content_type`` the HTTP header, ``timezone`` an IANA name for dates that state no zone, ``now``
    aware UTC. Entries that cannot be used are passed over and named in ``problems``, as is damage that was
    read around. Raises NotAFeedError, RefusedDocumentError, and ParseError where feedparser gives up. It
    may take very long on hostile documents: run it in engine.pool.
    """
    document = check_document(body, content_type)
    raw = _parse(document)
    version = str(raw.get("version") or "")
    if not version and not raw["entries"]:
        raise NotAFeedError(f"an XML document with the root element <{document.root}>, not a feed")
    head = raw["feed"]
    site_url = _site_url(head, url)
    feed = FeedContext(site_url or url, timezone, now, version.startswith("atom"))
    entries, problems = _entries(raw["entries"], feed)
    damage = [Problem(url, message) for message in (*document.problems, *_not_well_formed(raw, document))]
    return ParsedFeed(
        format=version,
        title=title_line(head, feed.is_atom),
        url=site_url,
        feed_id=clean_line(str(head.get("id") or ""), MAX_GUID),
        language=_language(head),
        updated_at=entry_date(head, ("updated", "published"), feed, []),
        entries=entries,
        problems=(*damage, *problems),
    )


def _parse(document: CheckedDocument) -> Any:
    """feedparser with everything off that guesses, fetches or rewrites. Raises ParseError.

    It gets a stream, because it takes bytes for a file name and text for an address. It is not told where
    the document was found, because it would make addresses of guids such as "123" and tie identities to
    that place.
    """
    try:
        return feedparser.parse(
            BytesIO(document.text.encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise ParseError(f"the feed cannot be read: {type(error).__name__}: {error}") from error


def _entries(raws: list[Any], feed: FeedContext) -> tuple[tuple[Entry, ...], list[Problem]]:
    """Every article that can be used, once, in document order, and what is wrong with the others."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for position, raw in enumerate(raws, start=1):
        try:
            entry, messages = map_entry(raw, feed)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one entry, the others are news
            entry, messages = None, (f"cannot be read: {type(error).__name__}: {error}",)
        subject = (entry and (entry.guid or entry.url or entry.title)) or f"entry {position}"
        problems += (Problem(subject, message) for message in messages)
        if entry:
            entries.append(entry)
    distinct = without_repetitions(entries)
    if repeated := len(entries) - len(distinct):
        problems.append(
            Problem(feed.base_url, f"{repeated} entries stand there twice; the fuller ones were taken")
        )
    return distinct, problems


def _site_url(head: Any, url: str) -> str:
    """The feed's own link, never the one to itself."""
    links = [link for link in head.get("links", ()) if link.get("rel") == "alternate"]
    return next((site for link in links if (site := absolute_url(str(link.get("href") or ""), url))), "")


def _language(head: Any) -> str:
    stated = str(head.get("language") or "").strip().replace("_", "-")
    return stated if _LANGUAGE.fullmatch(stated) else ""


def _not_well_formed(raw: Any, document: CheckedDocument) -> tuple[str, ...]:
    """What feedparser says of broken XML that it read all the same; nothing where the damage is known."""
    if not raw.get("bozo") or document.problems:
        return ()
    error = raw.get("bozo_exception")
    reason = error.getMessage() if hasattr(error, "getMessage") else error
    return (f"the feed is not well-formed and was read leniently: {reason}",)
