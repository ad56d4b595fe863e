"""Feeds of subscribers, polled and published: whose they are, what stands in them, and until when."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from desk import Desk, item, rss
from partner_server import PartnerServer

from aggregator import jobs
from aggregator.app import open_app, open_store
from aggregator.explaining import explain_story
from aggregator.model.document import Output
from aggregator.service.live import Live
from aggregator.service.publisher import Publisher
from aggregator.subscribing import outputs_in_force, rotate_key
from aggregator.web.metrics import Metrics

MUARO: dict[str, Any] = {"id": "kabar-muaro", "name": "Kabar Muaro"}
HOUR = timedelta(hours=1)
LONG = " ".join(
    f"Warga desa nomor {n} memanen padi di sawah tepi Batanghari pada hari {n * 37}." for n in range(25)
)


def keys(desk: Desk) -> list[str]:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        return [key.key for key in tx.subscriber_keys()]


def in_force(desk: Desk) -> list[Output]:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        return [one for one in outputs_in_force(desk.config, tx, desk.now) if one.subscriber_id]


def private_files(desk: Desk) -> set[str]:
    return {path for path in desk.files() if path.startswith("feeds/s/")}


def is_due(desk: Desk) -> bool:
    """Whether the service would publish at its next tick."""

    async def run() -> bool:
        async with open_app(desk.config, desk.database, desk.public, lambda: desk.now) as app:
            return await jobs.is_publish_due(app, try_again=False)

    return asyncio.run(run())


def rotate(desk: Desk, grace: timedelta) -> str:
    with open_store(desk.database, desk.config) as store, store.write() as tx:
        return rotate_key(tx, "kabar-muaro", desk.now, grace)


def revoke(desk: Desk) -> None:
    with open_store(desk.database, desk.config) as store, store.write() as tx:
        tx.end_subscriber_keys("kabar-muaro", desk.now)


@pytest.fixture
def polled(desk: Desk, server: PartnerServer) -> Desk:
    """A desk with a story of each partner, and one subscriber who takes everything."""
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss(item(2, "dua", host="b.example"))}
    desk.raw["subscribers"] = [MUARO]
    desk.poll()
    return desk


def test_a_subscriber_has_a_feed_at_an_address_that_nobody_can_guess(polled: Desk) -> None:
    (key,) = keys(polled)
    assert re.fullmatch("[a-z2-7]{32}", key)
    assert sorted(polled.titles(f"s/{key}")) == ["dua", "satu"]
    assert private_files(polled) == {
        f"feeds/s/{key}.{suffix}{packed}" for suffix in ("rss", "atom", "json") for packed in ("", ".gz")
    }
    assert not polled.publish().files
    assert keys(polled) == [key]


def test_nothing_but_its_own_self_link_tells_the_address(polled: Desk) -> None:
    (key,) = keys(polled)
    told = {path for path, (body, _) in polled.files().items() if key.encode() in body}
    assert told == {f"feeds/s/{key}.{suffix}" for suffix in ("rss", "atom", "json")}
    for path in told:
        addresses = re.findall(
            rb"https?://[^\"'<\s]*" + key.encode() + rb"[^\"'<\s]*", polled.files()[path][0]
        )
        assert addresses == [f"https://feeds.jambiseru.com/{path}".encode()]
    assert not re.search("s/[a-z2-7]{32}", json.dumps(polled.status().as_dict()))


def test_no_list_of_feeds_names_a_subscriber(polled: Desk) -> None:
    (key,) = keys(polled)
    for path in ("index.html", "feeds.opml", "feeds/all.html"):
        listed = polled.files()[path][0].decode()
        assert "feeds/all.rss" in listed
        assert [words for words in (key, MUARO["id"], MUARO["name"], "feeds/s/") if words in listed] == []


def test_who_left_the_file_is_warned_of_no_more(polled: Desk) -> None:
    revoke(polled)
    polled.publish()
    assert [words for words in polled.status().warnings if "410" in words]
    polled.raw["subscribers"] = []
    polled.publish()
    assert not [words for words in polled.status().warnings if "410" in words]


def test_explain_names_the_subscriber_once_and_not_the_address(polled: Desk) -> None:
    """Sitemaps too, which have no JSON."""
    polled.raw["subscribers"].append({"id": "warta", "name": "Warta", "profile": "google-news"})
    rotate(polled, timedelta(days=7))
    polled.publish()
    assert len(in_force(polled)) == 3
    with open_store(polled.database, polled.config) as store:
        found = explain_story(polled.config, store, "1", polled.now)
    assert [one.output_id for one in found.outputs] == [
        "all",
        "subscriber kabar-muaro",
        "subscriber warta",
    ]


OWN = [
    pytest.param({"partner": "b"}, id="partner"),
    pytest.param({"domains": ["b.example"]}, id="domain"),
]


@pytest.mark.parametrize("own", OWN)
def test_nobody_gets_their_own_articles_back(desk: Desk, server: PartnerServer, own: dict[str, Any]) -> None:
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss(item(2, "dua", host="b.example"))}
    desk.raw["subscribers"] = [MUARO | own]
    desk.poll()
    (key,) = keys(desk)
    assert desk.titles(f"s/{key}") == ["satu"]
    assert sorted(desk.titles()) == ["dua", "satu"]


@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize("first", ["a", "b"])
def test_nor_as_a_copy_of_anothers_whoever_came_first(
    desk: Desk, server: PartnerServer, own: dict[str, Any], first: str
) -> None:
    """Whichever of the two leads before and after, the article stands in the feed only until theirs is known."""
    second = {"a": "b", "b": "a"}[first]
    server.bodies |= {
        "/a": rss(item(1, "Panen padi raya di tepi Batanghari", LONG)),
        "/b": rss(item(2, "Panen padi raya di tepi Batanghari", LONG, host="b.example")),
    }
    desk.raw["subscribers"] = [MUARO | own]
    desk.poll(first)
    (key,) = keys(desk)
    assert len(desk.titles(f"s/{key}")) == (1 if first == "a" else 0)
    desk.poll(second)
    assert len(desk.listed()) == len(desk.titles()) == 1
    assert desk.titles(f"s/{key}") == []


TAKEN = {  # what the text says, and what the item says beside it
    "by host": (
        "Artikel ini telah tayang di kabarmuaro.id dengan judul Panen padi raya di tepi Batanghari",
        "",
    ),
    "by name": (
        "Artikel ini telah tayang di Kabar Muaro dengan judul Panen padi raya di tepi Batanghari",
        "",
    ),
    "source line": ("Sumber: Kabar Muaro", ""),
    "link": ('Baca artikel asli di <a href="https://www.kabarmuaro.id/berita/1">sini</a>', ""),
    "source of the item": ("", '<source url="https://kabarmuaro.id/feed/">Muaro</source>'),
    "via": (
        "",
        '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="via" href="https://kabarmuaro.id/berita/1"/>',
    ),
}


@pytest.mark.parametrize("own", [{"partner": "b"}, {"domains": ["kabarmuaro.id"]}], ids=["partner", "domain"])
@pytest.mark.parametrize("taken", TAKEN)
def test_nor_what_another_says_it_took_from_them(
    desk: Desk, server: PartnerServer, own: dict[str, Any], taken: str
) -> None:
    """Theirs was never seen here: partner a carried it, and says so. News about them stays."""
    credit, extra = TAKEN[taken]
    about = (
        "Wartawan Kabar Muaro (kabarmuaro.id) ikut lomba menulis berita di Sungai Penuh pada hari Kamis. " * 3
    )
    server.bodies["/a"] = rss(
        item(1, "Panen padi raya di tepi Batanghari", f"{LONG}</p><p>{credit}", extra=extra),
        item(3, "tiga", about),
    )
    desk.raw["partners"][1]["domains"].append("kabarmuaro.id")
    desk.raw["partners"][1]["name"] = "Kabar Muaro"
    desk.raw["subscribers"] = [MUARO | own]
    desk.poll("a")
    (key,) = keys(desk)
    assert len(desk.titles()) == 2
    assert desk.titles(f"s/{key}") == ["tiga"]


@pytest.mark.parametrize("own", OWN)
def test_nor_a_tombstone_of_what_they_were_never_given(
    desk: Desk, server: PartnerServer, own: dict[str, Any]
) -> None:
    server.bodies |= {"/a": rss(item(1, "satu")), "/b": rss(item(2, "dua", host="b.example"))}
    desk.raw["subscribers"] = [MUARO | own]
    desk.poll()
    (key,) = keys(desk)
    for one in desk.items():
        desk.hide(one["id"])
    deleted = [
        json.loads((desk.public / f"feeds/{output}.json").read_bytes())["_aggregator"]["deleted"]
        for output in ("all", f"s/{key}")
    ]
    assert [len(some) for some in deleted] == [2, 1]


def test_a_feed_is_full_although_the_newest_are_its_own(desk: Desk, server: PartnerServer) -> None:
    """What is left out by host is more than the limit: the query goes on behind it."""
    own = [item(n, f"milik {n}", host="b.example", age=HOUR) for n in range(10, 20)]
    others = [item(n, f"lain {n}", age=2 * HOUR) for n in range(20, 25)]
    server.bodies |= {"/a": rss(*others), "/b": rss(*own)}
    desk.raw["subscribers"] = [MUARO | {"domains": ["b.example"], "limit": 3}]
    desk.poll("a")
    desk.now += HOUR
    desk.poll("b")
    (key,) = keys(desk)
    assert len(desk.titles(f"s/{key}")) == 3
    assert all(title.startswith("lain") for title in desk.titles(f"s/{key}"))


def test_what_is_asked_for_reaches_the_output(polled: Desk) -> None:
    wish = {"profile": "wordpress", "content": "excerpt", "limit": 7, "where": {"topic": "politik"}}
    polled.raw["subscribers"] = [MUARO | wish]
    assert is_due(polled)
    polled.publish()
    (output,) = in_force(polled)
    assert (output.profile, output.content, output.limit) == ("wordpress", "excerpt", 7)
    assert polled.titles(output.id) == []
    assert not is_due(polled)


def test_an_edit_of_a_subscriber_makes_no_other_document_anew(polled: Desk) -> None:
    before = {path: found for path, found in polled.files().items() if not path.startswith("feeds/s/")}
    polled.raw["subscribers"] = [MUARO | {"name": "Muaro Kini"}, {"id": "warta-tebo", "name": "Warta Tebo"}]
    report = polled.publish()
    assert {path.rpartition("/")[0] for path in report.files} == {"feeds/s"}
    assert len(report.files) == 6
    assert {path: found for path, found in polled.files().items() if path in before} == before


def test_a_rotated_key_lives_on_for_its_grace(polled: Desk) -> None:
    (old,) = keys(polled)
    new = rotate(polled, timedelta(days=7))
    assert is_due(polled)
    polled.publish()
    assert polled.titles(f"s/{old}") == polled.titles(f"s/{new}")
    assert not is_due(polled)
    polled.now += timedelta(days=7) - timedelta(seconds=1)
    polled.publish()
    assert {path[8:40] for path in private_files(polled)} == {old, new}
    assert not is_due(polled)
    polled.now += timedelta(seconds=1)
    assert is_due(polled)
    polled.publish()
    assert {path[8:40] for path in private_files(polled)} == {new}
    assert keys(polled) == [old, new]


def test_a_second_rotation_does_not_prolong_the_first(polled: Desk) -> None:
    (first,) = keys(polled)
    second = rotate(polled, HOUR)
    polled.now += timedelta(minutes=1)
    third = rotate(polled, 10 * HOUR)
    polled.now += HOUR
    assert [one.id for one in in_force(polled)] == [f"s/{second}", f"s/{third}"]
    assert first not in {second, third}


def test_who_is_revoked_gets_no_new_key_by_itself(polled: Desk) -> None:
    (key,) = keys(polled)
    revoke(polled)
    assert is_due(polled)
    assert f"feeds/s/{key}.rss" in polled.publish().removed
    assert private_files(polled) == set()
    assert keys(polled) == [key]
    assert not is_due(polled)
    (words,) = (words for words in polled.status().warnings if "kabar-muaro" in words)
    assert "aggregator subscriber rotate kabar-muaro" in words
    new = rotate(polled, HOUR)
    polled.publish()
    assert {path[8:40] for path in private_files(polled)} == {new}


def test_nothing_is_kept_packed_of_an_address_that_is_gone(polled: Desk) -> None:
    (path,) = (f"feeds/s/{key}.rss" for key in keys(polled))

    async def run() -> None:
        async with open_app(polled.config, polled.database, polled.public, lambda: polled.now) as app:
            publisher = Publisher(Live(app), Metrics(), lambda: None)
            await publisher.publish()
            document, variants = publisher.packed[path].document, publisher.packed[path].variants
            assert app.packs.variants_of(document) is variants
            revoke(polled)
            await publisher.publish()
            assert path not in publisher.packed
            assert app.packs.variants_of(document) is not variants

    asyncio.run(run())


def test_after_the_last_day_nothing_is_there_and_status_says_so(polled: Desk) -> None:
    """Midnight is the site's: 17:00 UTC."""
    last_day = polled.now.date()
    polled.raw["subscribers"] = [MUARO | {"valid_until": last_day.isoformat()}]
    polled.publish()
    polled.now = polled.now.replace(hour=16, minute=59, second=59)
    assert not is_due(polled)
    assert len(in_force(polled)) == 1
    assert not [words for words in polled.status().warnings if "kabar-muaro" in words]
    polled.now += timedelta(seconds=1)
    assert is_due(polled)
    polled.publish()
    assert private_files(polled) == set()
    (words,) = (words for words in polled.status().warnings if "kabar-muaro" in words)
    assert str(last_day) in words
    assert "410" in words
    polled.raw["subscribers"] = [MUARO | {"valid_until": date(2027, 1, 1).isoformat()}]
    polled.publish()
    assert {path[8:40] for path in private_files(polled)} == set(keys(polled))  # the address is the same


def test_what_leaves_the_file_is_gone_and_what_comes_back_has_its_address(polled: Desk) -> None:
    polled.raw["subscribers"] = []
    polled.publish()
    assert private_files(polled) == set()
    polled.raw["subscribers"] = [MUARO]
    polled.publish()
    assert {path[8:40] for path in private_files(polled)} == set(keys(polled))
    assert len(keys(polled)) == 1
