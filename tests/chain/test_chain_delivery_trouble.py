"""Followers that do not take what is new: what ops are told of them, and when that is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk import Desk, item, rss
from hub_followers import Callback, bring, do_due, follow
from partner_server import PartnerServer

from aggregator.alerting import trouble_of
from aggregator.app import open_store
from aggregator.model.follower import fingerprint_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAYS = 30 * HOUR  # longer than tries go on
ANYBODY = "follower 127.0.0.1"


def trouble(desk: Desk) -> dict[tuple[str, str], str]:
    with open_store(desk.database, desk.config) as store, store.read() as tx:
        return trouble_of(desk.config, tx, desk.now)


def wait(desk: Desk, for_: timedelta) -> None:
    """Time passes, and what is due meanwhile is done every half hour."""
    until_at = desk.now + for_
    while desk.now < until_at:
        desk.now = min(desk.now + HOUR / 2, until_at)
        do_due(desk)


def test_who_takes_nothing_for_an_hour_is_told_of_until_it_does(
    desk: Desk, callback: Callback, server: PartnerServer, database_url: str
) -> None:
    desk.database = database_url
    desk.raw["hub"] = "own"
    server.bodies["/a"] = rss(item(1, "satu"))
    desk.poll("a")
    follow(desk, callback)
    desk.now += 10 * HOUR  # there was nothing to take
    bring(desk, server, 2)
    callback.answers = [500] * 100
    do_due(desk)
    wait(desk, HOUR - MINUTE)
    assert trouble(desk) == {}
    wait(desk, MINUTE)
    ((key, words),) = trouble(desk).items()
    assert key == (ANYBODY, "undelivered")
    assert f"feeds/all.atom to 127.0.0.1 ({fingerprint_of(callback.url)}): " in words
    assert words.endswith("it answers 500")
    callback.answers = []
    wait(desk, 3 * HOUR)
    assert trouble(desk) == {}
    bring(desk, server, 3)
    callback.answers = [500]
    do_due(desk)
    assert trouble(desk) == {}  # it begins anew


@pytest.mark.slow
def test_who_was_given_up_stays_so_while_it_takes_none_of_what_comes_later(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    """Else a callback that is dead would be told of with each news."""
    follow(hub_desk, callback)
    callback.answers = [500] * 1_000
    bring(hub_desk, server, 2)
    wait(hub_desk, DAYS)
    both = {(ANYBODY, "undelivered"), (ANYBODY, "given-up")}
    assert trouble(hub_desk).keys() == both
    bring(hub_desk, server, 3)
    do_due(hub_desk)
    assert trouble(hub_desk).keys() == both
    callback.answers = []
    wait(hub_desk, HOUR)
    assert trouble(hub_desk) == {}


def test_followers_of_public_feeds_are_one_by_domain_and_of_subscribers_each_by_itself(
    hub_desk: Desk, callback: Callback, server: PartnerServer
) -> None:
    """So no stranger, with any number of hosts, can fill what ops are told; and no partner hides another's."""
    hub_desk.raw["subscribers"] = [{"id": "kabar-muaro", "name": "Kabar Muaro"}]
    hub_desk.publish()
    (private,) = [path for path in hub_desk.files() if path.startswith("feeds/s/") and path.endswith(".atom")]
    other = Callback(server, "lain", answers=[500] * 100)
    partner = Callback(server, "mitra", answers=[500] * 100)
    for who, path in ((callback, "feeds/all.atom"), (other, "feeds/all.rss"), (partner, private)):
        follow(hub_desk, who, path)
    callback.answers = [500] * 100
    bring(hub_desk, server, 2)
    do_due(hub_desk)
    wait(hub_desk, HOUR)
    told = trouble(hub_desk)
    assert told.keys() == {
        (ANYBODY, "undelivered"),
        ("follower 127.0.0.1 of subscriber kabar-muaro (atom)", "undelivered"),
    }
    assert " and 1 more: " in told[ANYBODY, "undelivered"]
    assert private.split("/")[2].removesuffix(".atom") not in str(told)
    assert "kunci" not in str(told)
