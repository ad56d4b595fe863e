"""A story that was taken back is said to be, as long as it would have stood there; one that comes back is itself."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from desk import NOW, Desk, item, raw_config, rss
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from partner_server import PartnerServer

AT = "{http://purl.org/atompub/tombstones/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
FEED_DATE = re.compile(rb"<(updated|lastBuildDate)>[^<]*<|\"updated\": \"[^\"]*\"")


def tombstones(desk: Desk, output: str = "all") -> dict[str, tuple[str, str]]:
    """When and why by id, the same in Atom and JSON Feed."""
    root = etree.parse(desk.public / f"feeds/{output}.atom")
    atom = {
        str(one.get("ref")): (str(one.get("when")), one.findtext(f"{AT}comment") or "")
        for one in root.iter(f"{AT}deleted-entry")
    }
    feed = json.loads((desk.public / f"feeds/{output}.json").read_bytes())
    deleted = feed["_aggregator"].get("deleted", ())
    assert atom == {one["id"]: (one["when"], one.get("comment", "")) for one in deleted}
    return atom


def feeds(desk: Desk) -> dict[str, bytes]:
    return {path: body for path, (body, _) in desk.files().items() if path.startswith("feeds/")}


def but_for_the_date(documents: dict[str, bytes]) -> dict[str, bytes]:
    """The same without what each feed says of its own last change."""
    return {
        path: FEED_DATE.sub(b"", body, count=1)
        for path, body in documents.items()
        if not path.endswith((".gz", ".br"))
    }


def feed_date(desk: Desk, output: str = "all") -> str:
    root = etree.parse(desk.public / f"feeds/{output}.atom")
    return root.findtext(f"{ATOM}updated") or ""


def test_hidden_then_shown_again_with_the_same_bytes(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {
        "/a": rss(item(1, "satu", category="politik"), item(2, "dua", category="hukum")),
        "/b": rss(),
    }
    desk.poll()
    before = feeds(desk)
    (one,) = (item["id"] for item in desk.items() if item["title"] == "satu")
    hidden_at = desk.now
    desk.hide(one, "Permintaan keluarga")
    expected = {one: (hidden_at.strftime("%Y-%m-%dT%H:%M:%SZ"), "Permintaan keluarga")}
    assert tombstones(desk) == tombstones(desk, "topics/politik") == expected
    assert tombstones(desk, "topics/hukum") == {}
    # Who looks at a feed's own date first must not miss it.
    assert feed_date(desk) == feed_date(desk, "topics/politik") == expected[one][0]
    assert feed_date(desk, "topics/hukum") < expected[one][0]
    told = feeds(desk)
    desk.now += timedelta(hours=1)
    desk.hide(one, "Alasan lain")
    desk.publish()
    assert feeds(desk) == told
    desk.unhide(one)
    assert but_for_the_date(feeds(desk)) == but_for_the_date(before)
    assert feed_date(desk) == expected[one][0]  # never goes back


def test_a_tombstone_leaves_when_its_story_would_have(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1)), "/b": rss()}
    desk.poll()
    desk.now += timedelta(days=5)
    (one,) = desk.items()
    desk.hide(one["id"])
    desk.now = NOW + timedelta(days=7) - timedelta(seconds=1)
    desk.publish()
    assert tombstones(desk).keys() == {one["id"]}
    desk.now += timedelta(minutes=2)
    desk.publish()
    assert tombstones(desk) == {}


def test_expiry_by_terms_is_said_at_its_moment(server: PartnerServer, desk: Desk) -> None:
    desk.raw["partners"][0]["terms"]["expires_after"] = "1d"
    server.bodies |= {"/a": rss(item(1)), "/b": rss(item(2, host="b.example"))}
    desk.poll()
    desk.now += timedelta(days=2)
    desk.publish()
    assert len(desk.items()) == 1
    ((when, why),) = tombstones(desk).values()
    assert (when, why) == ("2026-11-24T05:00:00Z", "")


def test_refused_after_publication_and_allowed_again(desk: Desk, server: PartnerServer) -> None:
    desk.raw["partners"][0]["terms"]["exclude_categories"] = ["iklan"]
    server.bodies |= {"/a": rss(item(1)), "/b": rss()}
    desk.poll()
    before = feeds(desk)
    refused_at = desk.now
    server.bodies["/a"] = rss(item(1, category="iklan"))
    desk.poll()
    when = refused_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert list(tombstones(desk).values()) == [(when, "")]
    desk.raw["site"]["name"] = "Jambi Lain"  # everything is settled and made again
    desk.publish()
    desk.raw["site"]["name"] = "Jambi Seru"
    desk.publish()
    assert list(tombstones(desk).values()) == [(when, "")]
    server.bodies["/a"] = rss(item(1))
    desk.poll()
    assert but_for_the_date(feeds(desk)) == but_for_the_date(before)


def test_what_was_never_published_leaves_none(desk: Desk, server: PartnerServer) -> None:
    desk.raw["partners"][0]["terms"]["exclude_categories"] = ["iklan"]
    server.bodies |= {"/a": rss(item(1, category="iklan")), "/b": rss(item(2, host="b.example"))}
    desk.poll()
    assert (len(desk.items()), tombstones(desk)) == (1, {})


def test_one_that_only_left_a_topic_is_not_withdrawn(desk: Desk, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1, category="politik")), "/b": rss()}
    desk.poll()
    server.bodies["/a"] = rss(item(1, category="hukum"))
    desk.poll()
    assert (desk.titles("topics/politik"), tombstones(desk, "topics/politik")) == ([], {})


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("hide", "unhide", "later")), st.integers(0, 3)), max_size=6))
def test_a_published_story_stands_there_or_its_tombstone_does(
    tmp_path_factory: pytest.TempPathFactory, server: PartnerServer, acts: list[tuple[str, int]]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"), raw_config({"a": server.url("/a")}))
    server.bodies["/a"] = rss(*(item(number) for number in range(4)))
    desk.poll()
    ids = [one["id"] for one in desk.items()]
    hidden: set[str] = set()
    for act, number in acts:
        desk.now += timedelta(minutes=7)
        if act == "later":
            desk.publish()
        else:
            getattr(desk, act)(ids[number])
            hidden = hidden | {ids[number]} if act == "hide" else hidden - {ids[number]}
        assert tombstones(desk).keys() == hidden
        assert {one["id"] for one in desk.items()} == set(ids) - hidden
