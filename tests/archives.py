"""Archives as a client of RFC 5005 reads them, from files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from aggregator.model.document import Document
from aggregator.outputs.gate import document_problems

ATOM = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
FH = "{http://purl.org/syndication/history/1.0}"


@dataclass(frozen=True)
class Page:
    """One document of an archived feed."""

    path: str
    body: bytes
    titles: tuple[str, ...]
    ids: frozenset[str]
    deleted: frozenset[str]
    links: dict[str, str]
    is_archive: bool

    @property
    def members(self) -> frozenset[str]:
        return self.ids | self.deleted


def read_page(public: Path, path: str) -> Page:
    body = (public / path).read_bytes()
    assert document_problems(Document(path, "application/atom+xml", body, "")) == ()
    root: Any = etree.fromstring(body)
    links = {one.get("rel"): urlsplit(one.get("href")).path[1:] for one in root.iterfind(f"{ATOM}link")}
    assert links["self"] == path
    entries = root.findall(f"{ATOM}entry")
    return Page(
        path,
        body,
        tuple(entry.findtext(f"{ATOM}title") for entry in entries),
        frozenset(entry.findtext(f"{ATOM}id") for entry in entries),
        frozenset(one.get("ref") for one in root.iter(f"{AT}deleted-entry")),
        {rel: path for rel, path in links.items() if rel in ("prev-archive", "next-archive", "current")},
        root.find(f"{FH}archive") is not None,
    )


def read_archives(public: Path, output: str = "all") -> list[Page]:
    """The pages, newest first, as they are found from the subscription document; their links lead both ways."""
    current = read_page(public, f"feeds/{output}.atom")
    assert not current.is_archive
    found: list[Page] = []
    path = current.links.get("prev-archive", "")
    while path:
        page = read_page(public, path)
        assert page.is_archive
        assert page.links["current"] == current.path
        assert page.links.get("next-archive", "") == (found[-1].path if found else "")
        found.append(page)
        path = page.links.get("prev-archive", "")
    return found
