"""What ops are told, and when: how the trouble that there is compares with what they know."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aggregator.archiving import archive_problems
from aggregator.config.model import Config
from aggregator.intake.watch import flags_of
from aggregator.jobs import PUBLISH_PROBLEMS
from aggregator.model.alert import THE_DESK, Alert
from aggregator.model.flag import Kind
from aggregator.receipts import delivery_trouble
from aggregator.status import CONFIG_REFUSED, PUBLISH_TROUBLE
from aggregator.store.reads import ReadTx

# What has stood for so long is told, once no more comes; but nothing waits much longer for what comes after it. So an
# outage that many sources meet one after the other is one message, or a few.
SETTLED_AFTER = timedelta(minutes=1)
GATHERED_AT_MOST = timedelta(minutes=5)
# Of each kind in a message; chat programs take some 16,000 to 40,000 characters.
MOST_LINES = 40
MOST_CHARACTERS = 300

_LABELS = {
    "loss": "possible loss",
    "refused": "feeds.yaml refused",
    "unpublished": "not publishing",
    "kept-back": "kept back",
    "given-up": "given up",
}
# Chat programs obey <!channel> (Slack) and @all (Mattermost), and partners can bring either into our words.
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "@": "＠"})

# What only a visit that succeeds can see.
_SILENCE: tuple[Kind, ...] = ("quiet", "stale", "empty")

_OF_FOLLOWERS = ("undelivered", "given-up")

# Words of what is wrong, by subject and kind.
Trouble = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be kept, and what forgotten."""

    put: tuple[Alert, ...] = ()
    forget: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent by a channel. ``title`` is the first line of ``text``, too."""

    title: str
    text: str
    fields: Mapping[str, Any]

    def as_json(self) -> bytes:
        """As docs/ops.md describes it. Slack and Mattermost show ``text``."""
        return json.dumps({**self.fields, "text": self.text}, ensure_ascii=False).encode()


def channels_of(config: Config) -> tuple[str, ...]:
    """By which ops are told; none when feeds.yaml names none."""
    return tuple(name for name in ("webhook", "email") if getattr(config.alerts, name) is not None)


def trouble_of(config: Config, tx: ReadTx, now: datetime) -> dict[tuple[str, str], str]:
    """All that is wrong now with the desk, with followers and with sources that are polled."""
    found = {}
    refused = json.loads(tx.meta(CONFIG_REFUSED) or "{}").get("problems", ())
    if refused:
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        found[THE_DESK, "refused"] = f"{refused[0]}{more}; the last good one is in force"
    if words := tx.meta(PUBLISH_TROUBLE):
        found[THE_DESK, "unpublished"] = f"documents are not published: {words}"
    of_archives = [asdict(problem) for problem in archive_problems(tx)]
    if problems := [*json.loads(tx.meta(PUBLISH_PROBLEMS) or "[]"), *of_archives]:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        found[THE_DESK, "kept-back"] = f"{problems[0]['subject']}: {problems[0]['message']}{more}"
    found |= delivery_trouble(config, tx, now)
    states = tx.source_states()
    for source_id in polled_ids(config):
        if (state := states.get(source_id)) and state.last_polled_at is not None:
            for flag in flags_of(state, now):
                found[source_id, flag.kind] = flag.words
    return found


def polled_ids(config: Config) -> list[str]:
    """The sources that may alert, in the file's order."""
    return [source.id for source in config.sources if source.enabled]


def changes(known: Sequence[Alert], trouble: Trouble, config: Config, now: datetime) -> Changes:
    """New trouble begins, trouble that went away ends; other words for the same trouble are no change.

    What ended and no channel knows of is forgotten: nobody is told that something is over of which he never heard.
    """
    by_key = {alert.key: alert for alert in known}
    put = [Alert(*key, words, now) for key, words in trouble.items() if key not in by_key]
    forget: list[Alert] = []
    channels = set(channels_of(config))
    for alert in known:
        if alert.key in trouble:
            if alert.ended_at is not None:  # it is back before everybody heard that it was over
                put.append(replace(alert, words=trouble[alert.key], since_at=now, ended_at=None))
        elif channels.isdisjoint(alert.known_to):
            forget.append(alert)
        elif alert.ended_at is None:
            put.append(replace(alert, words=_how_it_ended(alert, config), ended_at=now))
    return Changes(tuple(put), tuple(forget))


def _how_it_ended(alert: Alert, config: Config) -> str:
    if alert.kind in _OF_FOLLOWERS:
        return "it took what is new, or follows no longer: aggregator followers"
    is_silenced = alert.subject != THE_DESK and alert.subject not in polled_ids(config)
    return "no longer polled, by feeds.yaml" if is_silenced else ""


def untold(channel: str, alerts: Sequence[Alert], now: datetime) -> tuple[Alert, ...]:
    """What a channel is to be told now of what began and what is over; nothing while more may be on its way."""
    waiting = [alert for alert in alerts if (alert.ended_at is None) != (channel in alert.known_to)]
    settled = [alert for alert in waiting if _age(alert, now) >= SETTLED_AFTER]
    if len(settled) < len(waiting) and all(_age(alert, now) < GATHERED_AT_MOST for alert in settled):
        return ()
    return tuple(settled)


def _age(alert: Alert, now: datetime) -> timedelta:
    """Since it began or ended. After the clock was set back nothing waits until it has caught up."""
    age = now - (alert.ended_at or alert.since_at)
    return age if age >= timedelta(0) else timedelta.max


def told(channel: str, alerts: Sequence[Alert], known: Sequence[Alert], now: datetime) -> Changes:
    """``alerts``, as they were when the message was made, were told; ``known`` is how they are by now."""
    by_key = {alert.key: alert for alert in known}
    put: list[Alert] = []
    forget: list[Alert] = []
    for alert in alerts:
        if alert.ended_at is None:
            # It may have ended meanwhile, and been forgotten as known to nobody: then its end is still to be told.
            stored = by_key.get(alert.key, replace(alert, words="", ended_at=now))
            put.append(replace(stored, known_to=tuple(sorted({*stored.known_to, channel}))))
        elif alert.key in by_key:
            stored = by_key[alert.key]
            left = replace(stored, known_to=tuple(name for name in stored.known_to if name != channel))
            (forget if left.ended_at is not None and not left.known_to else put).append(left)
    return Changes(tuple(put), tuple(forget))


def message_of(alerts: Collection[Alert], config: Config) -> Message:
    """One message of all these, in the order of feeds.yaml, the desk first."""
    order = {source.id: number for number, source in enumerate(config.sources)} | {THE_DESK: -1}
    ordered = sorted(alerts, key=lambda alert: order.get(alert.subject, len(order)))
    began = [_plain(alert) for alert in ordered if alert.ended_at is None]
    ended = [_plain(alert) for alert in ordered if alert.ended_at is not None]
    zone = ZoneInfo(config.site.timezone)
    title = f"{one_line(config.site.name)}: {_summary(began, ended)}"
    lines = [
        title,
        *_listed("Began:", [_began_line(alert, zone) for alert in began]),
        *_listed("Over:", [_ended_line(alert, zone) for alert in ended]),
        "",
        _where_to_look(config),
    ]
    fields = {
        "site": one_line(config.site.name),
        "began": [_fields(alert) for alert in began[:MOST_LINES]],
        "ended": [_fields(alert) for alert in ended[:MOST_LINES]],
    }
    return Message(title, "\n".join(lines), fields)


def trial_message(config: Config) -> Message:
    """For ops to see that messages arrive."""
    site = one_line(config.site.name)
    title = f"{site}: this is a test of alerts"
    text = f"{title}\n\nNothing is wrong. Alerts of {site} will arrive here.\n\n{_where_to_look(config)}"
    return Message(title, text, {"site": site, "began": [], "ended": []})


def one_line(text: str, most_characters: int = MOST_CHARACTERS) -> str:
    """The text as mails and chats may show it: without line breaks, control characters and what they would obey."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(visible.split()).translate(_HARMLESS)
    return words if len(words) <= most_characters else f"{words[:most_characters]}…"


def _plain(alert: Alert) -> Alert:
    return replace(alert, words=one_line(alert.words))


def _name(alert: Alert) -> str:
    return alert.subject or "the desk"


def _label(alert: Alert) -> str:
    return _LABELS.get(alert.kind, alert.kind)


def _summary(began: Sequence[Alert], ended: Sequence[Alert]) -> str:
    parts = [
        f"{prefix}{', '.join(f'{_name(alert)} {_label(alert)}' for alert in alerts[:2])}"
        + (f" and {len(alerts) - 2} more" if len(alerts) > 2 else "")
        for prefix, alerts in (("", began), ("over: ", ended))
        if alerts
    ]
    return "; ".join(parts)


def _listed(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield from ("", heading, *lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"- and {len(lines) - MOST_LINES} more"


def _began_line(alert: Alert, zone: ZoneInfo) -> str:
    return f"- {_name(alert)}: {_label(alert)} since {_local(alert.since_at, zone)}: {alert.words}"


def _ended_line(alert: Alert, zone: ZoneInfo) -> str:
    assert alert.ended_at is not None
    how = f": {alert.words}" if alert.words else ""
    lasted = f"from {_local(alert.since_at, zone)} to {_local(alert.ended_at, zone)}"
    return f"- {_name(alert)}: {_label(alert)} {lasted}{how}"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d %b %H:%M %Z")


def _fields(alert: Alert) -> dict[str, str]:
    began = {
        "source": alert.subject,
        "kind": alert.kind,
        "words": alert.words,
        "since": alert.since_at.isoformat(),
    }
    return began if alert.ended_at is None else {**began, "until": alert.ended_at.isoformat()}


def _where_to_look(config: Config) -> str:
    host = urlsplit(config.site.feeds_url).hostname
    return f"How everything is: aggregator status, on the machine that serves {host}"
