"""What a worker process does with an article page: the feed's entry becomes one with the page's text.

trafilatura, behind ``intake.article``, needs 0.4 s and 16 MB to be imported. That happens when a worker reads its first
page: most desks never do, and the program itself has no use for it (tests/chain/test_chain_workers.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.editorial.prepare import prepare
from aggregator.errors import NotAnArticleError
from aggregator.intake.identity import article_id, canonical_url, identify_all
from aggregator.model.entry import Candidate, Entry
from aggregator.model.fetch import Fetched
from aggregator.model.reading import CutRule

if TYPE_CHECKING:
    from aggregator.intake.article import Article

# Two dates that lie so near each other are one, of which somebody forgot the zone.
_SAME_DATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PageReading:
    """A candidate with what its page says; ``whole_url`` is where the page offers the whole article, else ''."""

    candidate: Candidate
    whole_url: str
    problems: tuple[str, ...]


def article_candidate(
    fetched: Fetched, candidate: Candidate, timezone: str, now: datetime, cut: Sequence[CutRule] = ()
) -> PageReading:
    """The candidate with text, image and authors of its article page, prepared anew.

    Title, address and date stay the feed's where it gave them, as does a text that is longer than the page's;
    categories are the feed's and the page's. Raises ParseError where the page holds no article or another one.
    """
    from aggregator.intake.article import read_article  # noqa: PLC0415 - see above

    article = read_article(
        fetched.body, url=fetched.url, content_type=fetched.content_type, timezone=timezone, now=now
    )
    _refuse_another(candidate.entry, article, fetched.url)
    entry = _merged(candidate.entry, article, fetched.url)
    prepared = _prepared(entry, candidate, cut)
    if len(prepared.text) < len(candidate.text):
        own = candidate.entry
        entry = replace(entry, html=own.html, summary_html=own.summary_html, base_url=own.base_url)
        prepared = prepare(entry, candidate.identity, cut)
    return PageReading(prepared, article.whole_url, article.problems)


def with_stored_texts(
    pairs: Sequence[tuple[Candidate, Entry]], cut: Sequence[CutRule] = ()
) -> tuple[Candidate, ...]:
    """Candidates with the text, picture and authors that we have of them, where their pages are not read this time."""
    return tuple(_with_stored_text(candidate, stored, cut) for candidate, stored in pairs)


def _with_stored_text(candidate: Candidate, stored: Entry, cut: Sequence[CutRule]) -> Candidate:
    own = candidate.entry
    entry = replace(
        own,
        title=own.title or stored.title,
        html=stored.html,
        summary_html=stored.summary_html,
        base_url=stored.base_url,
        authors=stored.authors or own.authors,
        categories=tuple(dict.fromkeys((*own.categories, *stored.categories))),
        image=stored.image,
    )
    return replace(_prepared(entry, candidate, cut), feed_hash=candidate.feed_hash)


def _prepared(entry: Entry, candidate: Candidate, cut: Sequence[CutRule]) -> Candidate:
    """With the identity that the feed's document gave, but for what is known by its text."""
    identity = replace(candidate.identity, content=identify_all([entry])[0].content)
    return prepare(entry, identity, cut)


def _refuse_another(entry: Entry, article: Article, found_url: str) -> None:
    """Raise NotAnArticleError for a page that is another article's: asked for one, sites send their readers to another.

    The article number decides where both addresses show one: slugs follow the headline. Else the headline does, the
    same at another address. An entry without one is believed what the page states, but follows no redirect.
    """
    has_its_headline = _is_among(entry.title, article.headlines)
    stated = article.canonical_url if _is_of_same_host(article.canonical_url, entry.url) else ""
    if _is_apart(entry.url, found_url, has_its_headline=has_its_headline) or (
        canonical_url(stated) != canonical_url(found_url)
        and _is_apart(entry.url, stated, has_its_headline=has_its_headline or not entry.title)
    ):
        raise NotAnArticleError(f"the page is another article's: {stated or found_url}")


def _is_apart(own_url: str, url: str, *, has_its_headline: bool) -> bool:
    own, other = canonical_url(own_url), canonical_url(url)
    if own == other or not (
        urlsplit(other).path or urlsplit(other).query
    ):  # a front page is named by mistake
        return False
    (own_host, _, own_number), (host, _, number) = (article_id(one).partition("#") for one in (own, other))
    if own_number and number and (own_number == number or own_host == host):
        return own_number != number
    return not has_its_headline


def _is_of_same_host(url: str, other: str) -> bool:
    """Elsewhere stands the original of what the site took over, under numbers of its own."""
    return urlsplit(canonical_url(url)).netloc == urlsplit(canonical_url(other)).netloc


def _is_among(title: str, headlines: Sequence[str]) -> bool:
    """Whether one of them is the title, perhaps with the name of the site or a word before it."""
    words = _words(title)
    return bool(title) and any(words in its or its in words for its in map(_words, headlines) if its.strip())


def _words(line: str) -> str:
    words = " ".join(re.findall(r"[^\W_]+", line.casefold()))
    return f" {words} "


def _merged(entry: Entry, article: Article, url: str) -> Entry:
    return replace(
        entry,
        title=entry.title or article.title,
        html=article.html,
        summary_html=entry.summary_html or entry.html,
        base_url=url,
        authors=article.authors or entry.authors,
        categories=tuple(dict.fromkeys((*entry.categories, *article.categories))),
        published_at=_published_at(entry, article),
        updated_at=article.updated_at or entry.updated_at,
        image=article.image or entry.image,
    )


def _published_at(entry: Entry, article: Article) -> datetime | None:
    """The feed's date; pages state that of a template's sample, or tell of another day.

    A plain sitemap, known by its want of headlines, has only the date of the last change: there the page's counts. Of
    two that lie near each other the earlier: who forgets the zone of an Indonesian clock is late.
    """
    own, its = entry.published_at, article.published_at
    if own is None or its is None or not entry.title:
        return its or own
    return min(own, its) if abs(own - its) <= _SAME_DATE else own
