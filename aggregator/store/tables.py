"""The tables, as this version of the code sees them. A change here needs a migration (a test compares)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from aggregator.model.document import Shown
from aggregator.model.entry import Entry, Identity, Provenance
from aggregator.model.fetch import Hints
from aggregator.model.reading import Facts
from aggregator.model.rhythm import Rhythm
from aggregator.store.types import CleanText, JsonOf, PackedIntegers, UtcDateTime

# A story whose settling is due at this moment is due in any case: something changed (it is "dirty").
DUE_NOW_AT = datetime(1970, 1, 1, tzinfo=UTC)
# Stands for a page where a story never stood in the output: its archive began later.
BEFORE_IT = 0

# The newest migration; the versions are four digits, so that they order as text (a test compares).
SCHEMA_VERSION = "0017"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, CleanText, nullable=False, **options)


def _moment(name: str) -> Column[datetime]:
    return Column(name, UtcDateTime)


sources = Table(
    "sources",
    metadata,
    _text("source_id", primary_key=True),
    _text("url", default=""),
    _text("partner_id", default=""),
    _moment("began_at"),
    _text("etag", default=""),
    _text("last_modified", default=""),
    _text("body_hash", default=""),
    _text("feed_title", default=""),
    _text("feed_site_url", default=""),
    _text("feed_id", default=""),
    _text("feed_language", default=""),
    _moment("last_polled_at"),
    _moment("last_success_at"),
    _moment("last_new_at"),
    Column("failures_in_a_row", Integer, nullable=False, default=0),
    Column("entries_in_feed", Integer, nullable=False, default=0),
    _text("problem", default=""),
    Column("notes", JsonOf(tuple[str, ...]), nullable=False, default=()),
    _moment("retired_at"),
    _text("host", default=""),
    Column("every_s", Float, nullable=False, default=0.0),
    _moment("next_poll_at"),  # null: not polled
    _moment("leased_until"),
    _text("lease_holder", default=""),
    _text("way_url", default=""),
    _text("way_kind", default=""),
    _moment("way_found_at"),
    _moment("sought_at"),
    Column("guid_trouble", Integer, nullable=False, default=0),
    Column("hints", JsonOf(Hints), nullable=False, default=Hints()),
    _text("moved_from", default=""),
    _text("moved_to", default=""),
    _moment("moved_since_at"),
    _moment("asked_whole_at"),
    Column("planned_s", Float, nullable=False, default=0.0),
    _text("planned_why", default=""),
    Column("gone_count", Integer, nullable=False, default=0),
    _moment("gone_at"),
    _moment("flooded_at"),
    _moment("lost_at"),
    _moment("newest_at"),
    _moment("quiet_at"),
    Column("weekly", Float, nullable=False, default=0.0),
    _text("hub", default=""),
    _text("self_url", default=""),
    Column("wanted", Integer, nullable=False, default=0),
    _moment("pushed_at"),
    Index(None, "next_poll_at"),
)

# When sources publish. Apart, because it is long and of use to a visit only.
rhythms = Table(
    "rhythms",
    metadata,
    Column("source_id", ForeignKey("sources.source_id", ondelete="CASCADE"), primary_key=True),
    Column("rhythm", JsonOf(Rhythm), nullable=False),
    sqlite_with_rowid=False,
)

# What stood in sources' documents when they were last read: ``entries`` are the numbers of all ``Stood`` in a row.
standings = Table(
    "standings",
    metadata,
    Column("source_id", ForeignKey("sources.source_id", ondelete="CASCADE"), primary_key=True),
    _text("rules"),
    _text("envelope"),
    Column("entries", PackedIntegers, nullable=False),
    sqlite_with_rowid=False,
)

# What is minded about hosts by all who poll: when one asked us to wait, and whose turn comes when.
hosts = Table(
    "hosts",
    metadata,
    _text("host", primary_key=True),
    _moment("rests_until_at"),
    _moment("next_turn_at"),
    sqlite_with_rowid=False,
)

# The last visits of each source, for people; nothing is decided by them.
visits = Table(
    "visits",
    metadata,
    Column("visit_id", Integer, primary_key=True),
    Column("source_id", ForeignKey("sources.source_id", ondelete="CASCADE"), nullable=False),
    Column("visited_at", UtcDateTime, nullable=False),
    _text("outcome"),
    Column("took_s", Float, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("copies", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    _text("problem"),
    Index(None, "source_id", "visit_id"),
)

stories = Table(
    "stories",
    metadata,
    Column("story_id", Integer, primary_key=True),
    _moment("settle_due_at"),  # null: nothing can change the answer without a new entry
    Column("published_id", CleanText),
    Column("published_url", CleanText),
    _moment("published_at"),
    _moment("first_published_at"),
    Column("shown_entry_id", Integer),
    _text("shown_hash", default=""),
    _moment("shown_at"),
    _moment("updated_at"),
    _moment("visible_until"),
    _text("refusal", default=""),
    _moment("refused_at"),
    _moment("hidden_at"),
    _text("hidden_reason", default=""),
    _text("override_title", default=""),
    _text("overridden_title", default=""),
    Index(None, "settle_due_at"),
    Index(None, "published_id"),
    Index(None, "first_published_at", "published_at", "story_id"),
    sqlite_autoincrement=True,  # numbers are told to editors: none is ever given twice
)

story_topics = Table(
    "story_topics",
    metadata,
    Column("story_id", ForeignKey("stories.story_id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _text("topic"),
    sqlite_with_rowid=False,
)

story_facets = Table(
    "story_facets",
    metadata,
    Column("story_id", ForeignKey("stories.story_id", ondelete="CASCADE"), primary_key=True),
    _text("kind", primary_key=True),
    _text("code", primary_key=True),
    sqlite_with_rowid=False,
)

# Other articles on the same event, each pair both ways round.
relations = Table(
    "relations",
    metadata,
    Column("story_id", ForeignKey("stories.story_id", ondelete="CASCADE"), primary_key=True),
    Column("other_id", ForeignKey("stories.story_id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Narrow columns first: SQLite then answers from a row's first page without walking to its text. Of title and text
# there is an index for searching, which only its migration (0006) and search.py know.
entries = Table(
    "entries",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("story_id", ForeignKey("stories.story_id"), nullable=False, index=True),
    Column("source_id", ForeignKey("sources.source_id"), nullable=False),
    _text("partner_id"),
    Column("backlog", Boolean, nullable=False),
    Column("held", Boolean, nullable=False, default=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    _moment("revised_at"),
    Column("key_digest", BigInteger, nullable=False),
    _text("key"),
    _text("guid"),
    _text("article_id"),
    _text("canonical_url"),
    _text("content"),
    Column("earlier", JsonOf(tuple[Identity, ...]), nullable=False, default=()),
    _text("content_hash"),
    _text("title"),
    Column("categories", JsonOf(tuple[str, ...]), nullable=False),
    Column("authors", JsonOf(tuple[str, ...]), nullable=False),
    Column("provenance", JsonOf(Provenance)),
    Column("marks", PackedIntegers, nullable=False),
    Column("facts", JsonOf(Facts), nullable=False, default=Facts()),
    _text("text"),
    Column("raw", JsonOf(Entry), nullable=False),
    _text("feed_hash", default=""),  # of what the feed gave, where the text is the article page's
    _text("reason", default=""),
    # By digest, because PostgreSQL cannot index a text of more than 2.7 kB and partners do send such guids.
    UniqueConstraint("source_id", "key_digest"),
    Index(None, "first_seen_at"),
    # Of those that are held on PostgreSQL, too. To say so here would import its dialect wherever SQLite is used.
    Index("ix_entries_held", "source_id", sqlite_where=text("held = 1")),
    sqlite_autoincrement=True,
)

# What entries were before they were revised.
revisions = Table(
    "revisions",
    metadata,
    Column("revision_id", Integer, primary_key=True),
    Column("entry_id", ForeignKey("entries.entry_id", ondelete="CASCADE"), nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
    _text("content_hash"),
    Column("raw", JsonOf(Entry), nullable=False),
    Index(None, "entry_id", "revision_id"),
)

# What entries are looked up by. Neither table has a foreign key: checking one on delete would need a second
# index as large as the table; an entry's rows are found by the values that stand in the entry.
rungs = Table(
    "rungs",
    metadata,
    Column("rung", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

marks = Table(
    "marks",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

outputs = Table(
    "outputs",
    metadata,
    _text("output_id", primary_key=True),
    Column("touched", Integer, nullable=False, default=0),
    Column("rendered", Integer, nullable=False, default=-1),
    _text("render_key", default=""),
    _moment("next_change_at"),
    _moment("updated_at"),
    Column("shown", JsonOf(tuple[Shown, ...]), nullable=False, default=()),  # stories that its documents show
    Column("owed", JsonOf(tuple[str, ...]), nullable=False, default=()),  # paths of those that lack news
)

# Which stories have stood, or could have stood, in an output that everybody may read, and in which page of its archive.
archived = Table(
    "archived",
    metadata,
    Column("story_id", ForeignKey("stories.story_id", ondelete="CASCADE"), primary_key=True),
    _text("output_id", primary_key=True),
    Column("page", Integer),  # null: in none yet; BEFORE_IT: in none, unless it stands there later
    Index(None, "output_id", "page"),
    sqlite_with_rowid=False,
)

# The pages themselves are files only: there is far too much of them, and they can be made of the rest.
archive_pages = Table(
    "archive_pages",
    metadata,
    _text("output_id", primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("newest_at", UtcDateTime, nullable=False),  # when its last story was first published
    Column("touched", Integer, nullable=False, default=0),  # counts changes of its stories
    _moment("due_at"),  # when it must be made again; null: when a story changes
    _text("page_key", default=""),
    Column("partners", JsonOf(tuple[str, ...]), nullable=False, default=()),  # whose stories stand there
    _moment("updated_at"),
    _text("etag", default=""),
    _moment("changed_at"),
    Index(None, "due_at"),
    Index(None, "changed_at"),
    sqlite_with_rowid=False,
)

documents = Table(
    "documents",
    metadata,
    _text("path", primary_key=True),
    _text("media_type"),
    Column("body", LargeBinary, nullable=False),
    _text("etag"),
    Column("changed_at", UtcDateTime, nullable=False),
)

safe_html = Table("safe_html", metadata, _text("key", primary_key=True), _text("markup"))

meta = Table("meta", metadata, _text("key", primary_key=True), _text("value"))

# What is wrong with sources and was, or is to be, told to ops: a row as long as it lasts, and until its end is told.
alerts = Table(
    "alerts",
    metadata,
    _text("subject", primary_key=True),  # a source's id, or '' for the desk
    _text("kind", primary_key=True),
    _text("words"),
    Column("since_at", UtcDateTime, nullable=False),
    Column("known_to", JsonOf(tuple[str, ...]), nullable=False),  # channels that were told of it last
    _moment("ended_at"),
    sqlite_with_rowid=False,
)

# What begins to be known of subscribers when their feeds are first published; who they are stands in feeds.yaml.
subscriber_keys = Table(
    "subscriber_keys",
    metadata,
    _text("key", primary_key=True),
    _text("subscriber_id"),
    Column("made_at", UtcDateTime, nullable=False),
    _moment("ends_at"),  # null: no end
    sqlite_with_rowid=False,
)

# How often each subscriber's documents were asked for on a day, never by whom.
subscriber_usage = Table(
    "subscriber_usage",
    metadata,
    _text("subscriber_id", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("fetched", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    _moment("last_asked_at"),
    sqlite_with_rowid=False,
)

# Whom we tell at once what is new in a document: followers of our hub, once they are verified and until their lease
# ends, or in their place another's hub, which is told only that there is something new.
followers = Table(
    "followers",
    metadata,
    Column("follower_id", Integer, primary_key=True),
    _text("path"),
    _text("callback"),
    _text("topic"),  # the document's address as they wrote it
    _text("host"),  # of the callback
    Column("is_hub", Boolean, nullable=False, default=False),
    _text("secret", default=""),
    Column("since_at", UtcDateTime, nullable=False),
    _moment("lease_until_at"),  # null: no end, for hubs only
    Column("wanted", Integer, nullable=False, default=0),  # counts news
    Column(
        "filed", Integer, nullable=False, default=0
    ),  # its value whose files stand: no delivery before they do
    Column("sent", Integer, nullable=False, default=0),  # its value that they took last
    _moment("due_at"),  # null: nothing to deliver, given up, or the files are not replaced yet
    _text("claimed_by", default=""),  # by whom due_at was moved ahead, who delivers meanwhile
    Column("tries", Integer, nullable=False, default=0),  # that failed since they took something
    _text("problem", default=""),
    _moment("failing_since_at"),  # null: they took what they were sent last
    _moment("given_up_at"),  # the first time since then
    _moment("delivered_at"),
    _text("held_etag", default=""),  # of the document that they took last
    _moment("held_at"),  # since when it was as it was
    UniqueConstraint("path", "callback"),
    Index(None, "due_at"),
    sqlite_autoincrement=True,
)

# What was asked of our hub and is to be verified, and denials that are to be told.
hub_requests = Table(
    "hub_requests",
    metadata,
    Column("request_id", Integer, primary_key=True),
    _text("path"),
    _text("callback"),
    _text("topic"),
    _text("host"),
    _text("mode"),  # subscribe, unsubscribe or denied
    _text("secret", default=""),
    _text("reason", default=""),
    Column("lease_s", Integer, nullable=False, default=0),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    _text("claimed_by", default=""),
    Column("tries", Integer, nullable=False, default=0),
    UniqueConstraint("path", "callback"),
    Index(None, "due_at"),
    sqlite_autoincrement=True,
)

# Ours at partners' hubs, by what ends the addresses of their callbacks. Of a source without a foreign key: what is
# subscribed is to be unsubscribed whatever becomes of the source.
subscriptions = Table(
    "subscriptions",
    metadata,
    _text("token", primary_key=True),
    _text("source_id"),
    _text("hub"),
    _text("self_url"),
    _text("secret"),
    _text("state"),
    _moment("asked_at"),
    _moment("verified_at"),
    _moment("listens_from_at"),
    _moment("lease_until_at"),
    _moment("due_at"),
    Column("tries", Integer, nullable=False),
    _text("problem"),
    _moment("pushed_at"),
    _moment("missed_at"),
    _text("callback_base"),
    Index(None, "source_id"),
    sqlite_with_rowid=False,
)
