"""Untrusted markup into blocks.

nh3 (html5ever) does the parsing. What it writes is regular: well nested, attributes in double quotes, ``<`` and ``>``
escaped everywhere else. Reading that needs no further HTML parser and knows no depth limit. What html5ever itself
is slow at is kept from it by caps.
"""

from __future__ import annotations

import re

import nh3

from aggregator.editorial.blocks import TAGS, UNWRAPPED, VOID, Box, Builder, Dress, clean_characters

MAX_CHARS = 500_000  # of markup; real articles stay below 200,000
# Tags and character references. html5ever is quadratic in open elements and in bare ampersands: 10,000 nested divs take
# 0.13 s, 100,000 take 13 s.
MAX_MARKS = 10_000
# Open formatting elements with different attributes are opened again in each paragraph (HTML standard, "reconstruct
# the active formatting elements"): 2,000 fonts and 2,000 paragraphs make 52 MB in 3.4 s. Beyond this product they go.
MAX_REOPENED = 500_000

_RENAMED = {"h1": "h2", "strike": "s", "del": "s", "tfoot": "tbody"}
_BOUNDARIES = {
    "address", "article", "aside", "center", "details", "dir", "div", "fieldset", "footer", "form", "header", "hgroup",
    "legend", "main", "menu", "nav", "section", "summary",
}  # fmt: skip
_CLEARED = {  # removed with what is in them
    "applet", "button", "canvas", "datalist", "dialog", "embed", "frameset", "head", "math", "noembed", "noframes",
    "noscript", "object", "option", "plaintext", "script", "select", "style", "svg", "template", "textarea", "title",
    "xmp",
}  # fmt: skip
_NH3 = nh3.Cleaner(
    tags=set(TAGS | _RENAMED.keys() | UNWRAPPED | _BOUNDARIES),
    clean_content_tags=_CLEARED,
    attributes={
        "*": {"style", "hidden"},
        "a": {"href"},
        "q": {"cite"},
        "blockquote": {"cite"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        "img": {"src", "data-src", "data-lazy-src", "data-original", "alt", "width", "height"},
        "video": {"src", "poster", "width", "height"},
        "audio": {"src"},
        "source": {"src", "type"},
        "iframe": {"src", "data-src", "width", "height"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)

# Images within the markup: never printed, and often longer than the article.
_INLINE_DATA = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,60};base64,[\w+/=]+", re.ASCII)
_TAG_START = re.compile(r"<[A-Za-z/!?]")
_MARK = re.compile(rf"{_TAG_START.pattern}|&")
_FORMATTING_NAMES = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_FORMATTING = re.compile(rf"<(/?)({_FORMATTING_NAMES})(?=[\s/>])", re.IGNORECASE)
_FORMATTING_WITH_ATTRIBUTES = re.compile(rf"<(?:{_FORMATTING_NAMES})[\s/]", re.IGNORECASE)
# The one raw text that nh3 writes.
_IFRAME_TEXT = re.compile(r'(<iframe\b(?:[^">]|"[^"]*")*>).*?</iframe>', re.DOTALL)
_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^">]|"[^"]*")*)>|([^<]+)')
_ATTRIBUTE = re.compile(r'([a-z][a-z0-9-]*)="([^"]*)"')
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)


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
    for slash, tag, attributes, text in _TOKEN.findall(markup):
        if hidden_depth:
            hidden_depth += 0 if text or tag in VOID else -1 if slash else 1
        elif text:
            builder.text(_unescaped(text))
        elif slash:
            builder.end()
        else:
            attrs = {name: _unescaped(value) for name, value in _ATTRIBUTE.findall(attributes)}
            if "hidden" in attrs or _HIDDEN.search(attrs.get("style", "")):
                hidden_depth = 0 if tag in VOID else 1
            else:
                builder.start(_RENAMED.get(tag, tag), attrs)
    builder.close_leaf()
    return builder.root


def _defused(html: str) -> str:
    """The markup up to the caps, without what makes html5ever open the same elements over and over."""
    html = clean_characters(_INLINE_DATA.sub("", html)[:MAX_CHARS])
    if _TAG_START.search(html) is None:
        html = html.strip("\n").replace("\n", "<br>", MAX_MARKS)
    marks = [match.start() for match in _MARK.finditer(html)]
    if len(marks) > MAX_MARKS:
        html = html[: marks[MAX_MARKS]]
    if len(_FORMATTING_WITH_ATTRIBUTES.findall(html)) * len(marks) > MAX_REOPENED:
        html = _FORMATTING.sub(r"<\1x-\2", html)  # an unknown element is no formatting element
    return html


def _unescaped(text: str) -> str:
    """Undoes what nh3 escapes (HTML standard, "escaping a string"); it writes no other references."""
    if "&" not in text:
        return text
    text = text.replace("&nbsp;", "\xa0").replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&amp;", "&")
