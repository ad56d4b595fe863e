"""What the commands about stories print: explain, show and list stories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.console import DOUBTS, counted, local, out
from aggregator.model.explanation import (
    ExplainedChange,
    ExplainedCopy,
    ExplainedTopic,
    Explanation,
    Passage,
)
from aggregator.model.listing import StoryList
from aggregator.model.story import PrintStory
from aggregator.outputs.text import text_of

_BLOCK_ENDS = re.compile(r"</(?:p|li|h[2-4]|blockquote|tr|figcaption)>|<br ?/?>")
# What fits on a screen; --json has all of it.
WORDS_SHOWN = 6
CUTS_SHOWN = 8
CUT_CHARS = 90
CHANGES_SHOWN = 5
PASSAGES_SHOWN = 6
TOPICS_SHOWN = 4


def print_explanation(found: Explanation) -> None:
    """One screen for a story of two copies; the sections stand in the order in which the desk works."""
    zone = ZoneInfo(found.timezone)
    _print_head(found, zone)
    _head(f"Copies ({len(found.copies)})")
    for copy in found.copies:
        _print_copy(copy, zone, "shown" if found.standing == "published" else "would be shown")
    _head("Credit and terms")
    if found.credit:
        out.print(f"  {found.credit}")
    for words in found.terms:
        out.print(f"  {words}", style="dim")
    _print_topics(found)
    _print_facets(found)
    _print_cuts(found)
    _print_changes(found.changes, zone)
    _head("Published in")
    for one in found.outputs:
        out.print(f"  {one.output_id}: number {one.place} of {one.of}")
    if not found.outputs:
        out.print("  no feed")
    for related in found.related:
        out.print(f"  related: story {related.story_id}, {related.title}", style="dim")


def _print_head(found: Explanation, zone: ZoneInfo) -> None:
    out.print(found.headline, style="bold")
    if found.published_at and found.first_published_at:
        first = local(found.first_published_at, zone)
        updated = found.updated_at and found.updated_at > found.published_at
        changed = f", last changed {local(found.updated_at, zone)}" if updated else ""
        out.print(f"  story {found.story_id}: {found.standing}, first published here {first}{changed}")
        out.print(f"  {found.id}", style="dim")
    else:
        out.print(f"  story {found.story_id}: {found.standing}, never published")
    out.print(f"  {found.url}", style="dim")
    if found.override:
        out.print(f"  an editor's word: {found.override}", style="yellow")


def _print_copy(copy: ExplainedCopy, zone: ZoneInfo, shown: str) -> None:
    role = shown if copy.is_shown else "copy"
    dated = f", dated {local(copy.published_at, zone)}" if copy.published_at else ""
    revised = f", revised {local(copy.revised_at, zone)}" if copy.revised_at else ""
    came = f"came {local(copy.first_seen_at, zone)}{dated}{revised}"
    out.print(f"  {role}: {copy.partner} ({copy.source_id}), {came}")
    why = f"joined: {copy.reason}" if copy.reason else ""
    alike = f"{copy.similarity:.0%} of its words are those shown" if copy.similarity is not None else ""
    credits = f"credits {copy.credits}" if copy.credits else ""
    for words in filter(None, ["; ".join(filter(None, (why, alike, credits))), copy.address]):
        out.print(f"      {words}", style="dim")
    if copy.standing:
        out.print(f"      {copy.standing}", style="yellow")


def _print_topics(found: Explanation) -> None:
    _head("Topics (* in the headline)")
    shown = [one for one in found.topics if one.is_in or one.weight >= one.enough / 4]
    for topic in shown[: max(TOPICS_SHOWN, sum(one.is_in for one in shown))]:
        out.print(f"  {_topic(topic)}", style=None if topic.is_in else "dim")
    if not any(one.is_in for one in found.topics):
        out.print("  in no topic")


def _topic(topic: ExplainedTopic) -> str:
    words = ", ".join(
        f"{one.words} {one.weight:.0f}{'*' if one.is_in_headline else ''}"
        for one in topic.words[:WORDS_SHOWN]
    )
    more = f" and {len(topic.words) - WORDS_SHOWN} more" if len(topic.words) > WORDS_SHOWN else ""
    channels = f"channel {', '.join(topic.channels)}" if topic.channels else ""
    evidence = "; ".join(filter(None, (*topic.rules, channels, f"words {words}{more}" if words else "")))
    weighed = f"weighs {topic.weight:.0f}, {topic.enough:.0f} is enough"
    return f"{topic.topic}: {'in' if topic.is_in else 'not in'}, {weighed}: {evidence or 'nothing speaks for it'}"


def _print_facets(found: Explanation) -> None:
    if found.facets:
        _head("Facets")
    for facet in found.facets:
        out.print(f"  {facet.kind} {facet.label}: {facet.evidence}")


def _print_cuts(found: Explanation) -> None:
    if found.cuts or found.doubts:
        _head(f"Cut from the text ({len(found.cuts)})")
    for cut in found.cuts[:CUTS_SHOWN]:
        out.print(f"  {cut.rule}: {_short(cut.text)}")
    if len(found.cuts) > CUTS_SHOWN:
        out.print(f"  and {len(found.cuts) - CUTS_SHOWN} more: --json has all", style="dim")
    for doubt in found.doubts:
        out.print(f"  look at {doubt.kind} ({DOUBTS[doubt.kind]}): {_short(doubt.text)}", style="yellow")


def _print_changes(changes: Sequence[ExplainedChange], zone: ZoneInfo) -> None:
    if changes:
        _head(f"Revisions ({len(changes)}): [-gone-] {{+new+}}")
    for change in changes[:CHANGES_SHOWN]:
        out.print(
            f"  until {local(change.replaced_at, zone)}, {change.source_id}: {change.note}".rstrip(": ")
        )
        for passage in (*change.headline, *change.text)[:PASSAGES_SHOWN]:
            out.print(f"      {passage_in_words(passage)}")
        more = len(change.headline) + len(change.text) - PASSAGES_SHOWN
        if more > 0:
            out.print(f"      and {counted(more, 'passage')} more: --json has all", style="dim")


def passage_in_words(passage: Passage) -> str:
    """As wdiff writes it: ``harga karet [-turun-] {+naik+} di Jambi``."""
    marks = {"kept": ("", ""), "gone": ("[-", "-]"), "new": ("{+", "+}")}
    return " ".join(f"{marks[piece.kind][0]}{piece.words}{marks[piece.kind][1]}" for piece in passage)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CUT_CHARS else f"{line[:CUT_CHARS]}…"


def _head(words: str) -> None:
    out.print(words, style="bold")


def print_shown(story: PrintStory, zone: ZoneInfo) -> None:
    """A story as readers get it, its markup as text."""
    out.print(story.title, style="bold")
    dates = f"published {local(story.published_at, zone)}, updated {local(story.updated_at, zone)}"
    for words in (", ".join(story.authors), dates, story.url, story.id):
        if words:
            out.print(f"  {words}", style="dim")
    categories = [f"{one.kind or 'topic'} {one.title}" for one in story.categories]
    if categories:
        out.print(f"  {'; '.join(categories)}", style="dim")
    if story.image:
        credit = f" ({story.image.credit})" if story.image.credit else ""
        out.print(f"  picture {story.image.url}{credit}", style="dim")
    for block in _BLOCK_ENDS.split(story.content.markup):
        if words := text_of(block):
            out.print(f"\n{words}")


def print_stories(found: StoryList, now: datetime, zone: ZoneInfo) -> None:
    """Two lines for a story."""
    for story in found.stories:
        out.print(story.title or "(no headline)", style="bold")
        copies = f", {counted(story.copies, 'copy', 'copies')}" if story.copies else ""
        topics = ", ".join(story.topics) or "no topic"
        where = f"story {story.story_id}, {story.source_id}{copies}; {topics}"
        out.print(f"    {local(story.listed_at, zone)}, {where}", style="dim")
        if story.published_id:
            out.print(f"    {story.published_id}", style="dim")
        if kept_back := story.kept_back(now):
            out.print(f"    not in the feeds: {kept_back}", style="yellow")
    if not found.stories:
        out.print("no story is like that")
    elif found.found > len(found.stories):
        out.print(f"and {found.found - len(found.stories)} more: see --limit, --since, --topic", style="dim")
