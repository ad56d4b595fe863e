"""What is wrong with a source, as it is shown and sent to ops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["failing", "gone", "quiet", "stale", "empty", "flooding", "loss"]
# In the order in which they are shown.
KINDS: tuple[Kind, ...] = ("failing", "gone", "quiet", "stale", "empty", "flooding", "loss")


@dataclass(frozen=True, slots=True)
class Flag:
    """One state of trouble of one source; ``words`` say it to ops, and what they can do."""

    kind: Kind
    words: str
