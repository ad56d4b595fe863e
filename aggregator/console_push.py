"""How followers and receipts are shown to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo

from aggregator.console import counted, out
from aggregator.explaining import lead_of
from aggregator.model.receipt import FollowerStatus, Receipt
from aggregator.model.span import span
from aggregator.model.story import Story
from aggregator.outputs.select import is_withdrawn

_STYLES = {"current": "green", "newest": "green", "failing": "yellow", "earlier": "yellow", "given-up": "red"}
_HAS = {
    "newest": "has it as it is now",
    "earlier": "has it, but not its latest change",
    "nothing": "was not given it by us",
    "unknown": "it stands there no more; what they have of it is not known",
}


_KNOWS = {
    "newest": "knows that it was withdrawn",
    "earlier": "has it, and was not told yet that it was withdrawn",
    "nothing": "was never given it by us",
    "unknown": _HAS["unknown"],
}


def print_followers(followers: Sequence[FollowerStatus], hub: str | None, zone: tzinfo) -> None:
    """Each on a line or two, then how many there are."""
    for one in followers:
        kind = ", a hub" if one.is_hub else ""
        out.print(
            f"{one.document}  {one.host} ({one.fingerprint}{kind}): {one.words}", style=_STYLES.get(one.state)
        )
        lease = f", lease until {_at(one.lease_until_at, zone)}" if one.lease_until_at else ""
        out.print(f"    since {_at(one.since_at, zone)}{lease}", style="dim")
    states = Counter(one.state for one in followers)
    words = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    total = counted(len(followers), "follower")
    if followers:
        out.print(f"{total}: {words}")
    elif hub is None:
        out.print("nobody is told of news: feeds.yaml names no hub (hub: own)")
    elif hub == "own":
        out.print("no followers")
    else:
        out.print(f"nobody but {hub} is told of news, and who follows there it does not tell us")


def print_receipts(receipts: Sequence[Receipt], story: Story, now: datetime, zone: tzinfo) -> None:
    """Those who lack it, or its latest change, first."""
    is_over = is_withdrawn(story, now)
    hidden = f": {story.hidden_reason}" if story.hidden_reason else ""
    out.print(
        f"{story.override_title or lead_of(story).entry.title}{f' (withdrawn{hidden})' if is_over else ''}"
    )
    words = _KNOWS if is_over else _HAS
    order = (
        ("earlier", "unknown", "nothing", "newest")
        if is_over
        else ("nothing", "earlier", "unknown", "newest")
    )
    for one in sorted(receipts, key=lambda one: (order.index(one.has), one.who, one.document)):
        when = f"{_at(one.at, zone)}, {span((now - one.at).total_seconds())} ago" if one.at else "never"
        done = "told" if one.who.startswith("follower") else "asked"
        line = f"{one.who}, {one.document}: {words[one.has]} (last {done}: {when})"
        out.print(line, style=_STYLES.get(one.has, "red"))
    if story.published is None:
        out.print("it was never published")
    elif not receipts:
        out.print(
            "nobody follows, or has an address for, a feed that it stands in; who else reads is not known"
        )


def _at(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"
