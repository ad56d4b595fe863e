"""What a list of feeds (OPML) says of one feed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """One feed of a list. Nothing is checked yet: ``url`` and ``site_url`` may be anything.

    ``label`` is what whoever made the list calls it, ``title`` the feed's own title; both are plain text on
    one line, or ''.
    """

    url: str
    label: str = ""
    title: str = ""
    site_url: str = ""
