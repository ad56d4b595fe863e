"""Which version of a story documents show, which of them lack news, and of whose news the files stand."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from aggregator.store.chunks import chunks
from aggregator.store.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OUTPUTS = sa.table(
    "outputs", sa.column("output_id"), sa.column("shown"), sa.column("updated_at", UtcDateTime())
)
STORIES = sa.table(
    "stories",
    sa.column("story_id"),
    *(sa.column(name, UtcDateTime()) for name in ("published_at", "first_published_at", "updated_at")),
)


def upgrade() -> None:
    """Two columns; and what an output shows is kept by version, as far as that is known."""
    op.add_column("outputs", sa.Column("owed", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("followers", sa.Column("filed", sa.Integer(), nullable=False, server_default="0"))
    # The rest waits for files to be replaced, as before.
    op.execute(
        sa.text("UPDATE followers SET filed = wanted WHERE due_at IS NOT NULL OR tries > 0 OR wanted = sent")
    )
    _keep_versions(op.get_bind())


def _keep_versions(connection: sa.Connection) -> None:
    """A story that was changed later than its output was last printed stands there in an older version: which one is
    not known, but that it is another one.
    """
    outputs = [
        (row.output_id, json.loads(row.shown), row.updated_at)
        for row in connection.execute(sa.select(OUTPUTS))
    ]
    times = _times(connection, {story_id for _, story_ids, _ in outputs for story_id in story_ids})
    for output_id, story_ids, printed_at in outputs:
        last_at = printed_at or EPOCH
        shown = []
        for story_id in story_ids:
            updated_at, first_at = times.get(story_id, (last_at, last_at))
            version_at = min(updated_at, last_at)
            shown.append((story_id, version_at.isoformat(), max(version_at, first_at).isoformat()))
        of_it = sa.update(OUTPUTS).where(OUTPUTS.c.output_id == output_id)
        connection.execute(of_it.values(shown=json.dumps(shown, separators=(",", ":"))))


def _times(connection: sa.Connection, story_ids: Collection[int]) -> dict[int, tuple[datetime, datetime]]:
    """When each of these stories was changed last, and when it was first published."""
    return {
        row.story_id: (row.updated_at or row.published_at, row.first_published_at)
        for some in chunks(story_ids)
        for row in connection.execute(sa.select(STORIES).where(STORIES.c.story_id.in_(some)))
        if row.first_published_at is not None
    }
