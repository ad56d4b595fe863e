"""Which stories stand in an output, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from outputs_samples import ALL, NOW, POLITIK, config

from aggregator.model.document import Output, Where
from aggregator.model.entry import Entry, Provenance
from aggregator.model.story import Published, StoredEntry, Story
from aggregator.outputs.select import NEWS_MAX_URLS, outputs_of, select

HOUR = timedelta(hours=1)


def story(number: int = 1, age: timedelta = HOUR, **fields: Any) -> Story:
    published = Published(
        f"urn:x-test:{number}", f"https://a.id/{number}", NOW - age, first_published_at=NOW - age
    )
    return Story(
        **{"story_id": number, "entries": (), "published": published, "topics": ("politik",), **fields}
    )


def test_outputs_are_the_combined_one_then_topics_in_menu_order() -> None:
    outputs = outputs_of(config())
    assert [(one.id, one.title, one.where.topics) for one in outputs] == [
        ("all", "Jambi Seru: semua berita mitra", ()),
        ("topics/politik", "Jambi Seru: Politik", ("politik",)),
        ("topics/internasional", "Jambi Seru: Internasional", ("internasional",)),
    ]
    assert {(one.limit, one.max_age_s) for one in outputs} == {(50, 7 * 86400.0)}


def test_google_counts_from_the_date_that_stands_in_the_sitemap() -> None:
    """An article may have come to us, or out of its embargo, days after its partner published it."""
    output = replace(ALL, profile="google-news", max_age_s=48 * 3600.0)
    late = Published("urn:x-test:1", "https://a.id/1", NOW - 47 * HOUR, first_published_at=NOW - HOUR)
    shown = select(output, [story(published=late)], NOW)
    assert (len(shown.stories), shown.next_change_at) == (1, NOW + HOUR)
    assert not select(output, [story(published=late)], NOW + HOUR).stories


def test_a_topics_title_is_put_in_as_it_stands() -> None:
    raw = config().model_dump() | {"topics": ({"id": "x", "title": "{topic} {0.__class__}"},)}
    raw["outputs"]["topics"]["title"] = "Kabar {topic} {site}"
    titles = [one.title for one in outputs_of(type(config()).model_validate(raw))]
    assert titles[1] == "Kabar {topic} {0.__class__} {site}"


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, True),
        ({"published": None}, False),
        ({"hidden_at": NOW}, False),
        ({"refusal": "embargo"}, False),
        ({"visible_until": NOW + HOUR}, True),
        ({"visible_until": NOW}, False),
        ({"topics": ("hukum",)}, False),
        ({"age": timedelta(days=7) - timedelta(seconds=1)}, True),
        ({"age": timedelta(days=7)}, False),
    ],
)
def test_what_is_shown(fields: dict[str, Any], shown: bool) -> None:
    assert bool(select(POLITIK, [story(**fields)], NOW).stories) is shown


def test_the_combined_output_takes_any_topic_and_none() -> None:
    stories = (story(1, topics=()), story(2, topics=("hukum",)))
    assert select(ALL, stories, NOW).stories == stories


def test_the_limit_counts_what_is_shown_and_keeps_the_order() -> None:
    stories = [story(1, hidden_at=NOW), story(2), story(3), story(4)]
    assert [one.story_id for one in select(replace(ALL, limit=2), stories, NOW).stories] == [2, 3]


@pytest.mark.parametrize(
    ("stories", "expected"),
    [
        ([], None),
        ([story(1, age=HOUR), story(2, age=2 * HOUR)], NOW + timedelta(days=7) - 2 * HOUR),
        ([story(1, age=HOUR, visible_until=NOW + HOUR), story(2, age=2 * HOUR)], NOW + HOUR),
        ([story(1, age=HOUR, visible_until=NOW + timedelta(days=30))], NOW + timedelta(days=7) - HOUR),
        ([story(1, hidden_at=NOW, visible_until=NOW + HOUR)], None),
    ],
)
def test_next_change_is_when_the_first_shown_story_leaves(stories: list[Story], expected: Any) -> None:
    selection = select(ALL, stories, NOW)
    assert selection.next_change_at == expected
    if expected:
        assert len(select(ALL, stories, expected).stories) < len(selection.stories)
        assert len(select(ALL, stories, expected - timedelta(seconds=1)).stories) == len(selection.stories)


# --- subscribers ---

KEY, OLD_KEY = "k" * 32, "o" * 32


def subscribed(**keys: Any) -> tuple[Output, ...]:
    """The outputs of one subscriber with two keys, and of one without any."""
    muaro = {"id": "kabar-muaro", "name": "Kabar Muaro", **keys}
    partner = {
        "id": "muaro",
        "name": "Muaro",
        "url": "https://muaro.example/",
        "domains": ("muaro.example",),
    }
    raw = config().model_dump() | {
        "partners": (partner,),
        "subscribers": (muaro, {"id": "warta-tebo", "name": "Warta Tebo"}),
    }
    outputs = outputs_of(type(config()).model_validate(raw), {"kabar-muaro": (OLD_KEY, KEY)})
    assert outputs[:-2] == outputs_of(config())
    return outputs[-2:]


def test_each_key_of_a_subscriber_is_an_output() -> None:
    old, new = subscribed()
    assert (old.id, new.id) == (f"s/{OLD_KEY}", f"s/{KEY}")
    assert replace(old, id=new.id) == new
    assert (new.title, new.subscriber_id, new.where) == ("Jambi Seru: Kabar Muaro", "kabar-muaro", Where())
    assert (new.limit, new.max_age_s, new.profile, new.content, new.link) == (
        *(50, 7 * 86400.0),
        *("plain", "full", "origin"),
    )


def test_what_a_subscriber_asks_for_reaches_its_output() -> None:
    _, output = subscribed(
        partner="muaro",
        domains=("kabarmuaro.id",),
        where={"topic": ("politik",), "place": ("Jambi",)},
        profile="wordpress",
        content="excerpt",
        link="site",
        limit=7,
    )
    assert output.where == Where(
        not_names=("Muaro",),
        topics=("politik",),
        places=("ID-JA",),
        not_partners=("muaro",),
        not_hosts=("muaro.example", "kabarmuaro.id"),
    )
    assert (output.profile, output.content, output.link, output.limit) == ("wordpress", "excerpt", "site", 7)


@pytest.mark.parametrize(("keys", "limit"), [({}, NEWS_MAX_URLS), ({"limit": 7}, 7)])
def test_google_news_gets_all_it_takes_unless_a_limit_is_named(keys: dict[str, Any], limit: int) -> None:
    _, output = subscribed(profile="google-news", **keys)
    assert (output.limit, output.max_age_s) == (limit, 48 * 3600.0)


def stored(
    partner: str = "a", url: str = "https://a.id/1", canonical: str = "", origin: Provenance | None = None
) -> StoredEntry:
    return StoredEntry(
        entry_id=1,
        source_id=partner,
        partner_id=partner,
        key="k",
        entry=Entry(guid="", url=url, title="Judul", html=""),
        text="",
        content_hash="",
        canonical_url=canonical,
        provenance=origin,
        backlog=False,
        first_seen_at=NOW,
        changed_at=NOW,
    )


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (stored(), True),
        (stored(partner="muaro"), False),
        (stored(url="https://www.kabarmuaro.id/1"), False),
        (stored(url="https://www.kabarmuaro.id:8443/1"), False),
        (stored(canonical="https://ekonomi.kabarmuaro.id/1"), False),
        (stored(url="https://bukankabarmuaro.id/1"), True),
        (stored(url="https://kabarmuaro.id.example/1"), True),
        (stored(url="http://[kabarmuaro.id"), True),
        (stored(url=""), True),
        *(
            (stored(origin=Provenance("kabarmuaro.id", "Judul", form=form)), form == "quoted")
            for form in ("quoted", "carried", "reposted", "source")
        ),
        (stored(origin=Provenance("", "Judul", form="source")), True),
        (stored(origin=Provenance("lain.id", "Judul", network="kabarmuaro.id", form="source")), True),
    ],
    ids=lambda value: None if isinstance(value, bool) else "entry",
)
def test_nobody_gets_their_own_articles_back(entry: StoredEntry, shown: bool) -> None:
    where = Where(not_partners=("muaro",), not_hosts=("kabarmuaro.id",))
    others = (stored("b", "https://b.id/1"), stored("c", "https://c.id/1"))
    for entries in ((entry,), (*others, entry), (entry, *others)):
        found = select(replace(ALL, where=where), [story(entries=entries)], NOW).stories
        assert bool(found) is shown
        assert select(ALL, [story(entries=entries)], NOW).stories


def test_what_was_promised_as_a_link_to_its_site_is_its_own_too() -> None:
    """Another entry may have taken the lead, and the first one another address."""
    output = replace(ALL, where=Where(not_hosts=("a.id",)))
    assert select(output, [story(entries=(stored(url="https://b.id/1"),))], NOW).stories == ()


def test_no_more_is_read_than_is_shown() -> None:
    read = []

    def stories() -> Any:
        for number in range(1, 100):
            read.append(number)
            yield story(number)

    assert len(select(replace(ALL, limit=3), stories(), NOW).stories) == len(read) == 3
