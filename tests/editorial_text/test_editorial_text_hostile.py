"""Hostile markup, as collected outside the repository (index: data/hostile/index.tsv)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import editorial_text_dom
import pytest

from aggregator.editorial.sanitize import sanitize

SHARED = Path(os.environ.get("AGGREGATOR_SHARED", Path(__file__).parents[3] / "shared"))
HOSTILE = SHARED / "data" / "hostile"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
GENERATED = ("deep_html_10k", "html_attrs_20k", "html_entities_200k", "comments_200k")
BASE = "http://partner.test/a/1"

pytestmark = pytest.mark.skipif(not HOSTILE.is_dir(), reason="the shared data is not there")


def bodies(document: str | bytes) -> Iterator[tuple[str, str]]:
    for item in ElementTree.fromstring(document).iter("item"):
        for name in ("description", ENCODED):
            yield item.findtext("title") or "", item.findtext(name) or ""


def files() -> list[Path]:
    return sorted(HOSTILE.glob("xss/*.xml")) + sorted(HOSTILE.glob("feed/C0[46]*.xml"))


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_what_is_printed_keeps_the_rules(path: Path) -> None:
    # Some cases hold characters that no XML parser takes; they are judged as the text they are.
    document = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", path.read_bytes().decode("utf-8", "replace"))
    for title, body in bodies(document):
        once = sanitize(body, BASE).markup
        assert editorial_text_dom.problems(once) == [], title
        assert sanitize(once, BASE).markup == once, title


def test_frames_that_stay_are_the_embeds() -> None:
    kept = {
        title.removeprefix("xss ")
        for title, body in bodies((HOSTILE / "xss" / "feed_iframe.xml").read_bytes())
        if "<iframe" in sanitize(body, BASE).markup
    }
    assert kept == {"f01", "f03"}


@pytest.mark.parametrize("name", GENERATED)
def test_generated(name: str) -> None:
    command = [sys.executable, str(HOSTILE / "gen.py"), name]
    document = subprocess.run(command, capture_output=True, check=True).stdout
    for _title, body in bodies(document):
        once = sanitize(body, BASE).markup
        assert editorial_text_dom.problems(once[:20_000]) == []
        assert sanitize(once, BASE).markup == once
