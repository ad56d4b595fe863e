"""The pages in Debian's chromium: phone and desktop, light and dark, as made for people and at their worst."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from browser_site import OPS_TOKEN, browser_site
from chromium import CHROMIUM, launch
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

SIZES = {"phone": (360, 740), "desktop": (1280, 900), "narrow": (320, 600)}
PATHS = ("/", "/feeds/all.html", "/ops/", "/ops/stories", "/ops/story?story=12")
PAGES = tuple(f"{site}{path}" for site in ("plain", "hostile") for path in PATHS)
LOOKS = ("phone light", "phone dark", "desktop light", "desktop dark", "narrow light")
# Off unless asked for: touch targets of 24 px, and names that say what is seen.
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}, "label-content-name-mismatch": {"enabled": True}},
}
FOCUSABLE = "a[href], summary, button, input, select, [tabindex='0']"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        not CHROMIUM.exists() and os.environ.get("AGGREGATOR_REQUIRE_BROWSER") != "1",
        reason="chromium is not installed",
    ),
]


@dataclass
class View:
    """A page that was opened, and what happened the while."""

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)  # of the console, and uncaught errors
    strangers: list[str] = field(default_factory=list)  # requests to other origins; none is let through

    def watch(self) -> None:
        def pass_own(route: Route, request: Request) -> None:
            if request.url.startswith(f"{self.origin}/"):
                route.continue_()
            else:
                self.strangers.append(request.url)
                route.abort()

        self.page.route("**/*", pass_own)
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, str]]:
    """Base URLs: of a desk as it should be, and of one full of hostile strings."""
    with browser_site() as plain, browser_site(hostile=True) as hostile:
        yield {"plain": plain, "hostile": hostile}


@pytest.fixture(scope="module", params=[f"{page} {look}" for page in PAGES for look in LOOKS])
def view(request: pytest.FixtureRequest, browser: Browser, sites: dict[str, str]) -> Iterator[View]:
    """A page in one of its looks, opened once for all checks, with everything on it unfolded."""
    page, size, scheme = request.param.split()
    kind, _, path = page.partition("/")
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=size != "desktop",
        extra_http_headers={"Authorization": f"Bearer {OPS_TOKEN}"} if path else {},
    )
    view = View(context.new_page(), sites[kind])
    view.watch()
    answer = view.page.goto(f"{sites[kind]}/{path}")
    assert answer is not None and answer.status == 200
    view.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    yield view
    context.close()


def test_axe_reports_nothing(view: View) -> None:
    results = Axe().run(view.page, options=AXE_OPTIONS)
    assert results.violations_count == 0, results.generate_report()


def test_nothing_complains_and_no_request_leaves_the_origin(view: View) -> None:
    assert view.complaints == []
    assert view.strangers == []


def test_nothing_is_wider_than_the_screen(view: View) -> None:
    wide = view.page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(element => !element.closest('.scroll, svg'))
            .filter(element => element.getBoundingClientRect().right > innerWidth + .5)
            .map(element => element.outerHTML.slice(0, 120))"""
    )
    assert wide == []
    assert view.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_keyboard_reaches_everything_and_shows_where_it_is(view: View) -> None:
    view.page.evaluate("document.activeElement.blur()")
    wanted = view.page.locator(FOCUSABLE).count()
    assert wanted > 1
    for place in range(wanted):
        view.page.keyboard.press("Tab")
        found = view.page.evaluate(
            """selector => {
                const element = document.activeElement
                const style = getComputedStyle(element), box = element.getBoundingClientRect()
                return {
                    place: [...document.querySelectorAll(selector)].indexOf(element),
                    outline: style.outlineStyle == 'none' ? 0 : parseFloat(style.outlineWidth),
                    isOnScreen: box.bottom > 0 && box.top < innerHeight,
                }
            }""",
            FOCUSABLE,
        )
        assert found["place"] == place
        assert found["outline"] >= 2
        assert found["isOnScreen"]


def test_every_link_of_the_index_leads_to_a_document_of_its_type(
    browser: Browser, sites: dict[str, str]
) -> None:
    page = browser.new_page()
    page.goto(sites["plain"] + "/")
    links = page.eval_on_selector_all(
        "a[href], link[href]", "all => all.map(one => [one.getAttribute('href'), one.type])"
    )
    own = [(urljoin(page.url, address), media_type) for address, media_type in links if "://" not in address]
    # Feeds in three formats and the list of all, twice; a page for each.
    assert len(own) == 2 * (11 * 3 + 1) + 11
    for address, media_type in own:
        answer = page.request.get(address)
        sent = answer.headers["content-type"].split(";")[0]
        assert (answer.status, sent) == (200, media_type or "text/html")
    assert {address for address, _ in links if "://" in address} == {
        "https://jambiseru.com/",
        "https://jambiseru.com/pedoman-media-siber/",
    }
    copied = page.locator("code.address").all_inner_texts()
    assert len(copied) == 12
    assert all(page.request.get(address).status == 200 for address in copied)
    page.close()


def test_one_click_selects_a_whole_address(browser: Browser, sites: dict[str, str]) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(sites["plain"] + "/")
    for address in page.locator("code.address").all()[:3]:
        address.click()
        selected = page.evaluate("getSelection().toString()")
        assert selected == address.inner_text()
        assert selected.startswith(f"{sites['plain']}/feeds/")
    page.close()


@pytest.mark.parametrize("path", PATHS)
def test_strings_of_partners_stay_strings(browser: Browser, sites: dict[str, str], path: str) -> None:
    page = browser.new_page(extra_http_headers={"Authorization": f"Bearer {OPS_TOKEN}"})
    page.goto(sites["hostile"] + path)
    assert page.title() != "x"
    assert page.locator("script, [onclick]").count() == 0
    assert "<script>document.title='x'</script>" in page.locator("body").inner_text()
    page.close()
