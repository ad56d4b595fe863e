"""Alerts are kept by subject and kind, whole."""

from __future__ import annotations

from dataclasses import replace

from store_values import HOUR, NOW

from aggregator.model.alert import THE_DESK, Alert
from aggregator.store.store import Store

FAILING = Alert("kompas", "failing", "3 visits in a row failed", NOW)
QUIET = Alert("kompas", "quiet", "nothing new", NOW, ("email", "webhook"), NOW + HOUR)
REFUSED = Alert(THE_DESK, "refused", "feeds.yaml:1:1: x", NOW)


def test_alerts_come_back_as_they_were_put(store: Store) -> None:
    with store.write() as tx:
        tx.put_alerts([QUIET, FAILING, REFUSED])
    with store.read() as tx:
        assert tx.alerts() == (REFUSED, FAILING, QUIET)


def test_one_of_a_kind_is_replaced_and_forgotten_alone(store: Store) -> None:
    told = replace(FAILING, words="4 visits", known_to=("email",))
    with store.write() as tx:
        tx.put_alerts([FAILING, QUIET])
        tx.put_alerts([told])
        tx.forget_alerts([replace(QUIET, words="other"), REFUSED])
    with store.read() as tx:
        assert tx.alerts() == (told,)
