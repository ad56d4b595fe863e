"""What the desk finds in a text beside the news: what it cut, whom the text names, what a person should see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CutRule:
    """A partner's rule of feeds.yaml for lines to be cut: one of plain text or a regular expression, '' otherwise."""

    line: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Text that was removed, and the rule that removed it: an id of boilerplate.yaml, of ``credits``, or ``cut[N]``."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a person should look at; nothing was changed for it. ``kind`` is a word, ``text`` the place."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What an article's own text says about it. Every text that was taken out of the body stands in ``cuts``."""

    city: str = ""
    agency: str = ""
    reporters: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()  # names, or initials as they stand: 'tra'
    image_credit: str = ""
    is_partial: bool = False  # goes on elsewhere: another page, or cut off by [...]
    cuts: tuple[Cut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
