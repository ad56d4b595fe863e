"""The lead image is the article's, never an icon beside it."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.intake.image import find_image

PHOTO = "https://a.test/foto.jpg"


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
