"""Take the pictures of README and docs from the live demo:

    python tests/screenshots.py       writes docs/index.png and docs/ops.png, takes two minutes

The page takes the fonts of the system; with Debian's fonts-noto-core it looks as on most screens.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chromium import launch
from playwright.sync_api import Page, sync_playwright

DOCS = Path(__file__).parent.parent / "docs"
TOKEN = "a-token-for-the-picture"
LIVED_S = 100.0  # before the pictures are taken: visits to show, and some of everything in the feeds
WIDTH = 1120
LARGEST_BYTES = 200_000


@contextmanager
def live_demo() -> Iterator[str]:
    """``aggregator demo`` on a free port; gives the base URL."""
    demo = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "demo", "--port", "0"],
        env={**os.environ, "AGGREGATOR_OPS_TOKEN": TOKEN},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stderr is not None
    try:
        lines = (json.loads(line) for line in demo.stderr)
        yield next(line["url"] for line in lines if line["event"] == "serving")
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=30)


def take(page: Page, name: str, *, down_to: str) -> None:
    """The top of the page, as far as the element."""
    box = page.locator(down_to).first.bounding_box()
    assert box is not None
    height = box["y"] + box["height"] + 40
    path = DOCS / name
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
    size_bytes = path.stat().st_size
    print(f"{path.name}: {size_bytes} bytes")
    assert size_bytes <= LARGEST_BYTES


def main() -> None:
    with live_demo() as base_url, sync_playwright() as playwright:
        time.sleep(LIVED_S)
        browser = launch(playwright)
        page = browser.new_page(
            viewport={"width": WIDTH, "height": 900}, extra_http_headers={"Authorization": f"Bearer {TOKEN}"}
        )
        page.goto(f"{base_url}/")
        take(page, "index.png", down_to=".topics")
        page.goto(f"{base_url}/ops/")
        take(page, "ops.png", down_to=".cards")
        browser.close()


if __name__ == "__main__":
    main()
