"""``full_text: article``: the entries of a feed get the text of their article pages before anything is decided.

What the feed gave is kept as a hash beside each entry whose text is its page's: its page is read once, and again when
the feed says something else. News is not lost for want of its page: what the feed gave is stored, and the page asked
for again. What a page once gave stays until a newer reading takes its place, also when pages are no longer read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aggregator.app import App
from aggregator.asking import Article, Asking, Pages, feed_hash, read_askings, worth_keeping, written
from aggregator.config.model import Config, Source
from aggregator.editorial.recognise import OwnEntries
from aggregator.editorial.terms import Permission, allowance, permission
from aggregator.intake import guids
from aggregator.model.entry import Candidate, KnownEntry
from aggregator.model.problem import Problem
from aggregator.model.reading import CutRule
from aggregator.model.source import SourceState
from aggregator.page_reading import with_stored_texts


@dataclass(frozen=True, slots=True)
class WithArticles:
    """``are_missing``: some page is to be asked for again, so the document must be read again even if unchanged."""

    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...] = ()
    are_missing: bool = False


def reads_pages(config: Config, source: Source) -> bool:
    """Whether the source asks for its article pages and the partner's terms allow full texts."""
    return source.full_text == "article" and allowance(config.partner(source.partner)).content == "full"


async def with_articles(
    app: App,
    source: Source,
    state: SourceState,
    candidates: tuple[Candidate, ...],
    now: datetime,
    *,
    is_whole: bool = True,
) -> WithArticles:
    """The candidates to be decided upon, with their pages' texts as far as those are there.

    ``is_whole``: they are all that the feed holds, and what was remembered of other pages can be forgotten.
    Entries that the contract excludes, or that came before the source began, stay as the feed gave them. Those without
    a title, as plain sitemaps list them, are passed over until their page gives them one. Raises StoreError.
    """
    is_on = reads_pages(app.config, source)
    memory = await app.in_store_thread(_memory, app, source, state, candidates)
    if not is_on and memory.askings is None:  # nor ever was
        return WithArticles(candidates)
    partner, site = app.config.partner(source.partner), app.config.site
    articles, wanted = [], []
    backlog_before_at = (state.began_at or now) - app.config.fetch.first_poll_max_age
    for candidate, stored in zip(candidates, memory.stored, strict=True):
        allowed = permission(partner, candidate.entry, now, now, site.timezone)
        one = Article(candidate, feed_hash(candidate, now), None if allowed.refusal else stored)
        articles.append(one)
        if is_on and _wants_page(one, allowed, backlog_before_at):
            wanted.append(one)
    pages = Pages(app, source, partner, now, dict(memory.askings or {}))
    await pages.read_all(wanted)
    if (
        is_on
        and (kept := worth_keeping(pages.askings, articles if is_whole else None, now)) != memory.askings
    ):
        await app.write(lambda tx: tx.set_meta(_key(source), written(kept)))
    unread = [one for one in articles if one not in pages.read]
    ready = await _with_what_we_have(app, unread, partner.cut_rules, is_on=is_on)
    found = [pages.read.get(one) or ready[one] for one in articles]
    shown = tuple(candidate for candidate in found if candidate.entry.title or not is_on)
    return WithArticles(shown, tuple(pages.problems), pages.are_missing)


def _wants_page(one: Article, allowed: Permission, backlog_before_at: datetime) -> bool:
    """Whether something new could be read, of an entry that may be published."""
    published_at = one.candidate.entry.published_at
    is_backlog = one.stored is None and published_at is not None and published_at < backlog_before_at
    is_refused = bool(allowed.refusal or allowed.new_refusal)
    return bool(one.candidate.entry.url) and not (one.is_unchanged or is_backlog or is_refused)


@dataclass(frozen=True, slots=True)
class _Memory:
    """``stored``: for each candidate the entry that it is, where that has its page's text. ``askings``: by page, None
    where pages were never read.
    """

    stored: Sequence[KnownEntry | None]
    askings: Mapping[str, Asking] | None


def _memory(app: App, source: Source, state: SourceState, candidates: Sequence[Candidate]) -> _Memory:
    with app.store.read() as tx:
        remembered = tx.meta(_key(source))
        if remembered is None:
            return _Memory([None] * len(candidates), None)
        known = tx.known(source.id, candidates)
    own = [entry for entry in known if entry.source_id == source.id]
    if (
        guids.are_given_up(state.guid_trouble)
        or guids.are_worthless(candidates)
        or guids.lead_elsewhere(candidates, own)
    ):
        candidates = guids.without_guids(candidates)
    found = (entry for entry, _ in OwnEntries(own).recognise(candidates))
    stored = [entry if entry is not None and entry.feed_hash else None for entry in found]
    return _Memory(stored, read_askings(remembered))


def _key(source: Source) -> str:
    return f"article_pages {source.id}"


# --- entries whose pages are not read this time -------------------------------------------------------------------


async def _with_what_we_have(
    app: App, articles: Sequence[Article], cut: Sequence[CutRule], *, is_on: bool
) -> dict[Article, Candidate]:
    """Texts that were read before stay: a teaser must not take their place.

    Where pages are no longer read they stay while the feed says the same words.
    """
    ready, kept = {}, {}
    for one in articles:
        ready[one] = one.candidate
        if one.stored is not None and one.is_unchanged:
            ready[one] = _as_stored(one.candidate, one.stored)
        elif one.stored is not None and (is_on or one.has_same_words):
            kept[one] = one.stored
    if kept:
        entry_ids = [stored.entry_id for stored in kept.values()]
        found = await app.read(lambda tx: tx.raw_entries(entry_ids))
        raw = {one.entry_id: one.entry for one in found}
        pairs = [
            (replace(one.candidate, feed_hash=stored.feed_hash), raw[stored.entry_id])
            for one, stored in kept.items()
        ]
        ready |= zip(kept, await app.pool.run(with_stored_texts, pairs, cut), strict=True)
    return ready


def _as_stored(candidate: Candidate, stored: KnownEntry) -> Candidate:
    """What the entry is known to be, so that it counts as standing in the document."""
    entry = replace(candidate.entry, title=stored.title, categories=stored.categories, authors=stored.authors)
    return replace(
        candidate,
        entry=entry,
        identity=replace(candidate.identity, content=stored.identity.content),
        text=stored.text,
        content_hash=stored.content_hash,
        marks=(),
        feed_hash=stored.feed_hash,
    )
