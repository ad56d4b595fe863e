"""The lead image of an entry: what the feed states, else the first picture of its text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aggregator.intake.clean import MAX_NAME, absolute_url, clean_line, plain_line
from aggregator.intake.credit import caption_credit
from aggregator.intake.pictures import Picture, pictures_in
from aggregator.model.entry import Entry, Image
from aggregator.model.standing import Stood, digest64

_IMAGE_PATH = re.compile(r"\.(jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_LOOKED_AT = 50  # of media:content; galleries have fewer
_MIN_SIDE = 50  # pixels; smaller ones are icons
_MIN_BYTES = 100  # no picture is smaller; such lengths stand for "unknown"
_SAME_LENGTHS = 3  # as many pictures of one length are no accident
# Avatars, smileys, and what FeedBurner and counters put below each article: share buttons and tracking pixels.
_NOT_OF_THE_ARTICLE = re.compile(
    r"gravatar\.com/avatar|/images/smilies/|s\.w\.org/images/core/emoji|feedburner\.com/~|/~ff?/"
    r"|(?:pixel|stats)\.(?:wp|wordpress)\.com/|/(?:1x1|blank|spacer|pixel|transparent|placeholder|lazy)[\w-]*\.(?:gif|png|svg)",
    re.IGNORECASE,
)
# WordPress' -768x512.jpg and the path segments of picture servers; both say what size the file has.
_SIZE_IN_PATH = re.compile(r"-(\d{2,4})x(\d{2,4})\.\w{3,4}$|/(\d{2,4})x(\d{2,4})/")
_SIZE_SUFFIX = re.compile(r"(?:-\d{2,4}x\d{2,4}|-scaled)?\.\w{3,4}$")


def find_image(raw: Mapping[str, Any], markup: str, base_url: str) -> Image | None:
    """The widest of Media RSS, else the enclosure, the thumbnail, the iTunes cover, the first ``<img>``.

    Icons, avatars and buttons are passed over wherever they stand. What the feed does not say of the picture (alt,
    credit, size) is taken from the same picture in ``markup``, and the size from an address that states it.
    ``raw`` is an entry of feedparser; addresses in it and in ``markup`` are resolved against ``base_url``.
    """
    shown = [_shown(picture) for picture in pictures_in(markup, base_url)]
    others = [*_enclosures(raw, base_url), *_thumbnails(raw, base_url), *shown]
    for image in map(_with_size, chain(_media(raw, base_url, others), others)):
        if _shows_the_article(image):
            return _with_words(image, shown)
    return None


def without_constant_lengths(entries: Sequence[Entry], seen: Sequence[Stood] = ()) -> tuple[Entry, ...]:
    """The entries of one document without lengths that are a constant of the partner's system; ``seen`` stand beside
    them.

    RSS requires ``length``, so some write any (detik: always 10240). A wrong one misleads whoever believes it; without
    one it is asked for.
    """
    lengths = {one.picture: one.picture_bytes for one in seen if one.picture_bytes}
    lengths |= {
        digest64(entry.image.url): entry.image.length_bytes
        for entry in entries
        if entry.image and entry.image.length_bytes
    }
    constants = {length for length, count in Counter(lengths.values()).items() if count >= _SAME_LENGTHS}
    return tuple(
        replace(entry, image=replace(entry.image, length_bytes=None))
        if entry.image and entry.image.length_bytes in constants
        else entry
        for entry in entries
    )


def _media(raw: Mapping[str, Any], base_url: str, others: Sequence[Image]) -> Iterator[Image]:
    """Media RSS 1.5.1, media:content: the default, else the widest picture.

    Of equal ones that which the entry names elsewhere too, in ``others``; else the first, as in a gallery, of which
    the address would choose any. Of equal ones in a group, which are one picture, the first by address: their order
    may change from day to day.
    """
    if not raw.get("media_content"):
        return
    names = [_name(image.url) for image in others]
    credits = [str(credit.get("content", "")) for credit in raw.get("media_credit", ())]
    images: list[tuple[tuple[bool, int, int, int, str], Image]] = []
    places: dict[object, int] = {}
    for place, stated in enumerate(raw.get("media_content", ())[:_LOOKED_AT]):
        media_type = str(stated.get("type", ""))
        url = absolute_url(str(stated.get("url", "")), base_url)
        if not url or not (stated.get("medium") == "image" or _is_image(media_type, url)):
            continue
        size = _length(stated.get("filesize")), _count(stated.get("width")), _count(stated.get("height"))
        alt = plain_line(str(stated.get("caption") or _headline(stated)), MAX_NAME)
        credit = plain_line(str(stated.get("credit") or next(iter(credits), "")), MAX_NAME)
        image = Image(url, _image_type(media_type), *size, alt=alt, credit=credit or caption_credit(alt))
        group = places.setdefault(stated.get("group") or place, place)
        named = names.index(_name(url)) if _name(url) in names else len(names)
        rank = (stated.get("isdefault") != "true", -(_with_size(image).width or 0), named, group, url)
        images.append((rank, image))
    yield from (image for _rank, image in sorted(images, key=lambda ranked: ranked[0]))


def _headline(stated: Mapping[str, Any]) -> str:
    """The picture's title; '' where it is a file name or a single word, which tell nobody what is to be seen."""
    headline = str(stated.get("headline") or "")
    return headline if " " in headline and not _IMAGE_PATH.search(headline) else ""


def _enclosures(raw: Mapping[str, Any], base_url: str) -> Iterator[Image]:
    for link in raw.get("links", ()):
        if link.get("rel") != "enclosure":
            continue
        media_type = str(link.get("type", ""))
        url = absolute_url(str(link.get("href", "")), base_url)
        if url and _is_image(media_type, url):
            yield Image(url, _image_type(media_type), _length(link.get("length")))


def _thumbnails(raw: Mapping[str, Any], base_url: str) -> Iterator[Image]:
    """media:thumbnail, the widest first, and itunes:image, which feedparser keeps as the entry's ``image``."""
    thumbnails = sorted(
        raw.get("media_thumbnail", ()), key=lambda stated: -(_count(stated.get("width")) or 0)
    )
    for stated in (*thumbnails, raw.get("image") or {}):
        address = stated.get("url") or stated.get("href") or ""
        if url := absolute_url(str(address), base_url):
            yield Image(url, width=_count(stated.get("width")), height=_count(stated.get("height")))


def _shown(picture: Picture) -> Image:
    """A picture of the text; its caption is its alt where it has none."""
    return Image(
        picture.url,
        width=_count(picture.width),
        height=_count(picture.height),
        alt=clean_line(picture.alt or picture.caption, MAX_NAME),
        credit=caption_credit(picture.caption) or caption_credit(picture.alt),
    )


def _with_words(image: Image, shown: Sequence[Image]) -> Image:
    """With the words of the same picture in the text where the feed has none."""
    same = next(
        (other for other in shown if other.url == image.url or _name(other.url) == _name(image.url)), image
    )
    return replace(image, alt=image.alt or same.alt, credit=image.credit or same.credit)


def _with_size(image: Image) -> Image:
    """With the size that its address states, where the feed states none."""
    if image.width and image.height:
        return image
    parts = urlsplit(image.url)
    if match := _SIZE_IN_PATH.search(parts.path):
        width, height = (int(side) for side in match.groups() if side)
    else:
        width, height = _size_in_query(parts.query)
    if not (width and height) or (image.width and image.width != width):
        return image
    return replace(image, width=width, height=height)


def _size_in_query(query: str) -> tuple[int, int]:
    """``w=700&h=400``, and Jetpack's ``resize=700,400``; zeros where there is neither."""
    stated = {name.lower(): values[-1] for name, values in parse_qs(query).items()}
    width, _, height = stated.get("resize", "").partition(",")
    return (
        _count(width or stated.get("w") or stated.get("width")) or 0,
        _count(height or stated.get("h") or stated.get("height")) or 0,
    )


def _name(address: str) -> str:
    """A picture's file name, the same for all of its sizes."""
    return _SIZE_SUFFIX.sub("", urlsplit(address).path.rpartition("/")[2])


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


def _length(value: object) -> int | None:
    length_bytes = _count(value)
    return length_bytes if length_bytes and length_bytes >= _MIN_BYTES else None


def _count(value: object) -> int | None:
    """A stated size as a positive number; None where it is none."""
    text = str(value or "").strip().removesuffix("px")
    return int(text) or None if re.fullmatch(r"[0-9]{1,12}", text) else None
