"""The live partners as a function of time: what they write, correct and copy, without a server and without waiting."""

from __future__ import annotations

import os
import re
import string
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.demo.newsroom import (
    FEED_LENGTH,
    ID,
    PR,
    PROGRAMME,
    STEP,
    Text,
    newsroom_at,
    wire,
)
from aggregator.demo.partners import Article, feed_xml, sample_articles
from aggregator.demo.play import demo_config
from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.similarity import same_article
from aggregator.editorial.sketch import marks

STARTED_AT = datetime(2026, 11, 23, 6, 0, 0, 250_000, tzinfo=UTC)
ROUND = len(PROGRAMME) * STEP
TWENTY_ROUNDS = range(1, 20 * len(PROGRAMME) + 1)
CREDIT = re.compile(r"Artikel ini telah tayang di (\S+) dengan judul (.+?)<")
TEXTS = [(kind, text) for kind, texts in wire().texts.items() for text in texts]


def articles_at(now: datetime, started_at: datetime = STARTED_AT) -> dict[str, dict[str, Article]]:
    """By partner and number."""
    fronts = newsroom_at(started_at, now)
    return {
        partner: {article.number: article for article in front.articles} for partner, front in fronts.items()
    }


def written_within(length: timedelta, started_at: datetime = STARTED_AT) -> dict[str, list[Article]]:
    """Everything that either partner had in its feed at the end of any round, as it stood then, each once."""
    seen: dict[str, dict[tuple[str, str, str], Article]] = {PR: {}, ID: {}}
    for round_number in range(length // ROUND + 1):
        for partner, articles in articles_at(started_at + round_number * ROUND, started_at).items():
            for article in articles.values():
                seen[partner][article.number, article.title, article.html] = article
    return {partner: list(articles.values()) for partner, articles in seen.items()}


def own_text(article: Article) -> str:
    """The text without the dateline of the site and without the credit."""
    text = "\n".join(line for line in plain_text(article.html).split("\n") if "telah tayang di" not in line)
    return re.sub(r"^(?:PIKIRAN RAKYAT - |[A-Z]+, \S+ – )", "", text)


def test_it_opens_with_the_sample_articles() -> None:
    fronts = newsroom_at(STARTED_AT, STARTED_AT)
    assert {partner: front.articles for partner, front in fronts.items()} == sample_articles(STARTED_AT)
    assert newsroom_at(STARTED_AT, STARTED_AT - timedelta(hours=1)) == fronts, "a clock that was set back"


def test_something_happens_at_every_step_and_nothing_in_between() -> None:
    before = newsroom_at(STARTED_AT, STARTED_AT)
    for step in range(1, 10 * len(PROGRAMME)):
        now = STARTED_AT + step * STEP
        after = newsroom_at(STARTED_AT, now)
        assert after != before
        assert newsroom_at(STARTED_AT, now + STEP - timedelta(milliseconds=1)) == after
        before = after


def test_every_process_writes_the_same() -> None:
    """Nothing hangs on Python's seed of hashes."""
    now = STARTED_AT + timedelta(hours=3)
    source = (
        "import sys; from datetime import datetime; from aggregator.demo.newsroom import newsroom_at;"
        "print(newsroom_at(*map(datetime.fromisoformat, sys.argv[1:])))"
    )
    command = [sys.executable, "-c", source, STARTED_AT.isoformat(), now.isoformat()]
    printed = {
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert printed == {f"{newsroom_at(STARTED_AT, now)}\n".encode()}


@pytest.mark.slow
def test_numbers_and_addresses_name_one_article_for_hours() -> None:
    for partner, articles in written_within(timedelta(minutes=90)).items():
        by_number, by_url, by_text = defaultdict(set), defaultdict(set), defaultdict(set)
        for article in articles:
            by_number[article.number].add((article.url, article.published_at, article.author))
            by_url[article.url].add(article.number)
            by_text[own_text(article)].add(article.number)
        for index in (by_number, by_url, by_text):
            assert [name for name, named in index.items() if len(named) > 1] == [], partner
        assert len(by_number) > 500


def test_a_demo_started_again_later_repeats_nothing() -> None:
    first = written_within(timedelta(minutes=20))
    second = written_within(timedelta(minutes=20), STARTED_AT + timedelta(minutes=20, seconds=2))
    for partner in (PR, ID):
        samples = {article.number for article in sample_articles(STARTED_AT)[partner]}
        told = [
            {fact for one in articles if one.number not in samples for fact in (one.number, own_text(one))}
            for articles in (first[partner], second[partner])
        ]
        assert told[0] & told[1] == set()


@pytest.mark.parametrize("offset_us", [0, 1, 999_999])
def test_dates_are_whole_seconds_in_order_and_never_in_the_future(offset_us: int) -> None:
    started_at = STARTED_AT.replace(microsecond=offset_us)
    for step in range(100):
        now = started_at + step * STEP
        for front in newsroom_at(started_at, now).values():
            dates = [article.published_at for article in front.articles]
            assert dates == sorted(dates, reverse=True)
            assert max(*dates, front.changed_at) <= now
            assert not any(date.microsecond for date in (*dates, front.changed_at))


def test_feeds_are_as_long_as_real_ones_and_old_articles_leave() -> None:
    left: dict[str, set[str]] = {PR: set(), ID: set()}
    before = articles_at(STARTED_AT)
    for step in range(1, 10 * len(PROGRAMME)):
        after = articles_at(STARTED_AT + step * STEP)
        for partner, articles in after.items():
            assert not articles.keys() & left[partner], "came back"
            left[partner] |= before[partner].keys() - articles.keys()
            assert len(articles) <= FEED_LENGTH
            assert len(articles) >= 10 or step < 2 * len(PROGRAMME)
        before = after
    assert all(len(numbers) > 30 for numbers in left.values())


def test_a_correction_keeps_number_address_and_date() -> None:
    corrected = defaultdict(list)
    before = articles_at(STARTED_AT)
    for step in TWENTY_ROUNDS:
        now = STARTED_AT + step * STEP
        after = articles_at(now)
        for partner, articles in after.items():
            for number in articles.keys() & before[partner].keys():
                old, new = before[partner][number], articles[number]
                if old == new:
                    continue
                assert (old.url, old.published_at, old.author) == (new.url, new.published_at, new.author)
                assert old.html != new.html
                corrected[number].append((old.title != new.title, newsroom_at(STARTED_AT, now)[partner]))
        before = after
    assert len(corrected) == 2 * 20
    assert {len(times) for times in corrected.values()} == {1}, "each article is corrected once at most"
    titles_changed = [times[0][0] for times in corrected.values()]
    assert 5 < sum(titles_changed) < 35, "some corrections change the headline, some only the text"


def test_a_copy_carries_the_same_text_another_headline_and_the_credit() -> None:
    copies = 0
    known: set[str] = set()
    for step in TWENTY_ROUNDS:
        now = articles_at(STARTED_AT + step * STEP)
        for partner, other in ((PR, ID), (ID, PR)):
            newest = next(iter(now[partner].values()))
            credit = CREDIT.search(newest.html)
            if credit is None or newest.number in known:
                continue
            known.add(newest.number)
            (origin,) = [one for one in now[other].values() if one.title == credit[2]]
            assert own_text(newest) == own_text(origin)
            assert newest.title != origin.title
            assert f"{credit[1]}/" in origin.url
            assert origin.published_at < newest.published_at
            copies += 1
    assert copies == 2 * 20 + 1, "and the one among the sample articles"


@pytest.mark.slow
def test_the_desk_joins_copies_and_nothing_else_for_hours() -> None:
    """Texts come round with other names and numbers: no two turns of one may be taken for one article."""

    def credits(copy: Article, origin: Article) -> bool:
        """An address keeps the words of the first headline, which is the one that a copy names."""
        credit = CREDIT.search(copy.html)
        return credit is not None and re.sub(r"[^a-z0-9]+", "-", credit[2].lower()) in origin.url

    seen = written_within(timedelta(hours=1))
    by_mark = defaultdict(set)
    entries = {
        (partner, article.number): (article, plain_text(article.html))
        for partner, articles in seen.items()
        for article in articles
        if "Advertorial" not in article.categories
    }
    for key, (article, text) in entries.items():
        for mark in marks(article.title, text):
            by_mark[mark].add(key)
    pairs = {(a, b) for keys in by_mark.values() for a in keys if a[0] == PR for b in keys if b[0] == ID}
    joined = 0
    for a, b in pairs:
        (one, one_text), (other, other_text) = entries[a], entries[b]
        is_copy = credits(one, other) or credits(other, one)
        score = same_article(one.title, one_text, other.title, other_text)
        assert (score is not None) == is_copy, (one.title, other.title)
        joined += is_copy
    assert joined >= 2 * (timedelta(hours=1) // ROUND)
    assert len(pairs) > 2 * joined, "pairs that had to be told apart"


@pytest.mark.parametrize(("kind", "text"), TEXTS, ids=lambda value: getattr(value, "title", value))
def test_every_text_of_the_wire_is_whole(kind: str, text: Text) -> None:
    written = "\n".join((text.title, text.copy_title, text.better_title, *text.paragraphs))
    named = {name for _, name, _, _ in string.Formatter().parse(written) if name}
    assert text.numbers.keys() <= named
    assert named <= text.numbers.keys() | {"tempat", "tempat_lain", "kota", "tokoh", "warga"}
    assert f"{{{text.slip}}}" in "".join(text.paragraphs)
    assert len(text.numbers) >= 3 and all(lowest < highest for lowest, highest in text.numbers.values())
    assert not re.search(r"\d", written), "a number that never varies"
    if kind != "paid":
        assert text.copy_title and text.copy_title != text.title
        topics = [topic for topic in demo_config("", live=True).topics if text.section in topic.categories]
        assert len(topics) == 1


def test_the_wire_covers_every_topic() -> None:
    sections = {text.section for kind, text in TEXTS if kind != "paid"}
    topics = demo_config("", live=True).topics
    assert len(topics) == 10
    assert [topic.id for topic in topics if not sections & set(topic.categories)] == []


@pytest.mark.parametrize("partner", [PR, ID])
def test_feeds_hold_boilerplate_and_paid_articles_under_their_label(partner: str) -> None:
    front = newsroom_at(STARTED_AT, STARTED_AT + timedelta(minutes=10))[partner]
    xml = feed_xml(partner, front.articles, front.changed_at).decode()
    assert ("Baca Juga" if partner == PR else "Bacaan Lainnya") in xml
    assert ("<category>Advertorial</category>" in xml) == (partner == PR)
