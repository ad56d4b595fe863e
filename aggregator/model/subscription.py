"""WebSub from partners: what a document offers, and our subscriptions at partners' hubs (W3C WebSub)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# pending: asked for, not verified. leaving: to be unsubscribed. ended: kept for a while, so that hubs are told 410.
State = Literal["pending", "active", "leaving", "denied", "ended"]


@dataclass(frozen=True, slots=True)
class HubLinks:
    """The addresses that a document, or its Link headers, name as hubs and as its own, as they are spelt there."""

    hubs: tuple[str, ...] = ()
    self_url: str = ""


@dataclass(frozen=True, slots=True)
class HubOffer:
    """A hub that tells of changes of what stands at ``self_url``; both are '' where none can be used."""

    hub: str = ""
    self_url: str = ""

    def __bool__(self) -> bool:
        return bool(self.hub)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of ours. ``token`` ends the address of its callback, which nobody can guess.

    ``listens_from_at``: what came before cannot have been pushed to us, for we did not listen. ``problem`` is '' while
    all is well. ``pushed_at`` (when its hub last brought something new) and ``missed_at`` (when it was last caught
    missing something) are handed on to the subscription that renews this one.
    """

    token: str
    source_id: str
    hub: str
    self_url: str
    secret: str
    state: State
    asked_at: datetime | None = None  # when the hub was last asked to subscribe or unsubscribe us
    verified_at: datetime | None = None
    listens_from_at: datetime | None = None
    lease_until_at: datetime | None = None
    due_at: datetime | None = None  # when something is to be done; of one that ended: when it is forgotten
    tries: int = 0  # how often the hub was asked in this state
    problem: str = ""
    pushed_at: datetime | None = None
    missed_at: datetime | None = None
    callback_base: str = ""  # what its callback begins with: the hub knows it by no other

    @property
    def offer(self) -> HubOffer:
        """What it was asked for by."""
        return HubOffer(self.hub, self.self_url)
