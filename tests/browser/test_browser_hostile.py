"""All hostile strings through every field into every document and page, read by Debian's chromium as the worst of
readers would: each string taken for HTML, as part of a page and by ``innerHTML``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest
from chromium import CHROMIUM, launch
from hostile_press import FORMATS, PAGES, all_payloads, paths, press, strings
from playwright.sync_api import Browser, Error, Page, Request, Route, sync_playwright

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not CHROMIUM.exists() and os.environ.get("AGGREGATOR_REQUIRE_BROWSER") != "1",
        reason="chromium is not installed",
    ),
]
AT_ONCE = 250  # strings on one page
SETTLED_MS = 300
CANARY = """
    window.fired = []
    window.xss = name => { try { top.fired.push(String(name)) } catch { fired.push(String(name)) } }
    for (const name of ['alert', 'confirm', 'prompt', 'msgbox']) window[name] = window.xss
"""
# What stands in a page beside the sections that it is made of.
AUDIT = """() => {
    const found = []
    const forbidden = new Set(('script style object embed applet meta base link form input button select textarea '
        + 'svg math template noscript frame frameset title xmp plaintext portal dialog map area param').split(' '))
    const addresses = new Set('href src action formaction data poster background cite longdesc ping'.split(' '))
    for (const element of document.body.querySelectorAll('section *')) {
        const tag = element.localName
        if (forbidden.has(tag)) found.push(`element ${tag}`)
        for (const {name, value} of element.attributes) {
            if (/^on|^(id|name|style|class|srcset|srcdoc|target|ping|is|slot)$/.test(name))
                found.push(`${tag} ${name}=${value}`)
            if (addresses.has(name)) {
                let protocol = 'none:'
                try { protocol = new URL(value).protocol } catch {}
                if (!['http:', 'https:', 'mailto:'].includes(protocol)) found.push(`${tag} ${name}=${value}`)
            }
        }
        if (tag == 'iframe' && !element.hasAttribute('sandbox')) found.push('frame without sandbox')
    }
    return found
}"""
STATED = """() => [...document.querySelectorAll('img, video, audio, source, iframe')]
    .flatMap(element => [element.src, element.currentSrc, element.poster]).filter(Boolean)"""
TEMPT = """() => {
    for (const element of document.querySelectorAll('section *')) {
        for (const name of ['mouseover', 'focus', 'toggle', 'animationstart', 'error', 'load'])
            element.dispatchEvent(new Event(name, {bubbles: true}))
        if (element.localName == 'a' && !/^(https?|mailto):/.test(element.protocol)) element.click?.()
    }
}"""


@dataclass
class Reader:
    """A page, what ran in it, and what it asked for. No request is let through."""

    page: Page
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        def refuse(route: Route, request: Request) -> None:
            self.requests.append(request.url)
            route.abort()

        self.page.add_init_script(CANARY)
        self.page.route("**/*", refuse)
        self.page.on("dialog", lambda dialog: dialog.dismiss())

    def static(self, texts: list[str]) -> None:
        self._open("".join(f"<section>{text}</section>" for text in texts))

    def inner(self, texts: list[str]) -> None:
        """Twice, since markup can change its meaning when it is written out and read again."""
        self._open("")
        self.page.evaluate(
            """texts => {
                for (const text of texts) {
                    const section = document.body.appendChild(document.createElement('section'))
                    section.innerHTML = text
                    section.innerHTML = section.innerHTML
                }
            }""",
            texts,
        )

    def ran(self) -> list[str]:
        """What was executed, by itself or when the reader touches things."""
        self.page.evaluate(TEMPT)
        self.page.wait_for_timeout(SETTLED_MS)
        fired: list[str] = self.page.evaluate("window.fired")
        return fired

    def foreign(self) -> list[str]:
        """The requests for anything but pictures, sounds, films and players that the markup states."""
        stated = {address.partition("#")[0] for address in self.page.evaluate(STATED)}
        return [url for url in self.requests if url not in stated]

    def _open(self, body: str) -> None:
        self.page.goto("about:blank")
        self.requests.clear()
        self.page.set_content(
            f"<!DOCTYPE html><html><body>{body}</body></html>", wait_until="domcontentloaded"
        )


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with sync_playwright() as playwright:
        browser: Browser = launch(playwright)
        yield Reader(browser.new_page())
        browser.close()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("press")
    with ThreadPoolExecutor(1) as thread:  # in this one playwright's loop runs
        return thread.submit(press, folder).result()


def batches(texts: list[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch


def test_the_browser_sees_what_is_not_cleaned(reader: Reader) -> None:
    """Otherwise the tests below would say nothing."""
    ran = asked = audited = 0
    for payload in all_payloads().values():
        with suppress(Error):  # some lead the page away, which is a request
            reader.inner([payload])
            audited += bool(reader.page.evaluate(AUDIT))
            reader.page.evaluate(TEMPT)
            ran += bool(reader.page.evaluate("window.fired.length"))
            reader.foreign()
        asked += any("/a.css" in url or url.endswith("jahat.example/") for url in reader.requests)
    assert ran >= 20
    assert asked >= 2
    assert audited >= 60


@pytest.mark.parametrize("kind", FORMATS)
def test_everything_hostile_is_published(kind: str, published: dict[str, str]) -> None:
    """Two entries of each payload came as RSS, two as Atom, three as JSON Feed; some are copies of others."""
    entry = {"rss": "<item>", "atom": "<entry", "json": '"date_published"'}[kind]
    count = sum(published[path].count(entry) for path in paths() if path.endswith(kind))
    assert count >= 6 * len(all_payloads())


@pytest.mark.parametrize("way", ["static", "inner"])
def test_nothing_in_a_document_runs_or_asks_for_anything(
    way: str, reader: Reader, published: dict[str, str]
) -> None:
    for batch in batches(strings(published)):
        getattr(reader, way)(batch)
        assert reader.page.evaluate("document.querySelectorAll('body > section').length") == len(batch)
        assert reader.page.evaluate(AUDIT) == []
        assert reader.ran() == []
        assert reader.foreign() == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_a_page_runs_or_asks_for_anything(
    path: str, reader: Reader, published: dict[str, str]
) -> None:
    reader.page.goto("about:blank")
    reader.requests.clear()
    reader.page.set_content(published[path], wait_until="domcontentloaded")
    reader.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    assert (
        reader.page.locator("script, iframe, object, form, base, [onclick], [onerror], [onload]").count() == 0
    )
    assert reader.ran() == []
    assert reader.requests == []
