"""An article page becomes an Article: its text, lead image, authors and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from trafilatura.metadata import extract_author, extract_title

from aggregator.errors import BotWallError, NotAnArticleError
from aggregator.intake.article_facts import Facts, page_facts
from aggregator.intake.article_text import article_text, parse_page
from aggregator.intake.clean import (
    MAX_HTML,
    MAX_NAME,
    MAX_TITLE,
    absolute_url,
    clean_line,
    clean_markup,
    paragraphs,
    plain_line,
)
from aggregator.intake.credit import caption_credit
from aggregator.intake.dates import parse_date
from aggregator.intake.html_encoding import decode_html
from aggregator.intake.identity import canonical_url
from aggregator.intake.image import find_image
from aggregator.intake.pictures import Picture
from aggregator.model.entry import Image
from aggregator.model.wall import WALL_WORDS

# The largest pages of newspapers have about 1 MB, nearly all of it scripts; what is larger is no page for readers.
MAX_PAGE_CHARACTERS = 2_000_000
_SHORT_PAGE_CHARACTERS = 2_000
_STUB_CHARACTERS = 500
_TEASER_CHARACTERS = 200  # no paragraph of a list is longer
_MAX_AUTHORS = 10
_MAX_HEADINGS = 3
_MAX_PAGE_LINKS = 500
_MAX_LINKS = 5_000

_WHOLE = re.compile(r"(?<=[?&])(?:page=all|showpage=all|single=1)(?=&|$)", re.IGNORECASE)
_PAGE = re.compile(r"(?<=[?&])(?:page|halaman|hal)=(\d{1,2})(?=&|$)|/(?:page/)?(\d{1,2})/?$", re.IGNORECASE)
_DATELINE = re.compile(
    r"(\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4})[\s,|/•·–-]+(?:pukul\s+|jam\s+)?(\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)\s*(WIB|WITA|WIT)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"^(?:oleh|penulis|reporter|by)\s*:?\s+", re.IGNORECASE)
_SITE_PICTURE = re.compile(
    r"/(?:[\w-]*logo|favicon|no-?image|default|placeholder)[\d_x-]*\.\w+$", re.IGNORECASE
)
_SIZE = re.compile(r"(?:-\d+x\d+|-scaled)?\.\w+$")


@dataclass(frozen=True, slots=True)
class Article:
    """What an article page holds; '' , None and () for what it does not say.

    ``html`` is markup of a stranger like any other. ``headlines`` are all that the page states, ``canonical_url`` is
    whose page it says that it is. ``whole_url`` is where the page offers all pages of the article at once, when it is
    only the first of them. ``problems`` say in words what is missing.
    """

    html: str
    title: str
    headlines: tuple[str, ...]
    image: Image | None
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published_at: datetime | None
    updated_at: datetime | None
    canonical_url: str
    whole_url: str
    problems: tuple[str, ...]


def read_article(body: bytes, *, url: str, content_type: str, timezone: str, now: datetime) -> Article:
    """Read the page of one article as it was fetched from ``url``.

    ``timezone`` is an IANA name for dates that state no zone, ``now`` aware UTC. Raises NotAnArticleError for lists,
    front pages, pages that only redirect and pages without a text, BotWallError where a wall stands before the page.
    It may take very long on hostile pages: run it in engine.pool.
    """
    page = decode_html(body, content_type)
    root = parse_page(page) if len(page) <= MAX_PAGE_CHARACTERS else None
    if root is None:
        raise NotAnArticleError(f"a page of {len(page):,} characters that nobody can read, and no article")
    facts = page_facts(root, url)
    visible = _visible_text(root)
    _refuse_others(root, facts, visible, url)
    title = next(iter(facts.titles), "") or _title(root, visible)
    headlines = (title, *facts.titles, *_first_headings(root))
    authors = _authors(facts.authors) or _authors((extract_author(root) or "").split(";"))
    whole_url, has_more = _paging(root, url)
    problems = []
    if has_more and not whole_url:
        problems.append(
            "the text is only its first page: the article goes on behind links, and nowhere as a whole"
        )
    if facts.is_paid:
        problems.append("the page says that the article is behind a paywall: its text may end early")
    html, pictures = article_text(root, url, (title, *facts.titles))
    html = _fuller(html, facts.body)[:MAX_HTML]
    _refuse_textless(html, facts)
    return Article(
        html=html,
        title=title,
        headlines=headlines,
        image=_image(facts, html, pictures, url),
        authors=authors,
        categories=facts.categories,
        published_at=_date((*facts.published, *_datelines(visible)), timezone, now),
        updated_at=_date(facts.updated, timezone, now),
        canonical_url=facts.canonical_url,
        whole_url=whole_url,
        problems=tuple(problems),
    )


def _title(root: HtmlElement, visible: str) -> str:
    """The headline; of a title with the site's name the longest part that stands in the page as well."""
    line = clean_line(extract_title(root) or "", MAX_TITLE)
    parts = [part for part in re.split(r"\s+(?:::|[|»–—-])\s+", line) if part in visible]
    return line if line in visible else max(parts, key=len, default=line)


def _first_headings(root: HtmlElement) -> Iterator[str]:
    return (clean_line(one.text_content(), MAX_TITLE) for one in islice(root.iter("h1"), _MAX_HEADINGS))


def _visible_text(root: HtmlElement) -> str:
    """The words of the page in its order, without scripts and styles."""
    hidden = ("title", "script", "style", "noscript", "template")
    texts = (
        text
        for element in root.iter()
        for text in ((element.text if element.tag not in hidden else ""), element.tail)
    )
    return clean_line(" ".join(text for text in texts if text), MAX_PAGE_CHARACTERS)


def _refuse_others(root: HtmlElement, facts: Facts, visible: str, url: str) -> None:
    """Raises for pages that are plainly no article."""
    if next(islice(root.iter("a"), _MAX_LINKS, None), None) is not None:
        raise NotAnArticleError(f"a page with more than {_MAX_LINKS:,} links, and no article")
    head = f"{root.findtext('.//title') or ''} {visible}"
    if not facts.is_article and len(visible) < _SHORT_PAGE_CHARACTERS and WALL_WORDS.search(head):
        raise BotWallError("a wall that asks whether we are human stands before the article page")
    for meta in root.iter("meta"):
        if meta.get("http-equiv", "").lower() == "refresh" and len(visible) < _STUB_CHARACTERS:
            raise NotAnArticleError(
                "the page only sends its readers on to another address, and is no article"
            )
    is_front = urlsplit(url).path in ("", "/") and not urlsplit(url).query
    if not facts.is_article and (is_front or facts.is_list):
        raise NotAnArticleError("a list of articles or a front page, and no article")


def _refuse_textless(html: str, facts: Facts) -> None:
    """A page that does not say what it is must have at least one paragraph longer than a list's."""
    parts = re.split(r"</?(?:p|br|li|div|td)\b", html)
    long_ones = (part for part in parts if len(part) >= _TEASER_CHARACTERS / 2)
    longest = max((len(plain_line(part, MAX_TITLE)) for part in long_ones), default=0)
    if not html or (not facts.is_article and longest < _TEASER_CHARACTERS / (1 if facts.is_website else 2)):
        raise NotAnArticleError("no text of an article is found in the page, so it is no article")


def _fuller(html: str, stated: str) -> str:
    """The text that JSON-LD states where the page itself has less than half of it: a script draws it."""
    stated = clean_markup(stated)
    markup = stated if re.search(r"</?(?:p|br|div)\b", stated, re.IGNORECASE) else paragraphs(_spaced(stated))
    return markup if len(plain_line(html, MAX_HTML)) * 2 < len(plain_line(stated, MAX_HTML)) else html


def _spaced(text: str) -> str:
    """Where no line is empty, every line is a paragraph."""
    return text if re.search(r"\n\s*\n", text) else text.replace("\n", "\n\n")


def _paging(root: HtmlElement, url: str) -> tuple[str, bool]:
    """Where the whole article stands ('' where the page does not say), and whether it has more pages than this."""
    if _WHOLE.search(url):
        return "", False
    own = canonical_url(_PAGE.sub("", url))
    links = dict.fromkeys(element.get("href", "").strip() for element in root.iter("a", "link"))
    paging = (link for link in links if _WHOLE.search(link) or _PAGE.search(link))
    whole_url, has_more = "", False
    for link in islice(paging, _MAX_PAGE_LINKS):
        address = absolute_url(link, url)
        if not address or urlsplit(address).netloc != urlsplit(url).netloc:
            continue
        if _WHOLE.search(address) and canonical_url(address) == own:
            whole_url = whole_url or address
        elif (page := _PAGE.search(address)) and int(page[1] or page[2]) > 1:
            has_more = has_more or canonical_url(_PAGE.sub("", address)) == own
    return (whole_url if has_more else ""), has_more


def _authors(names: Iterable[str]) -> tuple[str, ...]:
    """Names only: no addresses, no e-mail, no word before them."""
    lines = (_BYLINE.sub("", clean_line(name, MAX_NAME)) for name in names)
    return tuple(dict.fromkeys(line for line in lines if line and "@" not in line and "//" not in line))[
        :_MAX_AUTHORS
    ]


def _date(texts: Sequence[str], timezone: str, now: datetime) -> datetime | None:
    """The first of them that makes sense."""
    return next((moment for text in texts if (moment := parse_date(text, timezone, now))), None)


def _datelines(visible: str) -> tuple[str, ...]:
    """The first date with a time and an Indonesian zone that readers see; others may be anything's."""
    match = _DATELINE.search(visible)
    return (f"{match[1]} {match[2]} {match[3]}",) if match else ()


def _image(facts: Facts, html: str, pictures: Sequence[Picture], url: str) -> Image | None:
    """The picture that the page states for the article, else the first of its text; with what its caption says."""
    stated = [image for image in facts.images if not _SITE_PICTURE.search(str(image["url"]))]
    image = find_image({"media_content": stated}, html, url)
    if image is None:
        return None
    shown = {_name(picture.url): picture for picture in reversed(pictures)}.get(_name(image.url))
    captions = (
        str(one.get("caption") or "") for one in stated if absolute_url(str(one["url"]), url) == image.url
    )
    caption = (shown.caption if shown else "") or next((line for line in captions if line), "")
    alt = (shown.alt if shown else "") or image.alt
    return replace(
        image,
        alt=clean_line(alt or caption, MAX_NAME),
        credit=image.credit or caption_credit(caption) or caption_credit(alt),
    )


def _name(address: str) -> str:
    """A picture's file name, the same for all of its sizes."""
    return _SIZE.sub("", urlsplit(address).path.rpartition("/")[2])
