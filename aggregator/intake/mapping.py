"""One entry of feedparser to one model.Entry. feedparser's words stay in here, in image and in parse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.intake.clean import (
    MAX_GUID,
    MAX_HTML,
    MAX_NAME,
    MAX_TITLE,
    absolute_url,
    clean_line,
    clean_markup,
    paragraphs,
    plain_line,
)
from aggregator.intake.dates import parse_date
from aggregator.intake.image import find_image
from aggregator.intake.mojibake import is_damaged
from aggregator.model.entry import Entry

_MAX_NAMES = 50
_MENDED = "text in a wrong encoding was repaired"


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What an entry cannot know itself: where its feed stands, how its dates and titles are meant."""

    base_url: str
    zone_name: str
    now: datetime
    is_atom: bool


def map_entry(raw: Mapping[str, Any], feed: FeedContext) -> tuple[Entry | None, tuple[str, ...]]:
    """The entry (None when it has no title, no text and no link) and what is wrong with it, in words."""
    problems: list[str] = []
    url = _url(raw, feed)
    html, summary_html = _texts(raw, problems)
    if is_damaged(_text(raw, "title")):
        problems.append(_MENDED)
    base_url = _base_url(raw) or url or feed.base_url
    entry = Entry(
        guid=clean_line(_text(raw, "id"), MAX_GUID),
        url=url,
        title=title_line(raw, feed.is_atom),
        html=html,
        summary_html=summary_html,
        base_url=base_url,
        authors=_authors(raw),
        categories=_categories(raw),
        published_at=entry_date(raw, ("published", "created", "updated"), feed, problems),
        updated_at=entry_date(raw, ("updated",), feed, problems),
        image=find_image(raw, html or summary_html, base_url),
        source_url=_source_url(raw, feed),
    )
    if not (entry.title or entry.html or entry.url):
        return None, ("no title, no text and no link",)
    return entry, tuple(dict.fromkeys(problems))


def title_line(raw: Mapping[str, Any], is_atom: bool) -> str:
    """The title of an entry or a feed as plain text. Only Atom says reliably that a title is no markup."""
    detail = raw.get("title_detail") or {}
    is_text = is_atom and detail.get("type") == "text/plain"
    return (clean_line if is_text else plain_line)(_text(raw, "title"), MAX_TITLE)


def entry_date(
    raw: Mapping[str, Any], names: tuple[str, ...], feed: FeedContext, problems: list[str]
) -> datetime | None:
    """The first of the named dates that makes sense. A date that makes none is a problem."""
    for name in names:
        # `in` first: asking feedparser for a missing "updated" answers "published" and warns
        if name in raw and (text := _text(raw, name).strip()):
            parsed = raw.get(f"{name}_parsed") if f"{name}_parsed" in raw else None
            if moment := parse_date(text, feed.zone_name, feed.now, parsed):
                return moment
            problems.append(f'a date that makes no sense: "{clean_line(text, 60)}"')
    return None


def _text(raw: Mapping[str, Any], name: str) -> str:
    """A string of feedparser; '' where it is missing or, after broken markup, something else."""
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def _url(raw: Mapping[str, Any], feed: FeedContext) -> str:
    """Where the article stands: the address before FeedBurner, an alternate link, a guid that is an address.

    feedparser's own ``link`` is not asked: it is a guid when there is no link, even one such as "123".
    """
    alternates = [
        link for link in raw.get("links", ()) if link.get("rel") == "alternate" and link.get("href")
    ]
    alternates.sort(key=lambda link: link.get("type") != "text/html")
    addresses = [_text(raw, "feedburner_origlink"), *(str(link["href"]) for link in alternates)]
    for address in addresses:
        if address and (url := absolute_url(address, feed.base_url)):
            return url
    guid = _text(raw, "id")
    return absolute_url(guid, "") if raw.get("guidislink") else ""


def _source_url(raw: Mapping[str, Any], feed: FeedContext) -> str:
    """Where the entry was taken from: Atom's via (RFC 4287, 4.2.7.2), or the feed that RSS' or Atom's source names."""
    vias = [str(link.get("href") or "") for link in raw.get("links", ()) if link.get("rel") == "via"]
    source = raw.get("source") or {}
    named = [_text(source, name) for name in ("href", "url", "link", "id")]
    return next((url for one in (*vias, *named) if one and (url := absolute_url(one, feed.base_url))), "")


def _base_url(raw: Mapping[str, Any]) -> str:
    """The ``xml:base`` in force for the text, when it is absolute."""
    return next(
        (url for body in raw.get("content", ()) if (url := absolute_url(body.get("base") or "", ""))), ""
    )


def _texts(raw: Mapping[str, Any], problems: list[str]) -> tuple[str, str]:
    """The fullest text, and the summary where it is another one.

    The longest wins, not the one named content: feedparser files picture captions (media:description) under
    ``content`` too, and moves a second description there. A caption is the text where there is no other.
    """
    captions = {"".join(caption.split()) for caption in raw.get("media_captions", ())}
    bodies = [_summary_of(raw), *raw.get("content", ())]
    if captions:
        bodies = [body for body in bodies if "".join(_text(body, "value").split()) not in captions] or bodies
    summary, *others = [_markup(body, problems) for body in bodies]
    html = max((*others, summary), key=len)
    return html, "" if summary == html else summary


def _summary_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The summary with its type; the type is lost where a caption has overwritten the detail."""
    detail: Mapping[str, Any] = raw.get("summary_detail") or {}
    summary = _text(raw, "summary")
    return detail if detail.get("value") == summary else {"value": summary}


def _markup(body: Mapping[str, Any], problems: list[str]) -> str:
    """A text as markup, cut to length. Plain text is escaped into paragraphs."""
    received = _text(body, "value")
    value = clean_markup(received)
    if is_damaged(received):
        problems.append(_MENDED)
    if len(value) > MAX_HTML:
        problems.append(f"a text of {len(value):,} characters was cut to {MAX_HTML:,}")
        value = value[:MAX_HTML]
    return paragraphs(value) if body.get("type") == "text/plain" else value.strip()


def _authors(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Names only; an author of whom only an e-mail address is known is left out."""
    names = (plain_line(str(author.get("name") or ""), MAX_NAME) for author in raw.get("authors", ()))
    return _distinct(name for name in names if "@" not in name)


def _categories(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Labels where there are any, as people write them; else terms."""
    return _distinct(
        plain_line(str(tag.get("label") or tag.get("term") or ""), MAX_NAME) for tag in raw.get("tags", ())
    )


def _distinct(names: Any) -> tuple[str, ...]:
    """In the partner's order, without empty ones and repetitions."""
    return tuple(dict.fromkeys(name for name in names if name))[:_MAX_NAMES]
