"""The text of an article page as markup: trafilatura finds it, with what it is not told kept apart before.

Before: pictures that lazy loading hides are shown, captions are taken off their pictures, layout made of tables is
undone, and boxes are cut that no reader takes for the article. After: captions go back to the pictures that came out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import islice

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring, fromstring, tostring

from aggregator.intake.clean import MAX_NAME, MAX_TITLE, absolute_url, clean_line
from aggregator.intake.pictures import Picture

_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "src")
_CAPTION = re.compile(r"(?:^|[\s_-])caption|(?:^|[\s_-])keterangan-?foto", re.IGNORECASE)
_CAPTION_CHARACTERS = 500
_MAX_PICTURES = 500
# Boxes within the article that are not of it, by whole words of class and id. What trafilatura cuts by itself
# (menus, comments, share buttons, related posts) is not repeated here.
_BOX = re.compile(
    r"(?:^|[\s_-])(?:ads?|adsbygoogle|advert\w*|iklan|parallax|baca-?juga|lihat-?juga|simak-?juga|read-?more"
    r"|tagging|google-news|newsletter)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BOX_TAGS = frozenset(
    {"amp-ad", "amp-auto-ads", "amp-sticky-ad", "amp-embed", "amp-sidebar", "amp-analytics"}
)
_PAY_BOX = re.compile(
    r"(?:^|[\s_-])(?:paywall|premium|subscri\w*|(?:ber)?langganan)(?:$|[\s_-])", re.IGNORECASE
)
_PAY_WORDS = re.compile(r"langganan|pelanggan|subscri", re.IGNORECASE)
_PAY_BOX_CHARACTERS = 800  # one with more in it holds the article itself
# libxml2 compares every attribute of a tag with every other.
_CROWDED_TAG = re.compile(r"<[a-zA-Z](?:[^<>=]*+=){2000}")
_DATELINE_CHARACTERS = 60  # that may stand with the headline
_LAYOUT_CELL_CHARACTERS = 400  # no table of figures has a cell like that


def parse_page(text: str) -> HtmlElement | None:
    """The tree of a page without comments and processing instructions; None for nothing and for mischief."""
    if _CROWDED_TAG.search(text):
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return document_fromstring(text.encode(), parser=parser)
    except etree.ParserError:
        return None


def article_text(root: HtmlElement, url: str, titles: Sequence[str]) -> tuple[str, tuple[Picture, ...]]:
    """The article of a page as markup ('' where none is found), and the pictures of the page in its order.

    Headings, lists, quotations, tables, links, emphasis and pictures with their captions stay. The headline, which is
    one of ``titles``, is not repeated. The tree is used up. It may take very long on hostile pages: run it in
    engine.pool.
    """
    for script in list(root.iter("script")):  # trafilatura takes a text from there, too, as one line
        script.drop_tree()
    _undo_layout(root)
    _cut_boxes(root)
    pictures = _take_pictures(root, url)
    found = trafilatura.extract(
        root,
        url=url,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    body = fromstring(found).find("body") if found else None
    if body is None:
        return "", pictures
    _drop_headline(body, titles)
    _give_back_captions(body, {picture.url: picture for picture in reversed(pictures)})
    inner = escape(body.text or "", quote=False) + "".join(
        tostring(child, encoding="unicode") for child in body
    )
    return inner.strip(), pictures


def _undo_layout(root: HtmlElement) -> None:
    """Tables that place the parts of a page become blocks; those that compare figures stay."""
    for table in root.iter("table"):
        holds_parts = table.find(".//table") is not None or table.find(".//img") is not None
        if holds_parts or any(len(td.text_content()) > _LAYOUT_CELL_CHARACTERS for td in table.iter("td")):
            for part in [table, *table.iter("tbody", "tr", "td")]:
                part.tag = "div"


def _cut_boxes(root: HtmlElement) -> None:
    """Cut boxes by their names, but none with the headline or with a good part of the page's text."""
    most = max(1_000, sum(len(paragraph.text_content()) for paragraph in root.iter("p"))) / 3
    for element in list(root.iter(etree.Element)):
        if element.tag in ("html", "body", "main", "article") or element.getparent() is None:
            continue
        name = f"{element.get('class', '')} {element.get('id', '')}"
        is_box = element.tag in _BOX_TAGS or _BOX.search(name)
        is_wall = not is_box and _PAY_BOX.search(name)
        if not (is_box or is_wall) or element.find(".//h1") is not None:
            continue
        text = element.text_content()
        if (is_box and len(text) < most) or (len(text) < _PAY_BOX_CHARACTERS and _PAY_WORDS.search(text)):
            element.drop_tree()


def _take_pictures(root: HtmlElement, url: str) -> tuple[Picture, ...]:
    """Make every picture one that trafilatura sees, under its full address, and take its caption off the page."""
    pictures: list[Picture] = []
    for image in list(root.iter("img", "amp-img")):
        image.tag = "img"
        stated = (absolute_url(image.get(name), url) for name in _LAZY if image.get(name))
        address = next((found for found in stated if found), "")
        if not address or len(pictures) == _MAX_PICTURES:
            image.drop_tree()
            continue
        for name in (*_LAZY, "srcset", "data-srcset"):
            image.attrib.pop(name, None)
        image.set("src", address)
        alt = clean_line(image.get("alt", ""), MAX_NAME)
        caption = _take_caption(image)
        pictures.append(Picture(address, image.get("width", ""), image.get("height", ""), alt, caption))
    return tuple(pictures)


def _take_caption(image: HtmlElement) -> str:
    """The caption beside a picture, in the nearest of three boxes around it that has one; '' where none has.

    A box with several pictures tells nothing of whose caption it is.
    """
    for box, _ in zip(image.iterancestors(), range(3), strict=False):
        if box.tag in ("body", "article", "main") or _has_several_pictures(box):
            break
        for element in box.iter("figcaption", "p", "div", "span", "small"):
            if element.tag == "figcaption" or _CAPTION.search(element.get("class", "")):
                text = clean_line(element.text_content(), _CAPTION_CHARACTERS)
                if text and element.find(".//img") is None:
                    element.drop_tree()
                    return text
    return ""


def _has_several_pictures(box: HtmlElement) -> bool:
    return next(islice(box.iter("img", "amp-img"), 1, None), None) is not None


def _drop_headline(body: HtmlElement, titles: Sequence[str]) -> None:
    """The headline above the text is the title, which is shown by whoever shows the text."""
    first = next(iter(body), None)
    if first is not None and first.tag in ("h1", "h2", "p") and not (body.text or "").strip():
        line = clean_line(first.text_content(), MAX_TITLE)
        repeats = any(
            title in line and len(line) - len(title) < _DATELINE_CHARACTERS for title in titles if title
        )
        if first.tag == "h1" or repeats:
            first.drop_tree()


def _give_back_captions(body: HtmlElement, pictures: Mapping[str, Picture]) -> None:
    """Sizes for the pictures that came out, and a figure around those with a caption."""
    for image in list(body.iter("img")):
        picture = pictures.get(image.get("src", ""))
        if picture is None:
            continue
        for name, value in (("width", picture.width), ("height", picture.height)):
            if value.isdecimal():
                image.set(name, value)
        if picture.caption:
            _frame(image, picture.caption)


def _frame(image: HtmlElement, caption: str) -> None:
    """Put a picture and its caption into a figure: in its place, or before the paragraph that it stands in."""
    place = image
    while (parent := place.getparent()) is not None and parent.tag not in ("body", "blockquote", "li", "td"):
        place = parent
    figure = etree.Element("figure")
    if place is not image:
        image.drop_tree()
        is_left_empty = not place.text_content().strip() and place.find(".//img") is None
    else:
        is_left_empty = True
        image.tail, tail = None, image.tail
        figure.tail = tail
    place.addprevious(figure)
    if is_left_empty and place is not image:
        place.drop_tree()
    figure.append(image)
    etree.SubElement(figure, "figcaption").text = caption
