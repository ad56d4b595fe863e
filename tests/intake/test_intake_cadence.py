"""When a source is polled next: never later than asked, never all at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.intake.cadence import AUTO_EVERY, interval, next_poll_at

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)


@pytest.mark.parametrize("every", [timedelta(seconds=5), timedelta(minutes=15), timedelta(days=30)])
def test_within_a_tenth_before_the_interval_ends(every: timedelta) -> None:
    for number in range(200):
        wait = next_poll_at(f"s{number}", every, NOW + number * timedelta(seconds=1)) - NOW
        assert every * 0.9 <= wait - number * timedelta(seconds=1) <= every


def test_sources_polled_together_drift_apart_and_equal_questions_have_equal_answers() -> None:
    every = timedelta(minutes=15)
    moments = [next_poll_at(f"s{number}", every, NOW) for number in range(100)]
    assert moments == [next_poll_at(f"s{number}", every, NOW) for number in range(100)]
    tenths = {int((moment - NOW) / every * 100) for moment in moments}
    assert len(tenths) == 10, "every hundredth between 90 and 99 is taken by some"


def test_auto_has_an_interval() -> None:
    assert interval("auto") == AUTO_EVERY
    assert interval(timedelta(hours=1)) == timedelta(hours=1)
