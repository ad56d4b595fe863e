"""The lead image is the article's, never an icon beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from aggregator.intake.document import read_document
from aggregator.intake.image import find_image
from aggregator.model.entry import ParsedFeed

PHOTO = "https://a.test/foto.jpg"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "https://0.gravatar.com/avatar/0a1b?s=96",
        "https://secure.gravatar.com/avatar/0a1b?s=150&d=mm",
        "https://a.test/wp-includes/images/smilies/frownie.png",
        "https://s.w.org/images/core/emoji/15.0.3/72x72/1f600.png",
        "http://feeds.feedburner.com/~r/a/~4/x",
        "https://feeds.a.test/~ff/a?i=x",
        "https://feeds.a.test/~f/a?d=x",
    ],
)
@pytest.mark.parametrize("branch", ["media", "enclosure", "thumbnail", "markup"])
def test_avatars_smileys_and_buttons_are_passed_over(branch: str, address: str) -> None:
    raw: dict[str, Any] = {
        "media": {"media_content": [{"url": address, "medium": "image", "width": "600"}]},
        "enclosure": {"links": [{"href": address, "rel": "enclosure", "type": "image/png"}]},
        "thumbnail": {"media_thumbnail": [{"url": address}]},
        "markup": {},
    }[branch]
    before = f'<img src="{address}">' if branch == "markup" else ""
    found = find_image(raw, f'{before}<img src="{PHOTO}">', "https://a.test/")
    assert found is not None
    assert found.url == PHOTO


@pytest.mark.parametrize(
    "sides, is_taken",
    [
        ({}, True),
        ({"width": "50"}, True),
        ({"width": "49"}, False),
        ({"height": "49px"}, False),
        ({"width": "600", "height": "1"}, False),
        ({"width": "100%"}, True),
    ],
)
def test_icons_are_passed_over(sides: dict[str, str], is_taken: bool) -> None:
    stated = "".join(f' {name}="{value}"' for name, value in sides.items())
    in_markup = find_image({}, f'<img src="{PHOTO}"{stated}>', "")
    in_media = find_image({"media_content": [{"url": PHOTO, "medium": "image", **sides}]}, "", "")
    assert (in_markup is not None, in_media is not None) == (is_taken, is_taken)


@pytest.mark.parametrize(
    ("address", "size"),
    [
        ("https://a.test/foto-768x512.jpg", (768, 512)),
        ("https://a.test/foto-768x512.jpg?x=1", (768, 512)),
        ("https://a.test/foto.jpg?w=700&h=400", (700, 400)),
        ("https://a.test/foto.jpg?h=400&w=700&q=90", (700, 400)),
        ("https://a.test/foto.jpg?width=700&height=400", (700, 400)),
        ("https://a.test/foto.jpg?resize=700%2C400", (700, 400)),
        ("https://a.test/crop/0x0:0x0/750x500/photo/foto.jpg", (750, 500)),
        ("https://a.test/foto.jpg?w=700", (None, None)),  # the height is anybody's guess
        ("https://a.test/foto.jpg?w=auto&h=400", (None, None)),
        ("https://a.test/foto-4x4-offroad.jpg", (None, None)),
        ("https://a.test/2026-11-26/foto.jpg", (None, None)),
    ],
)
def test_an_address_may_state_the_size(address: str, size: tuple[int | None, int | None]) -> None:
    found = find_image({}, f'<img src="{address}">', "")
    assert found is not None
    assert (found.width, found.height) == size
    stated = find_image({}, f'<img src="{address}" width="300" height="200">', "")
    assert stated is not None
    assert (stated.width, stated.height) == (300, 200)


def test_the_order_of_attributes_and_of_a_groups_elements_chooses_no_other_picture() -> None:
    contents = [
        {"url": f"https://a.test/{name}.jpg", "medium": "image", "group": "group 0", "width": width}
        for name, width in (("a", "600"), ("b", "1200"), ("c", "1200"), ("d", ""))
    ]
    for order in permutations(contents):
        shuffled = [dict(reversed(content.items())) for content in order]
        found = find_image({"media_content": shuffled}, "", "")
        assert found is not None
        assert found.url == "https://a.test/b.jpg"


@pytest.mark.parametrize(
    ("elsewhere", "markup"),
    [
        ({"media_thumbnail": [{"url": "https://a.test/kecil/b-300x200.jpg"}]}, ""),
        ({"links": [{"rel": "enclosure", "href": "https://a.test/b.jpg", "type": "image/jpeg"}]}, ""),
        ({}, "<p>Warga.</p><img src='https://cdn.a.test/b-1024x683.jpg'><img src='https://a.test/a.jpg'>"),
    ],
)
def test_of_equal_pictures_the_one_that_is_named_elsewhere_leads(
    elsewhere: dict[str, Any], markup: str
) -> None:
    contents = [{"url": f"https://a.test/{name}.jpg", "medium": "image", "width": "800"} for name in "abc"]
    for order in permutations(contents):
        found = find_image({"media_content": list(order), **elsewhere}, markup, "")
        assert found is not None
        assert found.url == "https://a.test/b.jpg"


def test_a_gallery_begins_with_its_first_picture_whatever_its_name() -> None:
    contents = [{"url": f"https://a.test/{name}.jpg", "medium": "image", "width": "800"} for name in "cab"]
    found = find_image({"media_content": contents}, "", "")
    assert found is not None
    assert found.url == "https://a.test/c.jpg"


@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ([10240, 10240, 10240], [None, None, None]),
        ([10240, 10240, 10240, 54321], [None, None, None, 54321]),
        ([10240, 10240], [10240, 10240]),
        ([11111, 22222, 33333], [11111, 22222, 33333]),
        ([0, 1, 99], [None, None, None]),
    ],
)
def test_a_length_that_is_always_the_same_is_none(lengths: list[int], kept: list[int | None]) -> None:
    items = "".join(
        f"<item><title>t{n}</title><enclosure url='https://a.test/{n}.jpg' type='image/jpeg' length='{length}'/></item>"
        for n, length in enumerate(lengths)
    )
    document = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    feed = read_document(document, url="https://a.test/", content_type="", timezone="UTC", now=NOW)
    assert isinstance(feed, ParsedFeed)
    assert [entry.image and entry.image.length_bytes for entry in feed.entries] == kept
