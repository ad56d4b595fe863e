"""RSS, RDF and Atom to a ParsedFeed, by feedparser and in spite of it."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import feedparser

from aggregator.errors import NotAFeedError, ParseError
from aggregator.intake.clean import MAX_GUID, absolute_url, clean_line
from aggregator.intake.entries import language_tag, map_entries
from aggregator.intake.hints import hints_of
from aggregator.intake.hub_links import hub_links
from aggregator.intake.mapping import FeedContext, entry_date, title_line
from aggregator.intake.mediarss import with_media_words
from aggregator.intake.mojibake import shielded
from aggregator.intake.precheck import CheckedDocument
from aggregator.intake.split import cut_xml
from aggregator.model.entry import ParsedFeed
from aggregator.model.problem import Problem
from aggregator.model.standing import Standing


def parse_feed(
    document: CheckedDocument, *, url: str, timezone: str, now: datetime, before: Standing
) -> ParsedFeed:
    """Read an RSS, RDF or Atom document, as far as it did not stand there before.

    Relative links are resolved against the feed's own link, else against ``url``, where it was found. Raises
    NotAFeedError, and ParseError where feedparser gives up. It may take very long on hostile documents.
    """
    document, cut = cut_xml(document, url, before)
    raw = _parse(document)
    version = str(raw.get("version") or "")
    if not version and not raw["entries"]:
        raise NotAFeedError(f"an XML document with the root element <{document.root}>, not a feed")
    head = raw["feed"]
    site_url = _site_url(head, url)
    feed = FeedContext(site_url or url, timezone, now, version.startswith("atom"))
    with_media_words(raw["entries"], document.text)
    mapped = map_entries(raw["entries"], feed, cut)
    damage = [Problem(url, message) for message in (*document.problems, *_not_well_formed(raw, document))]
    return ParsedFeed(
        format=version,
        title=title_line(head, feed.is_atom),
        url=site_url,
        feed_id=clean_line(str(head.get("id") or ""), MAX_GUID),
        language=language_tag(str(head.get("language") or "")),
        updated_at=entry_date(head, ("updated", "published"), feed, []),
        entries=mapped.entries,
        problems=(*damage, *mapped.problems),
        hints=hints_of(head, document.text),
        links=hub_links(
            (str(link.get("rel") or ""), str(link.get("href") or "")) for link in head.get("links", ())
        ),
        envelope=cut.envelope if mapped.is_cut and not damage else "",
        stood=mapped.stood,
        seen=cut.seen,
    )


def _parse(document: CheckedDocument) -> Any:
    """feedparser with everything off that guesses, fetches or rewrites. Raises ParseError.

    It gets a stream, because it takes bytes for a file name and text for an address. It is not told where
    the document was found, because it would make addresses of guids such as "123" and tie identities to
    that place.
    """
    try:
        return feedparser.parse(
            BytesIO(shielded(document.text).encode()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise ParseError(f"the feed cannot be read: {type(error).__name__}: {error}") from error


def _site_url(head: Any, url: str) -> str:
    """The feed's own link, never the one to itself."""
    links = [link for link in head.get("links", ()) if link.get("rel") == "alternate"]
    return next((site for link in links if (site := absolute_url(str(link.get("href") or ""), url))), "")


def _not_well_formed(raw: Any, document: CheckedDocument) -> tuple[str, ...]:
    """What feedparser says of broken XML that it read all the same; nothing where the damage is known."""
    if not raw.get("bozo") or document.problems:
        return ()
    error = raw.get("bozo_exception")
    reason = error.getMessage() if hasattr(error, "getMessage") else error
    return (f"the feed is not well-formed and was read leniently: {reason}",)
