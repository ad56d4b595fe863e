"""The App as it is now: an edit of feeds.yaml puts another in its place while the service runs."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.app import App


@dataclass
class Live:
    """What all parts of the service share. Whoever begins a job takes ``app`` once and stays with it."""

    app: App
