"""What a reader of our documents was told, and whether anything that it was told was taken back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import etree
from service_press import story_of

_ATOM = {"a": "http://www.w3.org/2005/Atom"}
_HEADLINE = re.compile(r"(?:Kabar|Salinan) (\d{7}) revisi (\d+) ")
_LINK = re.compile(r"/berita/(\d{7})/")
_COMPLAINTS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Sighting:
    """One item of one document. RSS has no ``updated_at``."""

    id: str
    link: str
    title: str
    published_at: datetime
    updated_at: datetime | None

    @property
    def story(self) -> int:
        match = _LINK.search(self.link)
        assert match, self.link
        return story_of(int(match[1]))

    @property
    def revision(self) -> tuple[int, int]:
        """The article whose headline it is, and which of its revisions."""
        match = _HEADLINE.match(self.title)
        assert match, self.title
        return int(match[1]), int(match[2])


def items_of(path: str, body: bytes) -> list[Sighting]:
    """The items of a whole document, none for the index and the OPML. Raises ValueError for anything damaged."""
    match path.rpartition(".")[2]:
        case "json":
            return [_json_item(item) for item in json.loads(body)["items"]]
        case "atom":
            return [_atom_item(entry) for entry in _root(body).iterfind("a:entry", _ATOM)]
        case "rss":
            return [_rss_item(item) for item in _root(body).iterfind("channel/item")]
        case "opml":
            _root(body)
        case _ if not body.rstrip().endswith(b"</html>"):
            raise ValueError("the page ends early")
    return []


def _root(body: bytes) -> Any:
    try:
        return etree.fromstring(body)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def _json_item(item: dict[str, str]) -> Sighting:
    published_at, updated_at = (
        datetime.fromisoformat(item[f"date_{name}"]) for name in ("published", "modified")
    )
    return Sighting(item["id"], item["url"], item["title"], published_at, updated_at)


def _atom_item(entry: Any) -> Sighting:
    link = entry.find("a:link[@rel='alternate']", _ATOM).get("href")
    text = {
        name: entry.findtext(f"a:{name}", namespaces=_ATOM)
        for name in ("id", "title", "published", "updated")
    }
    published_at, updated_at = (datetime.fromisoformat(text[name]) for name in ("published", "updated"))
    return Sighting(text["id"], link, text["title"], published_at, updated_at)


def _rss_item(item: Any) -> Sighting:
    guid, link, title, date = (item.findtext(name) for name in ("guid", "link", "title", "pubDate"))
    return Sighting(guid, link, title, parsedate_to_datetime(date), None)


@dataclass
class Ledger:
    """``limit`` is outputs.defaults.limit: the only reason for which an item may leave a document here."""

    limit: int
    complaints: list[str] = field(default_factory=list)
    latest: dict[str, dict[str, Sighting]] = field(default_factory=dict)  # path -> id -> item, in order
    headlines: dict[int, str] = field(default_factory=dict)  # story -> the last headline seen anywhere
    ids: dict[int, str] = field(default_factory=dict)  # story -> its id
    _promises: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def see(self, path: str, body: bytes, fetched_from: str = "") -> None:
        """Enter one version of one document; versions of a path come in the order in which they were fetched."""
        known = len(self.complaints)
        self._enter(path, body)
        # What is wrong with one item is wrong with others, too: one of them is enough.
        if len(self.complaints) > known:
            self.complaints[known:] = [f"{self.complaints[known]} ({fetched_from}, {datetime.now(UTC)})"]

    def _enter(self, path: str, body: bytes) -> None:
        try:
            items = items_of(path, body)
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            self.complain(
                f"{path}: not whole or not well-formed: {type(error).__name__}: {error}: {body[-80:]!r}"
            )
            return
        by_id = {item.id: item for item in items}
        if len(by_id) < len(items) or len({item.story for item in items}) < len(items):
            self.complain(f"{path}: an id or an article stands there twice: {[item.title for item in items]}")
        for item in items:
            self._check_promise(path, item)
            self.headlines[item.story] = item.title
        was = self.latest.get(path, {})
        self._check_departures(path, list(was), list(by_id))
        for item_id in was.keys() & by_id.keys():
            self._check_progress(path, was[item_id], by_id[item_id])
        self.latest[path] = by_id

    def complain(self, words: str) -> None:
        if len(self.complaints) < _COMPLAINTS_KEPT:
            self.complaints.append(words)

    def _check_promise(self, path: str, item: Sighting) -> None:
        promised = self._promises.setdefault(item.id, (item.link, item.published_at))
        if promised != (item.link, item.published_at):
            self.complain(f"{path}: {item.id} moved from {promised} to {(item.link, item.published_at)}")
        if (known_id := self.ids.setdefault(item.story, item.id)) != item.id:
            self.complain(f"{path}: story {item.story} was published twice: {known_id}, {item.id}")

    def _check_departures(self, path: str, was: list[str], now: list[str]) -> None:
        """New items come on top; the oldest leave, and only from a full document."""
        kept = [item_id for item_id in now if item_id in set(was)]
        if kept != was[: len(kept)] or kept != now[len(now) - len(kept) :]:
            self.complain(f"{path}: items vanished or changed places: of {was} there are {now}")
        elif len(kept) < len(was) and len(now) < self.limit:
            self.complain(f"{path}: items left although there was room: {was[len(kept) :]}")

    def _check_progress(self, path: str, was: Sighting, now: Sighting) -> None:
        if was.updated_at and now.updated_at and now.updated_at < was.updated_at:
            self.complain(f"{path}: {now.id} was updated at {was.updated_at}, now {now.updated_at}")
        (article_was, revision_was), (article, revision) = was.revision, now.revision
        if revision < revision_was if article == article_was else article != now.story:
            self.complain(f'{path}: {now.id} went back from "{was.title}" to "{now.title}"')
