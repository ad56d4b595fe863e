"""Debian's chromium, quiet and without a word to anybody."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Playwright

CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def launch(playwright: Playwright) -> Browser:
    """Start it without a window; the caller closes it."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
