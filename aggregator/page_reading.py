"""What a worker process does with an article page: the feed's entry becomes one with the page's text.

trafilatura, behind ``intake.article``, needs 0.4 s and 16 MB to be imported. That happens when a worker reads its first
page: most desks never do, and the program itself has no use for it (tests/chain/test_chain_workers.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from aggregator.editorial.prepare import prepare
from aggregator.intake.identity import identify_all
from aggregator.model.entry import Candidate, Entry
from aggregator.model.fetch import Fetched

if TYPE_CHECKING:
    from aggregator.intake.article import Article


@dataclass(frozen=True, slots=True)
class PageReading:
    """A candidate with what its page says; ``whole_url`` is where the page offers the whole article, else ''."""

    candidate: Candidate
    whole_url: str
    problems: tuple[str, ...]


def article_candidate(fetched: Fetched, candidate: Candidate, timezone: str, now: datetime) -> PageReading:
    """The candidate with text, image, authors and dates of its article page, prepared anew.

    Title and address stay the feed's where it gave them, as does a text that is longer than the page's; categories are
    the feed's and the page's. Raises ParseError where the page holds no article.
    """
    from aggregator.intake.article import read_article  # noqa: PLC0415 - see above

    article = read_article(
        fetched.body, url=fetched.url, content_type=fetched.content_type, timezone=timezone, now=now
    )
    entry = _merged(candidate.entry, article, fetched.url)
    prepared = prepare(entry, replace(candidate.identity, content=identify_all([entry])[0].content))
    if len(prepared.text) < len(candidate.text):
        own = candidate.entry
        entry = replace(entry, html=own.html, summary_html=own.summary_html, base_url=own.base_url)
        prepared = prepare(entry, candidate.identity)
    return PageReading(prepared, article.whole_url, article.problems)


def _merged(entry: Entry, article: Article, url: str) -> Entry:
    """Of two dates of publication the earlier: no article appears twice, and who forgets the zone of an Indonesian
    clock, or takes the last change for the first publication, is late.
    """
    dates = [moment for moment in (entry.published_at, article.published_at) if moment is not None]
    return replace(
        entry,
        title=entry.title or article.title,
        html=article.html,
        summary_html=entry.summary_html or entry.html,
        base_url=url,
        authors=article.authors or entry.authors,
        categories=tuple(dict.fromkeys((*entry.categories, *article.categories))),
        published_at=min(dates, default=None),
        updated_at=article.updated_at or entry.updated_at,
        image=article.image or entry.image,
    )
