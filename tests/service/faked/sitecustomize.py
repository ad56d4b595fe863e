"""Read by every Python process that runs under libfaketime, before anything else.

In libfaketime 0.9.10, ``clock_nanosleep`` fails for the monotonic clock when only the wall clock is faked, and
``time.sleep`` uses it. ``select`` waits just as long.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select((), (), (), seconds)


time.sleep = _sleep  # type: ignore[assignment]
