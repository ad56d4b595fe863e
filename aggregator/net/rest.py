"""Hosts that asked us to wait, and are left alone."""

from __future__ import annotations

from aggregator.errors import RestingError
from aggregator.model.span import span

# After a 429 that does not say how long.
HOST_REST_S = 300.0


class Rests:
    """Until when nobody of this process asks which host; all times are of the event loop's clock."""

    def __init__(self) -> None:
        self._until_s: dict[str, float] = {}

    def begin(self, host: str, until_s: float, now_s: float) -> None:
        """Leave a host alone until then, or until what it asked for before, if that is later."""
        left = {name: at_s for name, at_s in self._until_s.items() if at_s > now_s}
        # In one step, for another thread may be reading.
        self._until_s = left | {host: max(until_s, left.get(host, 0.0))}

    def left_s(self, now_s: float) -> dict[str, float]:
        """Every host that rests, and for how long."""
        return {host: at_s - now_s for host, at_s in self._until_s.items() if at_s > now_s}

    def check(self, host: str, now_s: float) -> None:
        """Raises RestingError while the host rests."""
        left_s = self._until_s.get(host, 0.0) - now_s
        if left_s > 0:
            raise RestingError(f"{host} asked us to wait; it is asked again in {span(left_s)}", left_s)
