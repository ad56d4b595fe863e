"""All real documents of the shared folder, served on loopback and polled in one go."""

from __future__ import annotations

import json
import re
from calendar import timegm
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import jsonschema
import pytest
from corpus_desk import FEEDS, Round
from lxml import etree, html

SCHEMA = Path(__file__).parents[1] / "outputs" / "jsonfeed.schema.json"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("corpus"),
    pytest.mark.skipif(not FEEDS.is_dir(), reason="the shared material is not on this machine"),
]


def documents(polled: Round, suffix: str) -> list[Path]:
    found = polled.desk.public.rglob(f"*.{suffix}")
    return sorted(path for path in found if not path.name.startswith("archive-"))


def test_entry_counts_equal_the_index(polled: Round) -> None:
    wrong = {}
    assert len(polled.rows) == 122
    for report in polled.desk.reports:
        row = polled.rows[report.source_id]
        if report.entries != int(row["entries"]):
            wrong[row["file"]] = (
                f"{report.entries} instead of {row['entries']}: {report.problem or report.notes}"
            )
    assert len(wrong) <= 2, wrong


def test_nothing_was_kept_back_and_no_bug_was_met(polled: Round) -> None:
    status = polled.desk.status()
    assert status.warnings == ()
    assert not [source for source in status.sources if "internal error" in source.words]


def story_facts(item: dict[str, Any]) -> tuple[str, str, str, int]:
    published = datetime.fromisoformat(item["date_published"])
    return item["id"], item["title"], item["url"], int(published.timestamp())


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_rss_and_atom_are_read_back_as_published(polled: Round, suffix: str) -> None:
    checked = 0
    for path in documents(polled, suffix):
        items = json.loads(path.with_suffix(".json").read_bytes())["items"]
        parsed = feedparser.parse(str(path))
        assert not parsed.bozo, (path.name, parsed.get("bozo_exception"))
        seen = [
            (
                entry.id,
                entry.title,
                entry.link,
                timegm(entry.published_parsed),
            )
            for entry in parsed.entries
        ]
        assert [one[0] for one in seen] == [item["id"] for item in items]
        assert [one[2:] for one in seen] == [story_facts(item)[2:] for item in items]
        assert [one[1] for one in seen] == [item["title"] for item in items]
        checked += len(items)
    assert checked > 1000


def test_json_conforms_to_its_schema(polled: Round) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for path in documents(polled, "json"):
        assert list(validator.iter_errors(json.loads(path.read_bytes()))) == []


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_every_document_keeps_the_invariants(polled: Round, suffix: str) -> None:
    """Unique ids, absolute http(s) links, no script, no event handler, no control character."""
    for path in documents(polled, suffix):
        body = path.read_bytes()
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf]", body)
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        ids = [node.text for node in root.iter("guid", "{http://www.w3.org/2005/Atom}id")][suffix == "atom" :]
        own = [one for one in ids if one and one.startswith("urn:uuid:")]
        assert len(own) == len(set(own))
        for element in root.iter():
            for name in ("href", "url", "src"):
                if address := element.get(name):
                    assert_absolute(address, path)
            if element.text and etree.QName(element).localname in (
                "encoded",
                "content",
                "summary",
                "description",
            ):
                assert_harmless(element.text, path)


def assert_absolute(address: str, path: Path) -> None:
    parts = urlsplit(address)
    assert parts.scheme in ("http", "https"), (path.name, address)
    assert parts.hostname, (path.name, address)
    assert not re.search(r"[\s\x00-\x1f]", address), (path.name, address)


def assert_harmless(markup: str, path: Path) -> None:
    if "<" not in markup:
        return
    for element in html.fragment_fromstring(markup, create_parent="div").iter():
        assert element.tag not in (
            "script",
            "style",
            "object",
            "embed",
            "form",
            "svg",
            "base",
            "meta",
            "link",
        ), path.name
        assert not [
            name for name in element.attrib if name.startswith("on") or name in ("style", "srcset")
        ], path.name
        for name in ("href", "src", "cite", "poster"):
            if (address := element.get(name)) and not address.startswith("mailto:"):
                assert_absolute(address, path)


def test_a_second_poll_touches_no_file(polled: Round) -> None:
    before = polled.desk.files()
    polled.desk.poll()
    assert polled.desk.files() == before
