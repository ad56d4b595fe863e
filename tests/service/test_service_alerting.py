"""What ops are told and when: values in, values out, whatever comes and goes, and whichever channel fails."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from config_sample import SAMPLE, changed, load
from hypothesis import given
from hypothesis import strategies as st

from aggregator.alerting import (
    GATHERED_AT_MOST,
    MOST_LINES,
    Changes,
    changes,
    message_of,
    one_line,
    told,
    trial_message,
    untold,
)
from aggregator.model.alert import THE_DESK, Alert

NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ALERTS = "alerts: {webhook: 'https://hooks.example/x', email: ops@jambiseru.com}\n"
CONFIG = load(SAMPLE + ALERTS)
FAILING = ("agency", "failing")


def alert(subject: str = "agency", kind: str = "failing", **parts: object) -> Alert:
    return replace(Alert(subject, kind, "3 visits in a row failed", NOW), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "trouble", "expected"),
    [
        ([], {FAILING: "x"}, Changes((Alert(*FAILING, "x", NOW),))),
        ([alert()], {FAILING: "4 visits in a row failed"}, Changes()),
        ([alert()], {}, Changes(forget=(alert(),))),
        (
            [alert(known_to=("email",))],
            {},
            Changes((alert(known_to=("email",), words="", ended_at=NOW),)),
        ),
        (
            [alert("gone-from-the-file", known_to=("email",))],
            {},
            Changes(
                (
                    alert(
                        "gone-from-the-file",
                        known_to=("email",),
                        words="no longer polled, by feeds.yaml",
                        ended_at=NOW,
                    ),
                )
            ),
        ),
        (
            [alert(known_to=("email",), ended_at=NOW - SECOND)],
            {FAILING: "x"},
            Changes((alert(known_to=("email",), words="x"),)),
        ),
        (
            [alert("follower kabar.example", "undelivered", known_to=("email",))],
            {},
            Changes(
                (
                    alert(
                        "follower kabar.example",
                        "undelivered",
                        known_to=("email",),
                        words="it took what is new, or follows no longer: aggregator followers",
                        ended_at=NOW,
                    ),
                )
            ),
        ),
        ([alert(known_to=("email",), ended_at=NOW)], {}, Changes()),
        ([alert(known_to=("pager",), ended_at=NOW)], {}, Changes(forget=(alert(known_to=("pager",), ended_at=NOW),))),
        ([alert(known_to=("pager",))], {}, Changes(forget=(alert(known_to=("pager",)),))),
    ],
    ids=[
        "begins",
        "other words",
        "ends untold",
        "ends",
        "is removed from the file",
        "a follower's ends",
        "is back before the end was told",
        "end still to be told",
        "end to be told to nobody any more",
        "ends, known to nobody any more",
    ],
)  # fmt: skip
def test_what_begins_and_ends(
    known: list[Alert], trouble: dict[tuple[str, str], str], expected: Changes
) -> None:
    assert changes(known, trouble, CONFIG, NOW) == expected


@pytest.mark.parametrize(
    ("ages_s", "told_of"),
    [
        ([59], 0),
        ([60], 1),
        ([60, 90, 3000], 3),
        ([59, 120], 0),  # more is coming
        ([59, 299], 0),
        ([59, 300], 1),  # but this has waited long enough
        ([-3600], 1),  # the clock was set back by an hour
    ],
)
def test_what_comes_together_is_told_together(ages_s: list[int], told_of: int) -> None:
    alerts = [alert(f"s{n}", since_at=NOW - age * SECOND) for n, age in enumerate(ages_s)]
    assert len(untold("email", alerts, NOW)) == told_of
    over = [
        replace(one, known_to=("email",), since_at=NOW - 3600 * SECOND, ended_at=one.since_at)
        for one in alerts
    ]
    assert len(untold("email", over, NOW)) == told_of
    assert untold("webhook", over, NOW) == ()


def test_what_ended_and_was_forgotten_while_it_was_being_told_is_called_over_later() -> None:
    kept = told("email", [alert()], [], NOW + MINUTE).put
    assert kept == (alert(known_to=("email",), words="", ended_at=NOW + MINUTE),)
    assert untold("email", kept, NOW + 2 * MINUTE) == kept


def test_what_came_back_while_its_end_was_being_told_is_told_again() -> None:
    over = alert(known_to=("email", "webhook"), ended_at=NOW)
    (kept,) = told("email", [over], [replace(over, ended_at=None)], NOW).put
    assert kept == alert(known_to=("webhook",))
    assert untold("email", [kept], NOW + MINUTE) == (kept,)


@dataclass
class World:
    """Trouble that comes and goes, a table, and channels that remember what they were told, in its order."""

    now: datetime = NOW
    trouble: dict[tuple[str, str], str] = field(default_factory=dict)
    table: dict[tuple[str, str], Alert] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    heard: dict[str, list[tuple[tuple[str, str], bool]]] = field(
        default_factory=lambda: {"email": [], "webhook": []}
    )

    def keep(self, what: Changes) -> None:
        self.table |= {one.key: one for one in what.put}
        for one in what.forget:
            del self.table[one.key]

    def look(self) -> None:
        self.keep(changes(list(self.table.values()), self.trouble, CONFIG, self.now))

    def tell(self, meanwhile: tuple[str, str] | None = None) -> None:
        for channel, heard in self.heard.items():
            news = untold(channel, list(self.table.values()), self.now)
            if news and channel not in self.down:
                heard += [(one.key, one.ended_at is None) for one in news]
                if meanwhile:
                    self.toggle(meanwhile)
                    self.look()
                self.keep(told(channel, news, list(self.table.values()), self.now))

    def toggle(self, key: tuple[str, str]) -> None:
        if self.trouble.pop(key, None) is None:
            self.trouble[key] = "x"


KEYS = st.sampled_from([(source, kind) for source in ("agency", "paper") for kind in ("failing", "loss")])
STEPS = st.one_of(
    st.tuples(st.just("toggle"), KEYS),
    st.tuples(st.just("channel"), st.sampled_from(["email", "webhook"])),
    st.tuples(st.just("wait"), st.integers(1, 400)),
    st.tuples(st.just("tell"), st.none() | KEYS),
)


@given(st.lists(STEPS, max_size=40))
def test_each_channel_hears_beginning_and_end_in_turn_and_in_the_end_all_of_it(
    steps: list[tuple[str, object]],
) -> None:
    world = World()
    for step, what in steps:
        match step:
            case "toggle":
                world.toggle(what)  # type: ignore[arg-type]
            case "channel":
                world.down ^= {what}  # type: ignore[arg-type]
            case "wait":
                world.now += what * SECOND  # type: ignore[operator]
            case _:
                world.tell(what)  # type: ignore[arg-type]
        world.look()
    world.down.clear()
    for _ in range(2):
        world.now += GATHERED_AT_MOST
        world.tell()
    for heard in world.heard.values():
        for key in {key for key, _ in heard}:
            of_key = [began for which, began in heard if which == key]
            assert of_key == [n % 2 == 0 for n in range(len(of_key))]
        assert {key for key, began in dict(heard).items() if began} == world.trouble.keys()
    assert world.table.keys() == world.trouble.keys()


def test_a_message_says_what_since_when_what_to_do_and_where_to_look() -> None:
    message = message_of(
        [
            alert("paper", "loss", words="", known_to=("email",), since_at=NOW, ended_at=NOW + 90 * MINUTE),
            alert("agency", words="3 visits in a row failed: agency.example does not exist"),
            alert(THE_DESK, "refused", words="feeds.yaml:14:12: x; the last good one is in force"),
            alert("retired", "quiet", words="no longer polled, by feeds.yaml", ended_at=NOW),
        ],
        CONFIG,
    )
    assert message.text == "\n".join(
        [
            "Jambi Seru: the desk feeds.yaml refused, agency failing; over: paper possible loss, retired quiet",
            "",
            "Began:",
            "- the desk: feeds.yaml refused since 26 Nov 12:00 WIB: feeds.yaml:14:12: x; the last good one is in force",
            "- agency: failing since 26 Nov 12:00 WIB: 3 visits in a row failed: agency.example does not exist",
            "",
            "Over:",
            "- paper: possible loss from 26 Nov 12:00 WIB to 26 Nov 13:30 WIB",
            "- retired: quiet from 26 Nov 12:00 WIB to 26 Nov 12:00 WIB: no longer polled, by feeds.yaml",
            "",
            "How everything is: aggregator status, on the machine that serves feeds.jambiseru.com",
        ]
    )
    assert message.title == message.text.partition("\n")[0]
    sent = json.loads(message.as_json())
    assert sent["site"] == "Jambi Seru"
    assert sent["text"] == message.text
    assert sent["began"][1] == {
        "source": "agency",
        "kind": "failing",
        "words": "3 visits in a row failed: agency.example does not exist",
        "since": "2026-11-26T05:00:00+00:00",
    }
    assert [one["source"] for one in sent["ended"]] == ["paper", "retired"]
    assert sent["ended"][0]["until"] == "2026-11-26T06:30:00+00:00"


@pytest.mark.slow
def test_the_largest_outage_still_fits_into_a_chat() -> None:
    alerts = [alert(f"s{n}", words="kata " * 1000) for n in range(10_000)]
    message = message_of([*alerts, *(replace(one, ended_at=NOW) for one in alerts)], CONFIG)
    assert message.text.count("\n- and 9960 more") == 2
    assert "s0 failing, s1 failing and 9998 more; over:" in message.title
    assert len(message.text) < 40_000
    assert len(json.loads(message.as_json())["began"]) == MOST_LINES


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("satu\r\nBcc: all@x.id\n\n- kompas: palsu", "satu Bcc: all＠x.id - kompas: palsu"),
        ("a\u2028b\u2029c\x85d\x0be\tf", "a b c d e f"),
        ("<!channel> @all <https://jahat.example|klik>", "‹!channel› ＠all ‹https://jahat.example|klik›"),
        ("\x1b[31mmerah\x07 \u202ekanan\ufffe\udc00", "[31mmerah kanan"),
        ("Jum'at — “kutipan” & berita", "Jum'at — “kutipan” & berita"),
        ("x" * 301, "x" * 300 + "…"),
    ],
)
def test_partners_do_not_write_our_messages(text: str, shown: str) -> None:
    assert one_line(text) == shown
    message = message_of([alert(words=text)], CONFIG)
    assert message.text.count("\n") == 5
    assert shown in message.text
    assert json.loads(message.as_json())["began"][0]["words"] == shown


@given(st.text())
def test_nothing_breaks_a_line(text: str) -> None:
    shown = one_line(text)
    assert len(shown.splitlines()) <= 1
    assert shown.isprintable()
    assert not set(shown) & set("<>@")
    shown.encode()


def test_the_sites_own_name_breaks_no_header() -> None:
    config = load(changed("name: Jambi Seru\n", 'name: "Jambi\\nSeru"\n') + ALERTS)
    assert message_of([alert()], config).title.startswith("Jambi Seru: ")
    assert trial_message(config).title.startswith("Jambi Seru: this is a test")
