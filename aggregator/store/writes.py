"""What is changed in the database. One writer at a time (engine.py): looking first, then writing, is safe."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from aggregator.model.document import Document, OutputState, Shown
from aggregator.model.entry import Candidate, Entry, Identity, Reread
from aggregator.model.html import SafeHtml
from aggregator.model.story import Decision, Verdict
from aggregator.store import tables
from aggregator.store.alerts import AlertTx
from aggregator.store.archives import ArchiveTx
from aggregator.store.changes import as_key
from aggregator.store.chunks import chunks
from aggregator.store.followers import FollowerTx
from aggregator.store.rungs import entry_rungs, key_digest
from aggregator.store.search import index_added
from aggregator.store.sources import SourceTx
from aggregator.store.stories import StoryTx
from aggregator.store.subscribers import SubscriberTx
from aggregator.store.subscriptions import SubscriptionTx
from aggregator.store.tables import DUE_NOW_AT

# Versions kept of each entry that was revised.
REVISIONS_KEPT = 20
# Made once: each publication asks for each of its documents and outputs.
_DOCUMENTS = tables.documents.c
_STORED = select(_DOCUMENTS.etag, _DOCUMENTS.media_type).where(_DOCUMENTS.path == bindparam(as_key("path")))
_TOUCHING = (
    update(tables.outputs)
    .where(tables.outputs.c.output_id == bindparam(as_key("output_id")))
    .values(touched=tables.outputs.c.touched + 1)
)


class WriteTx(SourceTx, AlertTx, StoryTx, SubscriberTx, ArchiveTx, FollowerTx, SubscriptionTx):
    """One transaction that reads and writes. Made by ``Store.write``."""

    _has_added = False

    def finish(self) -> None:
        """What is done once for all that the transaction brought, before it is committed."""
        if self._has_added:
            index_added(self._connection)

    # --- entries ---

    def apply(
        self, source_id: str, partner_id: str, decisions: Sequence[Decision], now: datetime
    ) -> tuple[int, ...]:
        """Store what was decided; returns the numbers of the stories it touched, which are then unsettled.

        An entry whose key the source already has is SAME, whatever was decided: applying twice is harmless.
        """
        self._ensure_source(source_id)
        known_keys = self._known_keys(source_id, decisions)
        touched: set[int] = set()
        added = []
        for decision in decisions:
            if decision.verdict is Verdict.REVISED:
                touched.add(self._revise(source_id, decision, now))
            elif decision.verdict is Verdict.ADOPTED:
                touched.add(self._adopt(source_id, decision))
            elif decision.verdict is Verdict.NOTED:
                touched.add(self._note(source_id, decision))
            elif decision.verdict in (Verdict.NEW, Verdict.COPY):
                key = key_digest(decision.candidate.identity)
                if key not in known_keys:
                    known_keys.add(key)
                    added.append(decision)
        touched.update(self._add_entries(source_id, partner_id, added, now))
        for some in chunks(touched):
            self._update_stories(tables.stories.c.story_id.in_(some), settle_due_at=DUE_NOW_AT)
        if added:
            self._put(tables.sources, {"source_id": source_id}, {"last_new_at": now})
        return tuple(sorted(touched))

    def release(self, source_id: str, *, discard: bool) -> int:
        """Let go of what is held of a source, as news or, with ``discard``, as backlog; returns how much that was."""
        table = tables.entries
        held = (table.c.source_id == source_id, table.c.held)
        story_ids = list(self._connection.scalars(select(table.c.story_id).where(*held)))
        values = {"held": False, "backlog": True} if discard else {"held": False}
        self._connection.execute(update(table).where(*held).values(**values))
        for some in chunks(set(story_ids)):
            self._update_stories(tables.stories.c.story_id.in_(some), settle_due_at=DUE_NOW_AT)
        self._change(tables.sources, {"source_id": source_id}, {"flooded_at": None})
        # What was looked at is no flood of today any more.
        rhythm = self.rhythm(source_id)
        if rhythm.today:
            self.put_rhythm(source_id, replace(rhythm, today=0))
        return len(story_ids)

    def keep_reread(self, entries: Collection[Reread]) -> None:
        """What today's rules make of stored entries. Readers are shown the same, so that it is no news.

        An entry that was revised since it was read keeps what the revision brought.
        """
        table, stories = tables.entries, tables.stories
        for entry in entries:
            is_as_read = and_(
                table.c.entry_id == entry.entry_id, table.c.content_hash == entry.content_hash_was
            )
            row = self._connection.execute(
                select(table.c.story_id, table.c.marks).where(is_as_read)
            ).one_or_none()
            if row is None:
                continue
            values = {
                "text": entry.text,
                "content_hash": entry.content_hash,
                "marks": entry.marks,
                "provenance": entry.provenance,
                "facts": entry.facts,
            }
            self._put(table, {"entry_id": entry.entry_id}, values)
            self._replace_marks(entry.entry_id, row.marks, entry.marks)
            shown = and_(
                stories.c.shown_entry_id == entry.entry_id, stories.c.shown_hash == entry.content_hash_was
            )
            self._update_stories(
                and_(stories.c.story_id == row.story_id, shown), shown_hash=entry.content_hash
            )

    def _replace_marks(self, entry_id: int, were: Collection[int], are: Collection[int]) -> None:
        gone = set(were) - set(are)
        self._connection.execute(
            delete(tables.marks).where(tables.marks.c.entry_id == entry_id, tables.marks.c.mark.in_(gone))
        )
        self._add_missing(tables.marks, entry_id, are)

    def _known_keys(self, source_id: str, decisions: Sequence[Decision]) -> set[int]:
        digest = tables.entries.c.key_digest
        keys = {key_digest(decision.candidate.identity) for decision in decisions}
        of_source = tables.entries.c.source_id == source_id
        return {
            key
            for some in chunks(keys)
            for key in self._connection.scalars(select(digest).where(of_source, digest.in_(some)))
        }

    def _add_entries(
        self, source_id: str, partner_id: str, decisions: Sequence[Decision], now: datetime
    ) -> Sequence[int]:
        """All in a few statements, for a feed can bring thousands. Returns the numbers of their stories."""
        story_ids = self._stories_of(decisions)
        for decision, story_id in zip(decisions, story_ids, strict=True):
            if decision.related:
                self._relate(story_id, decision.related)
        for decision, story_id in zip(decisions, story_ids, strict=True):
            if decision.merges:
                self._merge(story_id, decision.merges, source_id)
        keys = {decision.candidate.identity.key for decision in decisions}
        rows = [
            {
                "story_id": story_id,
                "source_id": source_id,
                "partner_id": partner_id,
                "backlog": decision.backlog,
                "held": decision.held,
                "reason": decision.reason if decision.story_id or decision.copy_of in keys else "",
                "first_seen_at": now,
                "key": decision.candidate.identity.key,
                "key_digest": key_digest(decision.candidate.identity),
                **_identity_values(decision.candidate.identity),
                **_content_values(decision.candidate),
            }
            for decision, story_id in zip(decisions, story_ids, strict=True)
        ]
        entry_ids = self._inserted(tables.entries, rows)
        self._has_added = bool(entry_ids) or self._has_added
        pairs = list(zip(entry_ids, (decision.candidate for decision in decisions), strict=True))
        self._add_marks(tables.rungs, {entry_id: entry_rungs(source_id, one) for entry_id, one in pairs})
        self._add_marks(tables.marks, {entry_id: set(one.all_marks) for entry_id, one in pairs})
        return story_ids

    def _stories_of(self, decisions: Sequence[Decision]) -> list[int]:
        """One for each decision: a COPY names its story or the NEW one that it is a copy of, a NEW one is made."""
        keys = [
            decision.copy_of or decision.candidate.identity.key
            for decision in decisions
            if not decision.story_id
        ]
        new = list(dict.fromkeys(keys))
        made = self._inserted(tables.stories, [{"settle_due_at": DUE_NOW_AT}] * len(new))
        by_key = dict(zip(new, made, strict=True))
        return [
            decision.story_id or by_key[decision.copy_of or decision.candidate.identity.key]
            for decision in decisions
        ]

    def _revise(self, source_id: str, decision: Decision, now: datetime) -> int:
        """Replace an entry's content in place; its key and all by which it was known stay."""
        table, candidate = tables.entries, decision.candidate
        row = self._connection.execute(
            select(
                *(table.c.entry_id, table.c.story_id, table.c.marks, table.c.content_hash, table.c.raw)
            ).where(table.c.entry_id == decision.entry_id)
        ).one()
        self._keep_version(row.entry_id, row.content_hash, row.raw, now)
        revised_at = max(now, self._newest_change(row.story_id) + timedelta(microseconds=1))
        values = _headline_values(decision, row.raw) if decision.keeps_text else _content_values(candidate)
        self._learn(source_id, decision, {**values, "revised_at": revised_at})
        if decision.keeps_text:
            return int(row.story_id)
        self._replace_marks(row.entry_id, row.marks, candidate.all_marks)
        return int(row.story_id)

    def _adopt(self, source_id: str, decision: Decision) -> int:
        """Replace an entry's content as if it had always been read like that."""
        table, candidate = tables.entries, decision.candidate
        assert decision.entry_id is not None, "ADOPTED names its entry"
        row = self._connection.execute(
            select(table.c.story_id, table.c.content_hash).where(table.c.entry_id == decision.entry_id)
        ).one()
        reread = Reread.of(decision.entry_id, row.content_hash, candidate)
        self.keep_reread([reread])
        self._learn(source_id, decision, _content_values(candidate))
        return int(row.story_id)

    def _keep_version(self, entry_id: int, content_hash: str, raw: Entry, now: datetime) -> None:
        """What the entry was until now, beside the versions kept before; the oldest go."""
        table = tables.revisions
        values = {"entry_id": entry_id, "replaced_at": now, "content_hash": content_hash, "raw": raw}
        self._connection.execute(insert(table).values(**values))
        of_entry = table.c.entry_id == entry_id
        newest = select(table.c.revision_id).where(of_entry).order_by(table.c.revision_id.desc())
        oldest_kept = newest.limit(1).offset(REVISIONS_KEPT - 1).scalar_subquery()
        self._connection.execute(delete(table).where(of_entry, table.c.revision_id < oldest_kept))

    def _newest_change(self, story_id: int) -> datetime:
        """A revision is told from what was shown by being newer, also after the clock was set back."""
        entries = tables.entries.c
        newest = select(func.max(entries.first_seen_at), func.max(entries.revised_at))
        moments = self._connection.execute(newest.where(entries.story_id == story_id)).one()
        changed_at: datetime = max(moment for moment in moments if moment is not None)
        return changed_at

    def _note(self, source_id: str, decision: Decision) -> int:
        """Replace an entry's labels and learn by what it is known; what readers are shown of it stays."""
        table, seen = tables.entries, decision.candidate.entry
        row = self._connection.execute(
            select(table.c.story_id, table.c.raw).where(table.c.entry_id == decision.entry_id)
        ).one()
        labels = {"categories": seen.categories, "authors": seen.authors}
        values = {**labels, "raw": replace(row.raw, **labels), "feed_hash": decision.candidate.feed_hash}
        self._learn(source_id, decision, values)
        return int(row.story_id)

    def _learn(self, source_id: str, decision: Decision, values: Mapping[str, Any]) -> None:
        """Change an entry, and let it be known by the identities of the decision too."""
        assert decision.entry_id is not None, "REVISED and NOTED name their entry"
        current, *earlier = decision.identities
        identity = {**_identity_values(current), "earlier": tuple(earlier)}
        self._put(tables.entries, {"entry_id": decision.entry_id}, {**identity, **values})
        rungs = entry_rungs(source_id, replace(decision.candidate, identity=current))
        self._add_missing(tables.rungs, decision.entry_id, rungs)

    # --- outputs, documents and the rest ---

    def touch_outputs(self, ids: Collection[str]) -> None:
        """Count one more change of each output: its documents are then due."""
        for output_id in sorted(ids):
            if not self._connection.execute(_TOUCHING, {as_key("output_id"): output_id}).rowcount:
                self._connection.execute(insert(tables.outputs), [{"output_id": output_id, "touched": 1}])

    def put_output_state(self, state: OutputState) -> None:
        """Keep what was rendered, but not ``touched``: it may have moved on since the state was read."""
        self._put(
            tables.outputs,
            {"output_id": state.output_id},
            {
                "rendered": state.rendered,
                "render_key": state.render_key,
                "next_change_at": state.next_change_at,
                "updated_at": state.updated_at,
                "owed": state.owed,
            },
        )

    def put_shown(self, output_id: str, shown: Sequence[Shown]) -> None:
        """Keep which stories the documents of an output show, and in which version."""
        self._put(tables.outputs, {"output_id": output_id}, {"shown": tuple(shown)})
        self._let_leave(output_id, [one.story_id for one in shown])

    def put_document(self, document: Document, now: datetime) -> bool:
        """Keep a document; False, and nothing written, when the stored one has the same ETag and type."""
        stored = self._connection.execute(_STORED, {as_key("path"): document.path}).one_or_none()
        if stored is not None and (stored.etag, stored.media_type) == (document.etag, document.media_type):
            return False
        self._put(
            tables.documents,
            {"path": document.path},
            {
                "media_type": document.media_type,
                "body": document.body,
                "etag": document.etag,
                "changed_at": now,
            },
        )
        return True

    def delete_documents(self, keep: Collection[str]) -> tuple[str, ...]:
        """Forget every document whose path is not among ``keep``; returns the paths forgotten."""
        path = tables.documents.c.path
        gone = sorted(set(self._connection.scalars(select(path))) - set(keep))
        for some in chunks(gone):
            self._connection.execute(delete(tables.documents).where(path.in_(some)))
        return tuple(gone)

    def put_safe_html(self, bodies: Mapping[str, SafeHtml]) -> None:
        """Keep sanitized markup by key."""
        table = tables.safe_html
        for some in chunks(bodies):
            self._connection.execute(delete(table).where(table.c.key.in_(some)))
            self._connection.execute(
                insert(table), [{"key": key, "markup": bodies[key].markup} for key in some]
            )

    def set_meta(self, key: str, value: str) -> None:
        """Keep a small fact under a name."""
        self._put(tables.meta, {"key": key}, {"value": value})


def _identity_values(identity: Identity) -> dict[str, str]:
    return {
        "guid": identity.guid,
        "article_id": identity.article_id,
        "canonical_url": identity.canonical_url,
        "content": identity.content,
    }


def _headline_values(decision: Decision, raw: Entry) -> dict[str, Any]:
    """The candidate's headline and labels over the text and picture that are stored."""
    seen = decision.candidate.entry
    shown = replace(
        raw,
        title=seen.title,
        categories=seen.categories,
        authors=seen.authors,
        url=seen.url or raw.url,
        updated_at=seen.updated_at,
    )
    return {
        "title": seen.title,
        "categories": seen.categories,
        "authors": seen.authors,
        "content_hash": decision.candidate.content_hash,
        "raw": shown,
    }


def _content_values(candidate: Candidate) -> dict[str, Any]:
    return {
        "content_hash": candidate.content_hash,
        "title": candidate.entry.title,
        "categories": candidate.entry.categories,
        "authors": candidate.entry.authors,
        "provenance": candidate.provenance,
        "marks": candidate.all_marks,
        "facts": candidate.facts,
        "text": candidate.text,
        "raw": candidate.entry,
        "feed_hash": candidate.feed_hash,
    }
