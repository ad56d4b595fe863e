"""What an article page says of itself for machines: JSON-LD (schema.org), Open Graph and other ``<meta>``."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from lxml import etree

from aggregator.intake.clean import MAX_NAME, MAX_TITLE, absolute_url, clean_line, plain_line
from aggregator.intake.identity import canonical_url

Node = Mapping[str, Any]

_MAX_SCRIPT_CHARACTERS = 1_000_000
_MAX_NODES = 500
_MAX_NAMES = 20
_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "datepublished", "publishdate", "pubdate"),
    *("content_publisheddate", "dc.date.issued", "dcterms.created", "parsely-pub-date", "date"),
)
_UPDATED = (
    *("article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified"),
    *("dcterms.modified", "lastmod"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything as the page states it, the most trusted first; texts are plain lines, dates are not read yet."""

    is_article: bool  # some node or meta says that this page is one article
    is_list: bool  # some node says that it is a list
    is_website: bool  # Open Graph's word for pages that are no article; some sites say it of all pages
    titles: tuple[str, ...]
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published: tuple[str, ...]
    updated: tuple[str, ...]
    images: tuple[Node, ...]  # as Media RSS words them: url, width, height; and caption
    canonical_url: str
    body: str  # the text itself, where a script draws the page; '' where it is not stated
    is_paid: bool


def page_facts(root: etree._Element, url: str) -> Facts:
    """Read the machine's part of a page that was found at ``url``. Broken and lying data raise nothing."""
    nodes = list(_nodes(root))
    meta = _meta(root)
    article = _article_of(nodes, url)
    kinds = {kind for node in nodes for kind in _kinds(node)}
    og_type = meta.get("og:type", [""])[0].lower()
    links = (element.get("href", "") for element in root.iter("link") if _rel(element) == "canonical")
    canonical = (*links, *meta.get("og:url", ()), *_texts(article.get("mainEntityOfPage")))
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node}
    return Facts(
        is_article=bool(article) or og_type == "article",
        is_list=bool(kinds & {"CollectionPage", "ItemList", "SearchResultsPage"}),
        is_website=og_type in ("website", "blog"),
        titles=_lines(chain(_texts(article.get("headline")), meta.get("og:title", ())), MAX_TITLE),
        authors=_lines(chain(_names(article.get("author"), by_id), meta.get("author", ())), MAX_NAME),
        categories=_categories(article, meta),
        published=_lines(chain(_texts(article.get("datePublished")), _all(meta, _PUBLISHED)), 60),
        updated=_lines(chain(_texts(article.get("dateModified")), _all(meta, _UPDATED)), 60),
        images=(*_images(article.get("image"), by_id), *_meta_images(meta)),
        canonical_url=next((found for link in canonical if (found := absolute_url(link, url))), ""),
        body=next(iter(_texts(article.get("articleBody"))), ""),
        is_paid=str(article.get("isAccessibleForFree", "")).lower() == "false",
    )


def _nodes(root: etree._Element) -> Iterator[Node]:
    """The top nodes of every JSON-LD script, those of a ``@graph`` among them (JSON-LD 1.1, section 4.9)."""
    found = 0
    for script in root.iter("script"):
        if script.get("type", "").partition(";")[0].strip().lower() != "application/ld+json":
            continue
        waiting = [_loaded(script.text or "")]
        while waiting and found < _MAX_NODES:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting[:0] = value[:_MAX_NODES]
            elif isinstance(value, dict):
                found += 1
                yield value
                waiting[:0] = [value.get("@graph"), value.get("mainEntity")]


def _loaded(script: str) -> object:
    """None for what is no JSON. Line breaks within strings are let pass: partners' templates write them."""
    if len(script) > _MAX_SCRIPT_CHARACTERS:
        return None
    text = re.sub(r"^\s*(?:<!--|/\*<!\[CDATA\[\*/|//<!\[CDATA\[)|(?:-->|/\*\]\]>\*/|//\]\]>)\s*$", "", script)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _article_of(nodes: list[Node], url: str) -> Node:
    """The node of this page's article: the one that names its address, else the first; {} where there is none."""
    articles = [node for node in nodes if any(_is_article(kind) for kind in _kinds(node))]
    address = canonical_url(url)
    for node in articles:
        if any(
            canonical_url(own) == address for own in _texts([node.get("url"), node.get("mainEntityOfPage")])
        ):
            return node
    return articles[0] if articles else {}


def _kinds(node: Node) -> list[str]:
    """Its types without the vocabulary's address."""
    return [kind.rpartition("/")[2] for kind in _texts(node.get("@type"))]


def _is_article(kind: str) -> bool:
    return kind.endswith(("Article", "BlogPosting")) or kind == "Report"


def _texts(value: object) -> list[str]:
    """The strings of a value that may be one, several, or nodes with an address."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for one in value[:_MAX_NODES] if not isinstance(one, list) for text in _texts(one)]
    if isinstance(value, dict):
        stated = (value.get(key) for key in ("url", "@id"))
        return [text for text in stated if isinstance(text, str)][:1]
    return []


def _names(value: object, by_id: Mapping[str, Node]) -> Iterator[str]:
    """Names of persons and organisations, given as text, as nodes or as references to nodes."""
    for one in value[:_MAX_NAMES] if isinstance(value, list) else [value]:
        node = {**by_id.get(str(one.get("@id", "")), {}), **one} if isinstance(one, dict) else None
        yield from _texts(node.get("name") if node is not None else one)


def _categories(article: Node, meta: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Sections before keywords; keywords may stand in one string with commas."""
    sections = chain(_texts(article.get("articleSection")), meta.get("article:section", ()))
    words = chain(_texts(article.get("keywords")), _all(meta, ("article:tag", "news_keywords", "keywords")))
    return _lines(chain(sections, (part for text in words for part in text.split(","))), MAX_NAME)


def _images(value: object, by_id: Mapping[str, Node]) -> Iterator[Node]:
    """ImageObject nodes, references to them, and bare addresses."""
    for one in value[:_MAX_NAMES] if isinstance(value, list) else [value]:
        node = by_id.get(str(one.get("@id", "")), one) if isinstance(one, dict) else {"url": one}
        address = node.get("url") or node.get("contentUrl")
        if isinstance(address, str):
            yield {
                "url": address,
                "medium": "image",
                "width": _side(node.get("width")),
                "height": _side(node.get("height")),
                "caption": next(iter(_texts(node.get("caption"))), ""),
            }


def _meta_images(meta: Mapping[str, list[str]]) -> Iterator[Node]:
    """Open Graph's picture with its size (https://ogp.me/#structured), then Twitter's."""
    for address in meta.get("og:image", [])[:1]:
        width, height = (meta.get(f"og:image:{side}", [""])[0] for side in ("width", "height"))
        caption = meta.get("og:image:alt", [""])[0]
        yield {"url": address, "medium": "image", "width": width, "height": height, "caption": caption}
    for address in _all(meta, ("twitter:image", "twitter:image:src")):
        yield {"url": address, "medium": "image"}


def _side(value: object) -> object:
    """A size; schema.org allows a QuantitativeValue."""
    return value.get("value") if isinstance(value, dict) else value


def _meta(root: etree._Element) -> dict[str, list[str]]:
    """The contents of ``<meta>`` and of microdata's, by name in lower case, in the page's order."""
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        if content := element.get("content", "").strip():
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _all(meta: Mapping[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [value for name in names for value in meta.get(name, ())]


def _rel(element: etree._Element) -> str:
    return element.get("rel", "").strip().lower()


def _lines(texts: Iterator[str] | chain[str], max_characters: int) -> tuple[str, ...]:
    """As plain lines, each once; JSON-LD has references such as &#8211; in its texts."""
    lines = (plain_line(html.unescape(clean_line(text, max_characters)), max_characters) for text in texts)
    return tuple(dict.fromkeys(line for line in lines if line))[:_MAX_NAMES]
