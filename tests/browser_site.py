"""The pages for browser tests: a desk with every kind of thing to show, served by our own server on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from outputs_samples import STORIES
from web_desk import NoPush
from web_stories import explanation, story_page

from aggregator.config.model import Config
from aggregator.demo.play import demo_config
from aggregator.model.explanation import Explanation
from aggregator.model.health import Check, Readiness
from aggregator.model.listing import StoryPage, StoryQuery
from aggregator.model.reading import Doubt
from aggregator.model.review import Finding
from aggregator.model.status import DeskStatus, HiddenStory, SourceStatus, VisitRecord
from aggregator.outputs.pack import PackCache
from aggregator.outputs.render import render, render_directory
from aggregator.outputs.select import outputs_of
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve
from aggregator.web.shelf import Shelf

OPS_TOKEN = "a-token-for-browser-tests"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LONG_WORD = "Pertanggungjawaban" * 8
MARKUP = "<script>document.title='x'</script><b onclick=\"x()\">\"Judul\" & 'kutipan'</b>"


class BrowserDesk(NoPush):
    """What the server asks of a desk; ``shelf`` is filled once the address is known."""

    def __init__(self, status: DeskStatus, readiness: Readiness, words: str) -> None:
        self.shelf = Shelf(())
        self._status = status
        self._readiness = readiness
        self._words = words

    def was_read(self, key: str, *, unchanged: bool) -> None:
        """Nobody counts here."""

    async def status(self) -> DeskStatus:
        return self._status

    async def readiness(self) -> Readiness:
        return self._readiness

    async def stories(self, query: StoryQuery) -> StoryPage:
        return story_page(self._words, query)

    async def explanation(self, _: str) -> Explanation:
        return explanation(self._words)


@contextmanager
def browser_site(*, hostile: bool = False) -> Iterator[str]:
    """Serve index, feeds and the page for ops from a thread of its own; gives the base URL without a slash."""
    desk = (
        BrowserDesk(hostile_status(), NOT_READY, f"{MARKUP} {LONG_WORD}")
        if hostile
        else BrowserDesk(plain_status(), READY, "Harga Karet di Jambi Naik")
    )
    started, ended = threading.Event(), asyncio.Event()
    base_url = ""

    async def run() -> None:
        nonlocal base_url
        async with serve(desk, Metrics(), host="127.0.0.1", port=0, ops_token=OPS_TOKEN) as base_url:
            config = hostile_config(base_url) if hostile else plain_config(base_url)
            desk.shelf = _shelf(config)
            started.set()
            await ended.wait()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    try:
        assert started.wait(timeout=10)
        yield base_url
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(timeout=10)
        loop.close()


def plain_config(base_url: str) -> Config:
    """The combined output and one for each of ten topics."""
    config = demo_config(base_url, live=True)
    site = config.site.model_copy(
        update={"feeds_url": f"{base_url}/", "press_code_url": "https://jambiseru.com/pedoman-media-siber/"}
    )
    return config.model_copy(update={"site": site})


def hostile_config(base_url: str) -> Config:
    """Titles that are markup, or longer than any screen, at an address that is as long."""
    config = plain_config(base_url)
    titles = (LONG_WORD, MARKUP, f"{LONG_WORD} {MARKUP}", "Sangat panjang " * 20)
    topics = tuple(
        topic.model_copy(update={"title": titles[place % len(titles)]})
        for place, topic in enumerate(config.topics)
    )
    outputs = config.outputs.model_copy(
        update={"combined": config.outputs.combined.model_copy(update={"title": f"{LONG_WORD} {MARKUP}"})}
    )
    site = config.site.model_copy(
        update={"name": f"{LONG_WORD} {MARKUP}", "feeds_url": f"{base_url}/{'panjang' * 30}/{'jauh/' * 20}"}
    )
    return config.model_copy(update={"site": site, "topics": topics, "outputs": outputs})


def _shelf(config: Config) -> Shelf:
    outputs = outputs_of(config)
    documents = [
        document for output in outputs for document in render(output, STORIES, config.site, updated_at=NOW)
    ]
    return Shelf(
        PackCache().pack(document, NOW) for document in (*documents, *render_directory(outputs, config))
    )


READY = Readiness((Check("database", True, "answers in 1 ms"), Check("tick", True, "the last one 0.4 s ago")))
NOT_READY = Readiness(
    (Check("database", False, f"{LONG_WORD} {MARKUP}"), Check("disk", False, "12 MB left for public/"))
)


def plain_status() -> DeskStatus:
    """A source in every state, with visits and days; nothing wrong with the desk itself."""
    visits = (
        VisitRecord(NOW - timedelta(minutes=1), "read", 0.21, entries=16, new=2, copies=1, revised=1),
        VisitRecord(NOW - timedelta(minutes=16), "unchanged", 0.05, entries=16),
        VisitRecord(NOW - timedelta(days=2), "failed", 30.0, problem="did not answer completely within 30s"),
    )
    days = tuple(((NOW - timedelta(days=13 - place)).date(), place * 7 % 11) for place in range(14))
    well = SourceStatus(
        "pikiran-rakyat",
        "well",
        "16 entries, the newest 1 minute old",
        last_polled_at=NOW - timedelta(minutes=1),
        last_success_at=NOW - timedelta(minutes=1),
        last_new_at=NOW - timedelta(minutes=1),
        entries_in_feed=16,
        every_s=900,
        next_poll_at=NOW + timedelta(minutes=14),
        visits=visits,
        entries_per_day=days,
    )
    trouble = replace(
        well,
        id="indonesia-daily",
        state="trouble",
        words="did not answer completely within 30s (fetch.deadline)",
        failures_in_a_row=4,
        notes=("entry 3: its date makes no sense",),
    )
    others = (
        SourceStatus("baru", "waiting", "never polled yet"),
        SourceStatus("lama", "disabled", "enabled: false in feeds.yaml"),
        SourceStatus("pensiun", "retired", "no longer in feeds.yaml"),
    )
    return DeskStatus(
        at=NOW,
        timezone="Asia/Jakarta",
        sources=(well, trouble, *others),
        entries=1284,
        stories=1102,
        published=1080,
        refused=(("excluded category Advertorial", 12),),
        hidden=(HiddenStory("urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001", "Judul", "salah foto"),),
        warnings=("the contract PKS-009/2022 ends in 12 days",),
        doubtful=3,
        doubtful_stories=(_doubtful("Jembatan Gantung Diperbaiki Warga"),),
    )


def _doubtful(words: str, **more: str) -> Finding:
    doubts = (Doubt("pasted-in", f"kata Menteri AlAMerika exander {words}"),)
    values = {
        "source_id": "pikiran-rakyat",
        "title": words,
        "address": "https://pikiran-rakyat.com/a",
        **more,
    }
    return Finding(
        story_id=812,
        first_seen_at=NOW - timedelta(hours=2),
        standing="published",
        cuts=(),
        doubts=doubts,
        **values,
    )


def hostile_status() -> DeskStatus:
    """The same with words that are markup or longer than a line, and a refused configuration."""
    words = f"{LONG_WORD} {MARKUP}"
    status = plain_status()
    source = replace(
        status.sources[1],
        words=words,
        notes=(words,),
        visits=(replace(status.sources[1].visits[2], problem=words),),
    )
    return replace(
        status,
        sources=(source, *(replace(source, id=f"sumber-{number}") for number in range(20))),
        refused=((words, 123_456),),
        hidden=(HiddenStory(status.hidden[0].id, words, words),),
        warnings=(words,),
        config_refused_at=NOW - timedelta(hours=3),
        config_problems=(f"feeds.yaml:14:12: {words}",),
        doubtful_stories=(_doubtful(words, source_id=words),),
    )
