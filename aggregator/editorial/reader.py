"""Untrusted markup into blocks.

nh3 (html5ever) does the parsing. What it writes is regular: well nested, attributes in double quotes, ``<`` and ``>``
escaped everywhere else. Reading that needs no further HTML parser and knows no depth limit. What html5ever itself
is slow at is kept from it by caps.
"""

from __future__ import annotations

import re

import nh3

from aggregator.editorial.blocks import (
    INLINES,
    MEDIA,
    TAGS,
    UNWRAPPED,
    VOID,
    Box,
    Builder,
    Dress,
    clean_characters,
)
from aggregator.editorial.hidden import declarations, is_hidden, is_mute
from aggregator.editorial.shortcodes import unfold_captions

MAX_CHARS = 500_000  # of markup; real articles stay below 200,000
# Tags and character references. html5ever is quadratic in open elements and in bare ampersands: 10,000 nested divs take
# 0.13 s, 100,000 take 13 s.
MAX_MARKS = 10_000
# No tag is longer, of which html5ever compares each attribute with all others: 50,000 take a second.
MAX_TAG_CHARS = 20_000
# Open formatting elements with different attributes are opened again in each paragraph (HTML standard, "reconstruct
# the active formatting elements"): 2,000 fonts and 2,000 paragraphs make 52 MB in 3.4 s. Beyond this product they go.
MAX_REOPENED = 500_000

_RENAMED = {"h1": "h2", "strike": "s", "del": "s", "tfoot": "tbody"}
_BOUNDARIES = {
    "address", "article", "aside", "center", "details", "dir", "div", "fieldset", "footer", "form", "header", "hgroup",
    "legend", "listing", "main", "menu", "nav", "search", "section", "summary",
}  # fmt: skip
_CLEARED = {  # removed with what is in them
    "applet", "button", "canvas", "datalist", "dialog", "embed", "frameset", "head", "math", "noembed", "noframes",
    "noscript", "object", "option", "plaintext", "script", "select", "style", "svg", "template", "textarea", "title",
    "xmp",
}  # fmt: skip
_LAZY = {"data-src", "data-lazy-src", "data-original", "data-lazy", "data-cfsrc"}
_NH3 = nh3.Cleaner(
    tags=set(TAGS | _RENAMED.keys() | UNWRAPPED | _BOUNDARIES),
    clean_content_tags=_CLEARED,
    attributes={
        "*": {"style", "hidden"},
        "a": {"href"},
        "p": {"class"},
        "div": {"class", "data-href"},
        "q": {"cite"},
        "blockquote": {"cite", "data-instgrm-permalink"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "img": {*_LAZY, "src", "srcset", "data-srcset", "data-lazy-srcset", "alt", "width", "height"},
        "video": {"src", "poster", "width", "height"},
        "audio": {"src"},
        "source": {"src", "type"},
        "iframe": {*_LAZY, "src", "width", "height"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)

# Images within the markup: never printed, and often longer than the article.
_INLINE_DATA = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,60};base64,[\w+/=]+", re.ASCII)
_LONG_TAG = re.compile(rf"<(?=[A-Za-z])[^<>]{{{MAX_TAG_CHARS},}}")
_TAG_START = re.compile(r"<[A-Za-z/!?]")
_MARK = re.compile(rf"{_TAG_START.pattern}|&")
_FORMATTING_NAMES = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_FORMATTING = re.compile(rf"<(/?)({_FORMATTING_NAMES})(?=[\s/>])", re.IGNORECASE)
_FORMATTING_WITH_ATTRIBUTES = re.compile(rf"<(?:{_FORMATTING_NAMES})[\s/]", re.IGNORECASE)
# The one raw text that nh3 writes.
_IFRAME_TEXT = re.compile(r'(<iframe\b(?:[^">]|"[^"]*")*>).*?</iframe>', re.DOTALL)
# A paragraph of mere text, a tag, or text.
_TOKEN = re.compile(r'<p>([^<]*)</p>\n?|<(/?)([a-z][a-z0-9]*)((?:[^">]|"[^"]*")*)>|([^<]+)')
_ATTRIBUTE = re.compile(r'([a-z][a-z0-9-]*)="([^"]*)"')
_WITHIN_LINES = INLINES | MEDIA | UNWRAPPED | VOID
_SCRIPTED = {"fb-post", "fb-video"}  # Facebook's script fills these divs with what ``data-href`` names


def is_within_caps(markup: str) -> bool:
    """Whether ``read`` reads all of it."""
    markup = _INLINE_DATA.sub("", markup)
    return len(markup) <= MAX_CHARS and len(_MARK.findall(markup)) <= MAX_MARKS


def read(html: str, dress: Dress = lambda _tag, attrs: attrs) -> Box:
    """The blocks of untrusted markup. Reads up to the caps and no further; raises nothing.

    ``dress`` gives each element the attributes it is to have, or None to leave the element out (what is in it stays).
    Text without a single tag is taken as typed: its newlines are line breaks.
    """
    markup = _NH3.clean(_defused(html))
    markup = _IFRAME_TEXT.sub(r"\1</iframe>", clean_characters(markup))
    builder = Builder(dress)
    hidden_depth = 0
    is_mute_within = [False]  # by open element: whether its letters have no size
    for paragraph, slash, tag, attributes, text in _TOKEN.findall(markup):
        if hidden_depth:
            hidden_depth += 0 if text or not tag or tag in VOID else -1 if slash else 1
        elif text:
            if not is_mute_within[-1]:
                builder.text(_unescaped(text))
        elif not tag:
            builder.paragraph("" if is_mute_within[-1] else _unescaped(paragraph))
        elif slash:
            builder.end()
            is_mute_within.pop()
        else:
            found = _ATTRIBUTE.findall(attributes) if attributes else ()
            attrs = {name: _unescaped(value) for name, value in found}
            declared = declarations(attrs["style"]) if "style" in attrs else {}
            if attrs and is_hidden(attrs, declared):
                hidden_depth = 0 if tag in VOID else 1
                if tag not in _WITHIN_LINES:
                    builder.close_leaf()
                continue
            builder.start(_meant(tag, attrs), attrs)
            if tag not in VOID:
                is_mute_outside = is_mute_within[-1]
                is_mute_within.append(
                    is_mute(declared, within_mute=is_mute_outside) if declared else is_mute_outside
                )
    builder.close_leaf()
    if "[caption" in markup:
        unfold_captions(builder.root)
    return builder.root


def _defused(html: str) -> str:
    """The markup up to the caps, without what makes html5ever open the same elements over and over."""
    html = clean_characters(_INLINE_DATA.sub("", html)[:MAX_CHARS])
    if len(html) > MAX_TAG_CHARS:
        html = _LONG_TAG.sub("<x-long", html)
    if _TAG_START.search(html) is None:
        html = html.strip("\n").replace("\n", "<br>", MAX_MARKS)
    tags, references = html.count("<"), html.count("&")
    if (tags + references) * tags <= MAX_REOPENED and tags + references <= MAX_MARKS:
        return html  # most articles; what is counted here is at least what is counted below
    marks = [match.start() for match in _MARK.finditer(html)]
    if len(marks) > MAX_MARKS:
        html = html[: marks[MAX_MARKS]]
    if len(_FORMATTING_WITH_ATTRIBUTES.findall(html)) * len(marks) > MAX_REOPENED:
        html = _FORMATTING.sub(r"<\1x-\2", html)  # an unknown element is no formatting element
    return html


def _meant(tag: str, attrs: dict[str, str]) -> str:
    """The element that is meant where a system has a class for it: WordPress' captions, Facebook's embedded posts."""
    if tag in ("div", "p") and "class" in attrs:
        classes = set(attrs["class"].split())
        if "wp-caption-text" in classes:
            return "figcaption"
        if "wp-caption" in classes:
            return "figure"
        if classes & _SCRIPTED and attrs.get("data-href"):
            attrs["cite"] = attrs["data-href"]
            return "blockquote"
    return _RENAMED.get(tag, tag)


def _unescaped(text: str) -> str:
    """Undoes what nh3 escapes (HTML standard, "escaping a string"); it writes no other references."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\xa0").replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&amp;", "&")
