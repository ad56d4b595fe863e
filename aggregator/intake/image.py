"""The lead image of an entry: what the feed states, else the first picture of its text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from aggregator.intake.clean import MAX_NAME, absolute_url, clean_line, plain_line
from aggregator.model.entry import Image

_IMAGE_PATH = re.compile(r"\.(jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_IMG = re.compile(r"<img\b([^<>]*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_IMAGES_LOOKED_AT = 20  # the first of them may be tracking pixels
_MIN_SIDE = 50  # pixels; smaller ones are icons
# Avatars, smileys, and what FeedBurner puts below each article: share buttons and tracking pixels.
_NOT_OF_THE_ARTICLE = re.compile(
    r"gravatar\.com/avatar|/images/smilies/|s\.w\.org/images/core/emoji|feedburner\.com/~|/~ff?/",
    re.IGNORECASE,
)


def find_image(raw: Mapping[str, Any], markup: str, base_url: str) -> Image | None:
    """The widest of Media RSS, else the enclosure, the thumbnail, the iTunes cover, the first ``<img>``.

    Icons, avatars and buttons are passed over wherever they stand.
    ``raw`` is an entry of feedparser; addresses in it and in ``markup`` are resolved against ``base_url``.
    """
    found = chain(
        _media(raw, base_url),
        _enclosures(raw, base_url),
        _thumbnails(raw, base_url),
        _in_markup(markup, base_url),
    )
    return next((image for image in found if _shows_the_article(image)), None)


def _media(raw: Mapping[str, Any], base_url: str) -> Iterator[Image]:
    """Media RSS 1.5.1, media:content: the widest picture first; the credit is the entry's."""
    credits = [str(credit.get("content", "")) for credit in raw.get("media_credit", ())]
    credit = plain_line(credits[0], MAX_NAME) if credits else ""
    images = []
    for stated in raw.get("media_content", ()):
        media_type = str(stated.get("type", ""))
        url = absolute_url(str(stated.get("url", "")), base_url)
        if url and (stated.get("medium") == "image" or _is_image(media_type, url)):
            size = _count(stated.get("filesize")), _count(stated.get("width")), _count(stated.get("height"))
            images.append(Image(url, _image_type(media_type), *size, credit=credit))
    yield from sorted(images, key=lambda image: -(image.width or 0))


def _enclosures(raw: Mapping[str, Any], base_url: str) -> Iterator[Image]:
    for link in raw.get("links", ()):
        media_type = str(link.get("type", ""))
        url = absolute_url(str(link.get("href", "")), base_url)
        if url and link.get("rel") == "enclosure" and _is_image(media_type, url):
            yield Image(url, _image_type(media_type), _count(link.get("length")))


def _thumbnails(raw: Mapping[str, Any], base_url: str) -> Iterator[Image]:
    """media:thumbnail, and itunes:image, which feedparser keeps as the entry's ``image``."""
    for stated in (*raw.get("media_thumbnail", ()), raw.get("image") or {}):
        address = stated.get("url") or stated.get("href") or ""
        if url := absolute_url(str(address), base_url):
            yield Image(url, width=_count(stated.get("width")), height=_count(stated.get("height")))


def _in_markup(markup: str, base_url: str) -> Iterator[Image]:
    """The pictures of a text, with the address that lazy loading hides."""
    for _nth, tag in zip(range(_IMAGES_LOOKED_AT), _IMG.finditer(markup), strict=False):
        stated = {
            match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(tag[1][:10_000])
        }
        width, height = _count(stated.get("width")), _count(stated.get("height"))
        url = absolute_url(
            stated.get("data-src") or stated.get("data-lazy-src") or stated.get("src", ""), base_url
        )
        if url:
            yield Image(url, width=width, height=height, alt=clean_line(stated.get("alt", ""), MAX_NAME))


def _shows_the_article(image: Image) -> bool:
    is_icon = any(side is not None and side < _MIN_SIDE for side in (image.width, image.height))
    return not is_icon and not _NOT_OF_THE_ARTICLE.search(image.url)


def _is_image(media_type: str, url: str) -> bool:
    """A stated type decides; without one, or with a meaningless one, the address does."""
    if media_type and not media_type.startswith("application/octet-stream"):
        return media_type.lower().startswith("image/")
    return bool(_IMAGE_PATH.search(url.partition("?")[0]))


def _image_type(media_type: str) -> str:
    return (
        media_type.lower()
        if re.fullmatch(r"image/[\w.+-]{1,50}", media_type, re.IGNORECASE | re.ASCII)
        else ""
    )


def _count(value: object) -> int | None:
    """A stated size as a positive number; None where it is none."""
    text = str(value or "").strip().removesuffix("px")
    return int(text) or None if re.fullmatch(r"[0-9]{1,12}", text) else None
