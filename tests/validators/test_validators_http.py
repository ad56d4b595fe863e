"""redbot asks our server for documents, and holds nothing against how they are answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import validators_others as others
from outputs_samples import ALL, NOW, STORIES, config, rendered
from web_desk import KEY, ValueDesk, running

from aggregator.outputs.pack import PackCache
from aggregator.outputs.render import render_directory
from aggregator.outputs.select import outputs_of
from aggregator.web.shelf import Shelf

# It takes styles in the page for scripts: default-src 'none' is in force for those.
KNOWN = {"": [("WARN", "CSP_UNSAFE_INLINE")]}


SUBSCRIBER = f"feeds/s/{KEY}.rss"
PATHS = ("feeds/all.rss", "feeds/all.atom", "feeds/all.json", "feeds.opml", "", SUBSCRIBER)


@pytest.mark.slow
@pytest.mark.parametrize("path", [*PATHS, "feeds/moved.rss", "feeds/gone.rss", "feeds/none.rss"])
async def test_redbot_finds_nothing(path: str) -> None:
    documents = [*rendered(*STORIES).values(), *render_directory(outputs_of(config()), config())]
    documents += rendered(*STORIES, output=replace(ALL, id=f"s/{KEY}")).values()
    shelved = [PackCache().pack(document, NOW.replace(year=2025)) for document in documents]
    shelf = Shelf(shelved, moved={"feeds/moved.rss": "feeds/all.rss"}, gone=("feeds/gone.rss",))
    async with running(ValueDesk(shelf=shelf)) as server:
        url = f"{server.url.rstrip('/')}/{path}"
        assert await asyncio.to_thread(others.redbot, url) == KNOWN.get(path, [])
