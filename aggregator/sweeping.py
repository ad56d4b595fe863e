"""Files of ours that no row knows: left by a kill, by another service on our database, or by a restored backup."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import chain

from aggregator.app import App
from aggregator.model.document import KEY_CHARACTERS
from aggregator.outputs.archive import archive_path
from aggregator.outputs.render import document_paths
from aggregator.store.public import PublicDirectory
from aggregator.store.reads import ReadTx

# Names that nobody but us gives: archive pages, and documents of subscribers.
_OURS = re.compile(
    r"feeds/(?:[a-z0-9-]+/){1,2}archive-[1-9][0-9]*\.atom"
    rf"|feeds/s/[a-z2-7]{{{KEY_CHARACTERS}}}\.(?:rss|atom|json)"
)


async def sweep(app: App) -> tuple[str, ...]:
    """Take such files away, for what was taken back may stand in them; returns their paths. Raises StoreError.

    Whatever else lies in the folder is not ours: documents of an output that the database never knew stay too.
    """
    known, ever = await app.read(_known)
    return await app.in_print_thread(_sweep, app.public, known, ever)


def _known(tx: ReadTx) -> tuple[set[str], set[str]]:
    """Where documents and pages stand now, and where documents of outputs can have stood ever."""
    pages = (archive_path(page.output_id, page.number) for page in tx.pages() if page.etag)
    return {*tx.document_versions(), *pages}, set(
        chain.from_iterable(map(document_paths, tx.output_states()))
    )


def _sweep(public: PublicDirectory, known: Collection[str], ever: Collection[str]) -> tuple[str, ...]:
    found = [path for path in public.paths("feeds") if path in ever or _OURS.fullmatch(path)]
    strays = tuple(sorted(path for path in found if path not in known))
    public.remove(strays)
    return strays
