"""Who has what of us: which version followers hold, and what followers and subscribers have of a story."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, timedelta
from typing import Any

import pytest
import yaml
from desk import Desk, item, rss
from hub_followers import Callback, bring, do_due, follow, with_app
from partner_server import PartnerServer
from typer.testing import CliRunner

from aggregator.app import open_store
from aggregator.cli import app
from aggregator.console import out
from aggregator.console_push import print_receipts
from aggregator.model.follower import fingerprint_of
from aggregator.model.receipt import FollowerStatus, Receipt
from aggregator.model.subscriber import Usage
from aggregator.receipts import follower_statuses, receipts

pytestmark = pytest.mark.slow

MINUTE = timedelta(minutes=1)


def named(callback: Callback) -> str:
    return f"follower 127.0.0.1 ({fingerprint_of(callback.url)})"


def statuses(desk: Desk) -> tuple[FollowerStatus, ...]:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        return follower_statuses(desk.config, tx, desk.now)


def receipts_of(desk: Desk, ref: str) -> dict[str, Receipt]:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        found = receipts(desk.config, tx, tx.find_story(ref, ref), desk.now)
    return {f"{one.who}, {one.document}": one for one in found}


def id_of(desk: Desk, title: str) -> str:
    return next(str(one["id"]) for one in desk.items() if one["title"] == title)


def test_what_a_follower_holds_in_a_word_and_in_words(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    follow(hub_desk, callback)
    (one,) = statuses(hub_desk)
    assert (one.document, one.state, one.held_at) == ("feeds/all.atom", "new", None)
    assert callback.url not in str(one)
    bring(hub_desk, server, 2)
    assert statuses(hub_desk)[0].state == "owed"
    do_due(hub_desk)
    assert (statuses(hub_desk)[0].state, statuses(hub_desk)[0].words) == (
        "current",
        "holds the newest version",
    )
    callback.answers = [500] * 50
    bring(hub_desk, server, 3)
    do_due(hub_desk)
    failing = statuses(hub_desk)[0]
    assert (failing.state, failing.tries) == ("failing", 1)
    assert "tried in vain so far: 1, again in" in failing.words
    assert "holds the version of" in failing.words
    for _ in range(20):
        hub_desk.now += timedelta(hours=3)
        do_due(hub_desk)
    assert statuses(hub_desk)[0].state == "given-up"
    callback.answers = []
    bring(hub_desk, server, 4)
    do_due(hub_desk)
    assert statuses(hub_desk)[0].state == "current"


def test_those_in_trouble_come_first(hub_desk: Desk, callback: Callback, server: PartnerServer) -> None:
    follow(hub_desk, callback, "feeds/all.atom")
    other = Callback(server, "lain", answers=[500])
    follow(hub_desk, other, "feeds/all.rss")
    bring(hub_desk, server, 2)
    do_due(hub_desk)
    assert [(one.document, one.state) for one in statuses(hub_desk)] == [
        ("feeds/all.rss", "failing"),
        ("feeds/all.atom", "current"),
    ]


def test_two_of_one_host_are_told_apart_and_one_of_two_feeds_is_known_again(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    other = Callback(server, "lain")
    for who, path in ((callback, "feeds/all.atom"), (other, "feeds/all.atom"), (callback, "feeds/all.rss")):
        follow(hub_desk, who, path)
    ours, others = (fingerprint_of(one.url) for one in (callback, other))
    assert ours != others
    assert [(one.document, one.host, one.fingerprint) for one in statuses(hub_desk)] == [
        ("feeds/all.atom", "127.0.0.1", ours),
        ("feeds/all.atom", "127.0.0.1", others),
        ("feeds/all.rss", "127.0.0.1", ours),
    ]


def test_a_story_its_correction_and_its_withdrawal_are_told_apart(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    follow(hub_desk, callback)
    bring(hub_desk, server, 2)
    who = f"{named(callback)}, feeds/all.atom"
    story = id_of(hub_desk, "nomor 2")
    assert receipts_of(hub_desk, story)[who].has == "nothing"
    do_due(hub_desk)
    told_at = hub_desk.now
    found = receipts_of(hub_desk, story)[who]
    assert (found.has, found.at) == ("newest", told_at)
    hub_desk.now += MINUTE
    hub_desk.hide(story)
    assert receipts_of(hub_desk, story)[who].has == "earlier"
    hub_desk.now += MINUTE
    do_due(hub_desk)
    assert receipts_of(hub_desk, story)[who].has == "newest"


def test_what_subscribers_have_is_told_by_when_they_last_asked(hub_desk: Desk, server: PartnerServer) -> None:
    hub_desk.raw["subscribers"] = [{"id": "kabar-muaro", "name": "Kabar Muaro"}]
    bring(hub_desk, server, 2)
    story, who = id_of(hub_desk, "nomor 2"), "subscriber kabar-muaro, its feed"
    assert (receipts_of(hub_desk, story)[who].has, receipts_of(hub_desk, story)[who].at) == ("nothing", None)

    def ask(**back: Any) -> None:
        asked_at = hub_desk.now - timedelta(**back)

        def count(tx: Any) -> None:
            (key,) = tx.subscriber_keys()
            tx.add_subscriber_usage(asked_at.date(), {key.key: Usage(1, 0, asked_at)})

        with_app(hub_desk, lambda opened: opened.write(count))

    ask(hours=1)
    assert receipts_of(hub_desk, story)[who].has == "nothing"
    ask()
    assert receipts_of(hub_desk, story)[who].has == "newest"
    hub_desk.now += MINUTE
    hub_desk.hide(story)
    assert receipts_of(hub_desk, story)[who].has == "earlier"
    hub_desk.now += MINUTE
    ask()
    assert receipts_of(hub_desk, story)[who].has == "newest"


def test_a_feed_that_does_not_take_the_story_is_not_named(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    follow(hub_desk, callback, "feeds/topics/hukum.atom")
    bring(hub_desk, server, 2)
    do_due(hub_desk)
    assert receipts_of(hub_desk, id_of(hub_desk, "nomor 2")) == {}


def test_the_commands_for_people_and_machines(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    (hub_desk.folder / "feeds.yaml").write_text(yaml.safe_dump(hub_desk.raw, sort_keys=False))

    def run(*arguments: str) -> str:
        environ = {
            "AGGREGATOR_CONFIG": str(hub_desk.folder / "feeds.yaml"),
            "AGGREGATOR_DATABASE": hub_desk.database,
            "AGGREGATOR_PUBLIC": str(hub_desk.public),
        }
        result = CliRunner(env=environ).invoke(app, arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "no followers" in run("followers")
    follow(hub_desk, callback, secret="rahasia")
    bring(hub_desk, server, 2)
    do_due(hub_desk)
    said = run("followers")
    fingerprint = hashlib.sha256(callback.url.encode()).hexdigest()[:8]
    assert f"feeds/all.atom  127.0.0.1 ({fingerprint}): holds the newest version" in said
    assert "1 follower: 1 current" in said
    (one,) = json.loads(run("followers", "--json"))
    assert (one["document"], one["state"]) == ("feeds/all.atom", "current")
    assert one["fingerprint"] == fingerprint
    story = id_of(hub_desk, "nomor 2")
    assert f"{named(callback)}, feeds/all.atom: has it as it is now" in " ".join(
        run("receipts", story).split()
    )
    (one,) = json.loads(run("receipts", story, "--json"))
    assert one["has"] == "newest"
    told = run("status")
    assert "followers by WebSub: 1 current: aggregator followers" in told
    for words in (said, told, run("followers", "--json")):
        assert "rahasia" not in words
        assert "kunci" not in words


def test_what_left_a_feed_is_claimed_of_nobody(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    """Corrected when there was no room for it any more, or before they came: no document ever said so."""
    hub_desk.raw["outputs"]["defaults"] = {"limit": 2}
    hub_desk.publish()
    follow(hub_desk, callback)
    story, who = id_of(hub_desk, "satu"), f"{named(callback)}, feeds/all.atom"
    for number in (6, 7):
        server.bodies["/a"] = rss(item(number, f"nomor {number}"))
        hub_desk.poll("a")
        do_due(hub_desk)
    assert hub_desk.titles() == ["nomor 7", "nomor 6"]
    server.bodies["/a"] = rss(
        item(1, "satu, diralat", "Kalimat yang diralat memuat kabar lain sama sekali. " * 5)
    )
    hub_desk.poll("a")
    do_due(hub_desk)
    assert receipts_of(hub_desk, story)[who].has == "unknown"
    late = Callback(server, "lambat")
    follow(hub_desk, late)
    assert {one.has for one in receipts_of(hub_desk, story).values()} <= {"unknown", "nothing"}


def test_one_that_was_sorted_elsewhere_is_not_forgotten(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    server.bodies["/a"] = rss(item(5, "kabar dewan", category="politik"))
    hub_desk.poll("a")
    follow(hub_desk, callback, "feeds/topics/politik.atom")
    story, who = id_of(hub_desk, "kabar dewan"), f"{named(callback)}, feeds/topics/politik.atom"
    server.bodies["/a"] = rss(item(5, "kabar dewan", category="hukum"))
    hub_desk.poll("a")
    assert hub_desk.titles("topics/politik") == []
    assert receipts_of(hub_desk, story)[who].has == "nothing"
    do_due(hub_desk)
    assert receipts_of(hub_desk, story)[who].has == "unknown"


def test_nobody_is_asked_of_their_own_articles(hub_desk: Desk, server: PartnerServer) -> None:
    hub_desk.raw["subscribers"] = [{"id": "kabar-b", "name": "Kabar B", "partner": "b"}]
    bring(hub_desk, server, 7)
    assert receipts_of(hub_desk, id_of(hub_desk, "dua")) == {}
    assert len(receipts_of(hub_desk, id_of(hub_desk, "nomor 7"))) == 1


def test_check_says_whom_an_edit_would_drop(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    def check() -> str:
        (hub_desk.folder / "feeds.yaml").write_text(yaml.safe_dump(hub_desk.raw, sort_keys=False))
        environ = {
            "AGGREGATOR_CONFIG": str(hub_desk.folder / "feeds.yaml"),
            "AGGREGATOR_DATABASE": hub_desk.database,
        }
        result = CliRunner(env=environ).invoke(app, ["check"])
        assert result.exit_code == 0, result.output
        return " ".join(result.stdout.split())

    follow(hub_desk, callback, "feeds/topics/hukum.atom")
    follow(hub_desk, Callback(server, "lain"))
    assert "followers by WebSub" not in check()
    topics = hub_desk.raw["topics"]
    hub_desk.raw["topics"] = [one for one in topics if one["id"] != "hukum"]
    assert "1 follower by WebSub is told that it is over: what they follow is published no more" in check()
    hub_desk.raw["topics"] = topics
    del hub_desk.raw["hub"]
    assert "2 followers by WebSub are told that it is over: the desk is no hub any more" in check()
    hub_desk.raw["hub"] = "own"
    hub_desk.raw["site"]["feeds_url"] = "https://baru.example/"
    assert "2 followers by WebSub are told that it is over: site.feeds_url is another" in check()


def test_of_a_withdrawn_story_it_is_said_who_knows_that(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    follow(hub_desk, callback)
    bring(hub_desk, server, 7)
    story = id_of(hub_desk, "nomor 7")
    do_due(hub_desk)

    def said() -> str:
        with (
            open_store(hub_desk.database, hub_desk.config) as store,
            store.read() as tx,
            out.capture() as told,
        ):
            named = tx.find_story(story, story)
            found = receipts(hub_desk.config, tx, named, hub_desk.now)
            print_receipts(found, named, hub_desk.now, UTC)
        return " ".join(told.get().split())

    assert said().startswith(f"nomor 7 {named(callback)}, feeds/all.atom: has it as it is now")
    hub_desk.now += MINUTE
    hub_desk.hide(story, "Permintaan keluarga")
    assert said().startswith("nomor 7 (withdrawn: Permintaan keluarga) follower")
    assert "has it, and was not told yet that it was withdrawn" in said()
    hub_desk.now += MINUTE
    do_due(hub_desk)
    assert "knows that it was withdrawn" in said()
