"""What the contract allows, and an editor's hide, as seen in the published documents."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import FULL_TERMS, Desk, item, raw_config, rss
from partner_server import PartnerServer

BODY = "Kalimat pertama berita ini. " + " ".join(f"kata{number}" for number in range(80))
IMAGE = '<enclosure url="https://a.example/foto.jpg" type="image/jpeg" length="1234"/>'


def published(server: PartnerServer, folder: Path, terms: dict[str, Any]) -> list[dict[str, Any]]:
    desk = Desk(folder, raw_config({"a": server.url("/a")}, terms))
    server.bodies["/a"] = rss(item(1, "Judul", BODY, extra=IMAGE, category="Advertorial"))
    desk.poll()
    return desk.items()


def test_full_text_with_image_and_credit(server: PartnerServer, tmp_path: Path) -> None:
    (one,) = published(server, tmp_path, FULL_TERMS)
    assert "kata79" in one["content_html"]
    assert one["image"] == "https://a.example/foto.jpg"
    assert "a.example" in one["content_html"]


def test_no_terms_means_headline_and_link(server: PartnerServer, tmp_path: Path) -> None:
    (one,) = published(server, tmp_path, {})
    assert one["title"] == "Judul"
    assert "kata1" not in str(one)
    assert "image" not in one
    assert "a.example" in one["content_html"]


def test_an_excerpt_ends_at_its_last_allowed_word(server: PartnerServer, tmp_path: Path) -> None:
    (one,) = published(
        server, tmp_path, FULL_TERMS | {"content": "excerpt", "excerpt_words": 10, "images": "none"}
    )
    assert "kata5" in one["content_html"]
    assert "kata6" not in str(one)
    assert "image" not in one


@pytest.mark.parametrize(
    "terms",
    [{"exclude_categories": ["advertorial"]}, {"valid_from": "2027-01-01"}, {"valid_until": "2025-01-01"}],
    ids=lambda terms: next(iter(terms)),
)
def test_what_the_contract_excludes_is_not_published(
    server: PartnerServer, tmp_path: Path, terms: dict[str, Any]
) -> None:
    assert published(server, tmp_path, FULL_TERMS | terms) == []


def test_an_embargo_ends_by_itself(server: PartnerServer, tmp_path: Path) -> None:
    desk = Desk(tmp_path, raw_config({"a": server.url("/a")}, FULL_TERMS | {"embargo": "2h"}))
    server.bodies["/a"] = rss(item(1, "Judul", age=timedelta(hours=1)))
    desk.poll()
    assert desk.titles() == []
    desk.now += timedelta(hours=1)
    desk.publish()
    assert desk.titles() == ["Judul"]


def test_an_expired_story_leaves(server: PartnerServer, tmp_path: Path) -> None:
    desk = Desk(tmp_path, raw_config({"a": server.url("/a")}, FULL_TERMS | {"expires_after": "1d"}))
    server.bodies["/a"] = rss(item(1, "Judul", age=timedelta(hours=1)))
    desk.poll()
    assert desk.titles() == ["Judul"]
    desk.now += timedelta(days=1)
    desk.publish()
    assert desk.titles() == []


@pytest.mark.parametrize("by", ["id", "url", "bare uuid"])
def test_hidden_leaves_every_document_and_no_poll_brings_it_back(
    desk: Desk, server: PartnerServer, by: str
) -> None:
    server.bodies |= {"/a": rss(item(1, "salah", category="Hukum"), item(2, "benar")), "/b": rss()}
    desk.poll()
    before = next(one for one in desk.items() if one["title"] == "salah")
    ref = {
        "id": before["id"],
        "url": before["url"] + "?utm_source=wa",
        "bare uuid": before["id"].removeprefix("urn:uuid:"),
    }
    desk.hide(ref[by], "salah orang")
    assert desk.titles() == ["benar"]
    assert desk.titles("topics/hukum") == []
    copy = item(1, "salah lagi", category="Hukum", host="a.example")
    server.bodies |= {"/a": rss(item(1, "salah, dikoreksi", "Isi lain."), item(2, "benar")), "/b": rss(copy)}
    desk.poll()
    assert desk.titles() == ["benar"]
    (hidden,) = desk.status().hidden
    assert (hidden.id, hidden.reason) == (before["id"], "salah orang")
    desk.unhide(before["id"])
    again = next(one for one in desk.items() if one["id"] == before["id"])
    assert (again["url"], again["date_published"]) == (before["url"], before["date_published"])
