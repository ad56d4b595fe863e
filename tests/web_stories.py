"""An explanation and a list of stories for tests/web; ``text`` stands wherever a partner's words may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.model.explanation import (
    DiffPiece,
    ExplainedChange,
    ExplainedCopy,
    ExplainedFacet,
    ExplainedTopic,
    ExplainedWord,
    Explanation,
    Placement,
    RelatedHeadline,
)
from aggregator.model.listing import ListedStory, StoryList, StoryPage, StoryQuery
from aggregator.model.reading import Cut, Doubt

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
ADDRESS = "https://kabar-a.example/ekonomi/harga-karet-naik"


def explanation(text: str = "Harga Karet Naik") -> Explanation:
    """A story of two copies, revised once, in one feed."""
    passage = (DiffPiece("kept", text), DiffPiece("gone", "turun"), DiffPiece("new", "naik"))
    shown = ExplainedCopy(
        entry_id=1,
        source_id="kabar-a",
        partner="Kabar A",
        title=text,
        address=ADDRESS,
        published_at=NOW - timedelta(hours=3),
        first_seen_at=NOW - timedelta(hours=2),
        revised_at=NOW - timedelta(hours=1),
        is_shown=True,
        reason="",
        similarity=None,
        credits="",
        standing="",
    )
    copy = ExplainedCopy(
        entry_id=2,
        source_id="kabar-b",
        partner=text,
        title=text,
        address="https://kabar-b.example/2",
        published_at=None,
        first_seen_at=NOW - timedelta(minutes=90),
        revised_at=None,
        is_shown=False,
        reason=f"similarity 0.91 with {text}",
        similarity=0.914,
        credits=text,
        standing=text,
    )
    return Explanation(
        at=NOW,
        timezone="Asia/Jakarta",
        story_id=12,
        id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001",
        url=ADDRESS,
        headline=text,
        standing="published",
        published_at=NOW - timedelta(hours=3),
        first_published_at=NOW - timedelta(hours=2),
        updated_at=NOW - timedelta(hours=1),
        visible_until=None,
        override=text,
        copies=(shown, copy),
        credit=text,
        terms=(text,),
        topics=(
            ExplainedTopic(
                "ekonomi",
                60.4,
                42.3,
                True,
                (f"category {text}",),
                (text,),
                (ExplainedWord(text, 16.0, True),),
            ),
            ExplainedTopic("politik", 12.0, 42.3, False, (), (), (ExplainedWord("bupati", 12.0, False),)),
            ExplainedTopic("hukum", 2.0, 42.3, False, (), (), (ExplainedWord("terlalu ringan", 2.0, False),)),
        ),
        facets=(ExplainedFacet("place", "15.71", text, text),),
        cuts=(Cut("dateline", text),),
        doubts=(Doubt("correction", text),),
        changes=(ExplainedChange("kabar-a", NOW - timedelta(hours=1), (passage,), (passage,), text),),
        outputs=(Placement("all", 2, 6),),
        related=(RelatedHeadline(7, text),),
    )


def story_page(text: str = "Harga Karet Naik", query: StoryQuery | None = None) -> StoryPage:
    """A list of two stories, of which one stands in no feed."""
    one = ListedStory(
        story_id=12,
        published_id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001",
        title=text,
        partner_id="kabar-a",
        source_id="kabar-a",
        copies=1,
        topics=("ekonomi",),
        first_seen_at=NOW - timedelta(hours=3),
        first_published_at=NOW - timedelta(hours=2),
        visible_until=None,
        refusal="",
        hidden_at=None,
        hidden_reason="",
    )
    refused = ListedStory(
        story_id=13,
        published_id="",
        title=text,
        partner_id="kabar-a",
        source_id=text,
        copies=0,
        topics=(),
        first_seen_at=NOW,
        first_published_at=None,
        visible_until=None,
        refusal=text,
        hidden_at=None,
        hidden_reason="",
    )
    asked = query or StoryQuery(search=text, topic="ekonomi")
    found = StoryList((one, refused), 1_234)
    return StoryPage(asked, found, ("ekonomi", "politik"), ("kabar-a", "kabar-b"), NOW, "Asia/Jakarta")
