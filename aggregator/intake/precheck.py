"""What is refused before a parser of XML sees it, and what is cut off. Everything here takes linear time."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from aggregator.errors import NotAFeedError, RefusedDocumentError, WebPageError
from aggregator.model.wall import WALL_WORDS

MAX_DEPTH = 500  # honest feeds nest 10 to 50 deep
MAX_ATTRIBUTES = (
    1000  # feedparser is quadratic in them: 16,000 on one tag take 5 s, 100,000 more than two minutes
)
# A feed of news has 10 to 500; feedparser needs about a millisecond for each.
MAX_ENTRIES = 2000
_JUNK_CHARACTERS = 20_000  # how far in a feed may begin, behind what a broken server printed before it

_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^\[\]<>"']++|"[^"]*+"|'[^']*+')*+([\[>])""", re.IGNORECASE)
_SPACE = re.compile(r"[\s\ufeff]*+")
_START = re.compile(r"<([A-Za-z_][\w.:-]*)")
_FEED_START = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|RDF|urlset|sitemapindex)(?=[\s>])")
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel", "urlset", "sitemapindex"})
_HTML_ROOTS = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "div", "h1", "p", "center"}
)
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_MARKUP = re.compile(
    r"""<(?:(?P<opener>!--|!\[CDATA\[|\?)"""
    r"""|(?P<slash>/?)(?P<name>[A-Za-z_][^\s<>/"'=]*+)(?P<attributes>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>)"""
)
_NAME_OF_ENTRY = re.compile(r"<(?:guid|(?:\w+:)?id)\b[^<>]*>\s*(?:<!\[CDATA\[)?([^<\]]+)", re.IGNORECASE)
_CLOSERS = {"!--": "-->", "![CDATA[": "]]>", "?": "?>"}
_ENTRIES = frozenset({"item", "entry"})
_SITEMAP_ENTRIES = {"urlset": frozenset({"url"}), "sitemapindex": frozenset({"sitemap"})}


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A feed or sitemap that is safe to parse: ``text`` from its root element on.

    ``root`` is that element's name without prefix, in lower case; ``problems`` is what was read around. ``entries`` are
    where in the text each of them begins and ends, None where anything had to be mended.
    """

    text: str
    root: str
    problems: tuple[str, ...]
    entries: tuple[tuple[int, int], ...] | None = None


def check_document(text: str) -> CheckedDocument:
    """Refuse what must not be parsed, and cut off what must not be read.

    The prolog and anything behind the end of the root element are dropped. Where the document ends early,
    its unfinished last entry is left out. Raises WebPageError for HTML; NotAFeedError for text, other
    XML and empty bodies; RefusedDocumentError for a document type with an internal subset (entity bombs,
    external entities) and for nesting and attribute counts that parsers choke on.
    """
    return _checked(text, *_root_start(text))


def check_opml(text: str) -> CheckedDocument:
    """The same for a list of feeds, whose root element is ``<opml>``; anything else raises NotAFeedError."""
    start, is_html = _after_prolog(text)
    root = _local(_element_at(text, start))
    if root != "opml":
        kind = "an HTML page" if is_html or root in _HTML_ROOTS else f"<{root}>" if root else "no XML"
        raise NotAFeedError(f"not an OPML file: {kind} stands where <opml> was expected")
    return _checked(text, start, ())


def _checked(text: str, start: int, junk: tuple[str, ...]) -> CheckedDocument:
    """The document whose root element begins at ``start``. Raises as ``check_document`` does."""
    root = _element_at(text, start)
    outline = _outline(text, start, root)
    if outline.seen == start:
        raise NotAFeedError(f"only the beginning of <{root}> arrived, nothing of the feed")
    feed, damage = outline.mend(text, start)
    problems = (*junk, *damage)
    is_sound = outline.is_balanced and not problems
    entries = tuple((begin - start, end - start) for begin, end in outline.whole) if is_sound else None
    return CheckedDocument(feed, _local(root), problems, entries)


def _root_start(text: str) -> tuple[int, tuple[str, ...]]:
    """Where the feed's root element begins, and what stands before it that should not."""
    position, is_html = _after_prolog(text)
    root = _local(_element_at(text, position))
    if root in _FEED_ROOTS:
        return position, ()
    if is_html or root == "html":
        raise WebPageError(_html_page(text, position))
    if match := _FEED_START.search(text, position, position + _JUNK_CHARACTERS):
        return match.start(), (f"{match.start() - position} characters before the feed were passed over",)
    if position == len(text):
        raise NotAFeedError("an empty body" if _SPACE.fullmatch(text) else "an empty document, not a feed")
    if root in _HTML_ROOTS:
        raise WebPageError(_html_page(text, position))
    if root:
        raise NotAFeedError(f"an XML document with the root element <{root}>, not a feed")
    raise NotAFeedError("plain text or data, not a feed")


def _after_prolog(text: str) -> tuple[int, bool]:
    """Where white space, comments, instructions and the document type end, and whether that type is HTML."""
    position, is_html = 0, False
    while True:
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        if text.startswith("<!--", position):
            position = _behind(text, "-->", position + 4)
        elif text.startswith("<?", position):
            position = _behind(text, ">", position)
        elif text.startswith("<!", position):
            end = _doctype_end(text, position)
            is_html = text[position + 9 : end].strip().lower().startswith("html")
            position = end
        else:
            return position, is_html


def _behind(text: str, closer: str, position: int) -> int:
    """Behind the next ``closer``, or the end of the text where there is none."""
    found = text.find(closer, position)
    return len(text) if found < 0 else found + len(closer)


def _doctype_end(text: str, position: int) -> int:
    """Behind a document type that declares nothing itself. Raises RefusedDocumentError for any other."""
    match = _DOCTYPE.match(text, position)
    if not match or match[1] == "[":
        raise RefusedDocumentError(
            "a document type with declarations of its own (entities); no feed needs them, attacks do"
        )
    return match.end()


def _html_page(text: str, position: int) -> str:
    """What to say of an HTML page; its title usually tells what went wrong at the partner."""
    match = _TITLE.search(text, position, position + 100_000)
    title = " ".join(html.unescape(match[1]).split())[:200] if match else ""
    named = f': "{title}"' if title else ""
    if WALL_WORDS.search(title):
        return (
            f"the HTML page of a bot wall, not a feed{named}; ask the partner to let our User-Agent through"
        )
    return (
        f"an HTML page, not a feed{named}; sources[].url must be the address of the feed itself: ask the "
        "partner for it, unless this is maintenance that will end"
    )


@dataclass(slots=True)
class _Outline:
    """Which elements are open while the scan goes on, and which entries are."""

    entry_names: frozenset[str]
    open_names: list[str] = field(default_factory=list)
    opened_at: list[int] = field(default_factory=list)  # where in the text each of them begins
    open_entries: list[tuple[int, int]] = field(default_factory=list)  # where in the text, and how deep
    nested: list[tuple[int, int]] = field(default_factory=list)  # whole entries that stand inside another one
    whole: list[tuple[int, int]] = field(default_factory=list)  # the others
    is_balanced: bool = True
    seen: int = 0  # everything before this is complete markup
    end: int = 0  # behind the root element; 0 while it is open

    def open(self, name: str, position: int) -> None:
        if _local(name) in self.entry_names:
            self.open_entries.append((position, len(self.open_names)))
        self.open_names.append(name)
        self.opened_at.append(position)
        if len(self.open_names) > MAX_DEPTH:
            raise RefusedDocumentError(f"elements nested more than {MAX_DEPTH} deep, which is a fixed limit")

    def close(self, name: str, end: int) -> None:
        """Close the innermost element of that name, and whatever was left open inside it."""
        if name not in self.open_names:
            self.is_balanced = False
            return
        while self.open_names.pop() != name:
            self.is_balanced = False
        depth = len(self.open_names)
        del self.opened_at[depth:]
        while self.open_entries and self.open_entries[-1][1] >= depth:
            position, entry_depth = self.open_entries.pop()
            if entry_depth == depth and len(self.open_entries) < 2:
                (self.nested if self.open_entries else self.whole).append((position, end))

    def mend(self, text: str, start: int) -> tuple[str, tuple[str, ...]]:
        """The feed's own text, whole, and what was cut off."""
        if not self.end:
            return self._closed_early(text, start)
        damage = []
        if _START.search(text, self.end):
            damage.append("something stands behind the end of the feed; it was ignored")
        nested, surplus = self.nested if self.is_balanced else [], self._surplus(text)
        if nested:
            damage.append(f"{len(nested)} entries inside other entries were left out")
        if surplus:
            damage.append(
                f"of {len(self.whole):,} entries {len(surplus):,} were left out: "
                f"at most {MAX_ENTRIES:,} of a feed are read, which is a fixed limit"
            )
        pieces, position = [], start
        for cut_start, cut_end in sorted(nested + surplus):
            if cut_start >= position:  # not within what is cut already
                pieces.append(text[position:cut_start])
                position = cut_end
        return "".join((*pieces, text[position : self.end])), tuple(damage)

    def _surplus(self, text: str) -> list[tuple[int, int]]:
        """What is too much: of entries that share a guid all but one, and then what is far from either end.

        Feeds begin or end with the newest.
        """
        if len(self.whole) <= MAX_ENTRIES or self.entry_names is not _ENTRIES:
            return []
        named: dict[object, tuple[int, int]] = {}
        for span in self.whole:
            name = _NAME_OF_ENTRY.search(text, *span)
            named.setdefault(name[1].strip() if name else span, span)
        kept = list(named.values())
        half = MAX_ENTRIES // 2
        near_an_end = {*kept[:half], *kept[-half:]}
        return [span for span in self.whole if span not in near_an_end]

    def _closed_early(self, text: str, start: int) -> tuple[str, tuple[str, ...]]:
        """Cut behind the last complete entry and close what is open, so that the rest reads like any feed."""
        cut, depth = self.open_entries[-1] if self.open_entries else (self.seen, len(self.open_names))
        outer = self.open_entries[-2][1] + 1 if len(self.open_entries) > 1 else depth
        if outer < depth:  # half a text of the entry around it would replace the whole one that we have
            cut, depth = self.opened_at[outer], outer
        closers = "".join(f"</{name}>" for name in reversed(self.open_names[:depth]))
        what = (
            "its unfinished last entry was left out" if self.open_entries else "complete entries were taken"
        )
        return text[start:cut] + closers, (f"the document ends early; {what}",)


def _outline(text: str, start: int, root: str) -> _Outline:
    """Walk over the markup from the root element to its end, CDATA sections and comments skipped.

    Raises RefusedDocumentError for depth and attributes.
    """
    outline = _Outline(_SITEMAP_ENTRIES.get(_local(root), _ENTRIES), seen=start)
    while match := _MARKUP.search(text, outline.seen):
        if opener := match["opener"]:
            end = text.find(_CLOSERS[opener], match.end())
            if end < 0:
                break
            outline.seen = end + len(_CLOSERS[opener])
            continue
        outline.seen = match.end()
        name, attributes = match["name"], match["attributes"]
        if match["slash"]:
            outline.close(name, match.end())
            if name == root and root not in outline.open_names:
                outline.end = match.end()
                break
        elif attributes.count("=") > MAX_ATTRIBUTES:
            raise RefusedDocumentError(
                f"more than {MAX_ATTRIBUTES:,} attributes on one <{name[:40]}>, which is a fixed limit"
            )
        elif not attributes.endswith("/"):
            outline.open(name, match.start())
        elif not outline.open_names:
            outline.end = match.end()
            break
    return outline


def _element_at(text: str, position: int) -> str:
    """The name of the element that starts there; '' when none does."""
    match = _START.match(text, position)
    return match[1] if match else ""


def _local(name: str) -> str:
    """The name without its prefix."""
    return name.rpartition(":")[2].lower()
