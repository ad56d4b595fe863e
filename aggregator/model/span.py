"""Durations as people say them."""

from __future__ import annotations

from datetime import timedelta


def span(duration_s: float) -> str:
    """A duration as people say it, in its largest unit: 45 s, 12 min, 3 h, 5 days."""
    if duration_s < 100:
        return f"{duration_s:.0f} s"
    if duration_s < 6000:
        return f"{duration_s / 60:.0f} min"
    if duration_s < 2 * 86400:
        return f"{duration_s / 3600:.0f} h"
    return f"{timedelta(seconds=duration_s).days} days"
