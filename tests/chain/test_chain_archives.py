"""Whoever was away misses nothing: what left a feed stands in archive pages that are never paginated anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from archives import Page, read_archives, read_page
from desk import NOW, Desk, item, raw_config, rss
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from partner_server import PartnerServer

from aggregator.editorial.fit import fit_to_print
from aggregator.errors import StoreError
from aggregator.model.story import PrintStory, Story

pytestmark = pytest.mark.slow

LIMIT = 3
DAY = timedelta(days=1)


@pytest.fixture
def desk(server: PartnerServer, tmp_path: Any) -> Desk:
    """Documents of three stories at most."""
    return small_desk(server, tmp_path)


def small_desk(server: PartnerServer, folder: Any) -> Desk:
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
    raw["outputs"]["defaults"] = {"limit": LIMIT}
    server.bodies |= {"/a": rss(), "/b": rss()}
    return Desk(folder, raw)


def titled(*numbers: int, **parts: Any) -> list[str]:
    return [item(number, f"Judul {number}", **parts) for number in numbers]


def polls(desk: Desk, server: PartnerServer, *numbers: int, **parts: Any) -> None:
    server.bodies["/a"] = rss(*titled(*numbers, **parts))
    desk.poll("a")


def settled(desk: Desk) -> None:
    """One publication makes pages for about a second, so on a busy machine some are left."""
    for _ in range(20):
        if not any("archive" in path for path in desk.publish().files):
            return


def members(pages: list[Page]) -> dict[str, frozenset[str]]:
    return {page.path: page.members for page in pages}


def numbers(page: Page) -> set[int]:
    return {int(title.removeprefix("Judul ")) for title in page.titles}


def test_what_the_limit_pushes_out_is_found_by_links(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1, 2)
    assert read_archives(desk.public) == []
    polls(desk, server, 3)
    assert read_archives(desk.public) == []
    polls(desk, server, 4)
    settled(desk)
    (first,) = read_archives(desk.public)
    assert first.path == "feeds/all/archive-1.atom"
    assert numbers(first) == {1, 2, 3, 4}
    polls(desk, server, 5, 6, 7, 8)
    settled(desk)
    second, again = read_archives(desk.public)
    assert (numbers(second), second.path) == ({5, 6, 7, 8}, "feeds/all/archive-2.atom")
    assert again.members == first.members


def test_what_grows_old_is_found_too(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1)
    desk.now += 4 * DAY
    polls(desk, server, 2)
    desk.now = NOW + 7 * DAY
    settled(desk)
    (page,) = read_archives(desk.public)
    assert numbers(page) == {1, 2}
    assert desk.titles() == ["Judul 2"]


def test_a_crowd_that_never_stood_in_the_feed_is_archived_by_hundreds(
    desk: Desk, server: PartnerServer
) -> None:
    polls(desk, server, 1)
    polls(desk, server, *range(2, 13))
    settled(desk)
    (page,) = read_archives(desk.public)
    assert numbers(page) == set(range(1, 13))


def test_what_partners_published_before_a_feed_showed_anything_is_in_no_page(
    desk: Desk, server: PartnerServer
) -> None:
    desk.publish()
    polls(desk, server, *range(1, 13), category="politik")
    settled(desk)
    assert (read_archives(desk.public), len(desk.titles())) == ([], LIMIT)
    desk.raw["site"]["name"] = "Nama Lain"  # everything is settled again
    settled(desk)
    polls(desk, server, 13, category="politik")
    settled(desk)
    for output in ("all", "topics/politik"):
        (page,) = read_archives(desk.public, output)
        assert len(numbers(page)) == LIMIT + 1 and 13 in numbers(page)


def test_a_correction_changes_the_page_of_its_story_alone(desk: Desk, server: PartnerServer) -> None:
    for number in range(1, 9):
        polls(desk, server, number)
    settled(desk)
    before = {page.path: page for page in read_archives(desk.public)}
    assert len(before) == 2
    desk.now += timedelta(hours=1)
    server.bodies["/a"] = rss(item(2, "Judul 2 yang diralat", "Ralat: isi yang lain sama sekali hari ini."))
    desk.poll("a")
    settled(desk)
    after = {page.path: page for page in read_archives(desk.public)}
    assert members(list(after.values())) == members(list(before.values()))
    assert [path for path in before if after[path].body != before[path].body] == ["feeds/all/archive-1.atom"]
    assert "Judul 2 yang diralat" in after["feeds/all/archive-1.atom"].titles


def test_hidden_and_back_again_in_its_page_for_good(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    settled(desk)
    before = read_archives(desk.public)
    (page,) = before
    one = min(page.ids)
    desk.now += 30 * DAY
    desk.hide(one, "Permintaan keluarga")
    settled(desk)
    (told,) = read_archives(desk.public)
    assert told.members == page.members
    assert told.deleted == {one}
    assert "Permintaan keluarga" in told.body.decode()
    desk.now += 30 * DAY
    desk.publish()
    assert read_archives(desk.public) == [told]
    desk.unhide(one)
    settled(desk)
    assert read_archives(desk.public) == before


def test_expiry_changes_the_page_at_its_moment(desk: Desk, server: PartnerServer) -> None:
    desk.raw["partners"][0]["terms"]["expires_after"] = "10d"
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    settled(desk)
    desk.now += 9 * DAY
    settled(desk)
    assert len(read_archives(desk.public)[0].ids) == 4
    desk.now += DAY
    settled(desk)
    assert len(read_archives(desk.public)[0].deleted) == 4


def test_a_story_that_changes_its_topic_stays_where_it_was_put(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1, category="politik")
    polls(desk, server, 2, 3, 4, category="politik")
    settled(desk)
    before = members(read_archives(desk.public, "topics/politik"))
    assert len(before) == 1
    polls(desk, server, 1, category="hukum")
    settled(desk)
    assert members(read_archives(desk.public, "topics/politik")) == before
    assert desk.titles("topics/hukum") == ["Judul 1"]
    assert read_archives(desk.public, "topics/hukum") == []


def test_an_edit_concerns_the_pages_of_its_partner(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    server.bodies["/b"] = rss(*(item(n, f"Judul {n}", host="b.example") for n in range(11, 15)))
    desk.poll("b")
    settled(desk)
    of_b, of_a = read_archives(desk.public)
    assert numbers(of_a) == {1, 2, 3, 4}
    desk.now += 30 * DAY
    settled(desk)
    of_b, of_a = read_archives(desk.public)
    desk.raw["partners"][0]["terms"]["content"] = "headline"
    settled(desk)
    of_b_now, of_a_now = read_archives(desk.public)
    assert of_b_now.body == of_b.body
    assert b"Kalimat1x0" in of_a.body
    assert b"Kalimat1x0" not in of_a_now.body
    desk.raw["partners"].pop(0)
    desk.raw["sources"].pop(0)
    settled(desk)
    of_b_now, of_a_now = read_archives(desk.public)
    assert (of_a_now.ids, of_a_now.deleted, of_b_now.body) == (frozenset(), of_a.members, of_b.body)


def test_a_file_that_was_lost_or_damaged_is_made_again(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    settled(desk)
    before = read_archives(desk.public)
    path = desk.public / before[0].path
    for damage in (path.unlink, lambda: path.write_bytes(b"x")):
        damage()
        settled(desk)
        assert read_archives(desk.public) == before


def test_a_disk_that_refuses_a_page_delays_it_and_nothing_else(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1, 2, 3)
    in_the_way = desk.public / "feeds/all"
    in_the_way.write_bytes(b"")
    with pytest.raises(StoreError, match="feeds/all"):
        polls(desk, server, 4)
    assert desk.titles() == ["Judul 4", "Judul 3", "Judul 2"]
    in_the_way.unlink()
    settled(desk)
    assert [numbers(page) for page in read_archives(desk.public)] == [{1, 2, 3, 4}]


def test_the_page_that_a_document_leads_to_is_there_before_it(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1, 2, 3)
    (desk.public / "feeds/all.atom").unlink()
    (desk.public / "feeds/all.atom").mkdir()
    with pytest.raises(StoreError, match=r"feeds/all\.atom"):
        polls(desk, server, 4)
    assert numbers(read_page(desk.public, "feeds/all/archive-1.atom")) == {1, 2, 3, 4}


def test_new_pages_wait_for_no_other_publication(
    desk: Desk, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.archiving.BUDGET_S", 0.0)
    polls(desk, server, 1, 2, 3, category="politik")
    polls(desk, server, 4, category="politik")
    for output in ("all", "topics/politik"):
        assert numbers(read_archives(desk.public, output)[0]) == {1, 2, 3, 4}


def test_an_output_that_goes_takes_its_pages_along_and_brings_them_back(
    desk: Desk, server: PartnerServer
) -> None:
    polls(desk, server, 1, category="politik")
    polls(desk, server, 2, 3, 4, category="politik")
    settled(desk)
    before = read_archives(desk.public, "topics/politik")
    topic = desk.raw["topics"].pop(0)
    settled(desk)
    assert not (desk.public / before[0].path).exists()
    desk.raw["topics"].insert(0, topic)
    settled(desk)
    assert read_archives(desk.public, "topics/politik") == before


def test_pages_are_kept_as_long_as_keep_stories_says(desk: Desk, server: PartnerServer) -> None:
    desk.raw["keep"] = {"stories": "60d"}
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    desk.now += 30 * DAY
    polls(desk, server, 5, 6, 7, 8)
    settled(desk)
    assert len(read_archives(desk.public)) == 2
    desk.now = NOW + 61 * DAY
    settled(desk)
    (page,) = read_archives(desk.public)
    assert (numbers(page), page.path) == ({5, 6, 7, 8}, "feeds/all/archive-2.atom")
    assert not (desk.public / "feeds/all/archive-1.atom").exists()
    desk.now = NOW + 100 * DAY
    settled(desk)
    assert read_archives(desk.public) == []
    assert not (desk.public / page.path).exists()


def test_nothing_new_writes_nothing(desk: Desk, server: PartnerServer) -> None:
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    settled(desk)
    before = desk.files()
    desk.poll()
    desk.publish()
    assert desk.files() == before


def test_what_is_taken_back_before_anything_left_the_feed_is_told_in_a_page(
    desk: Desk, server: PartnerServer
) -> None:
    desk.raw["partners"][0]["terms"]["expires_after"] = "2d"
    polls(desk, server, 1)
    desk.now += 3 * DAY
    settled(desk)
    assert (desk.titles(), read_archives(desk.public)) == ([], [])
    desk.now += 5 * DAY
    settled(desk)
    (page,) = read_archives(desk.public)
    assert len(page.deleted) == 1


def test_a_crowd_after_a_long_silence_is_archived(desk: Desk, server: PartnerServer) -> None:
    desk.raw["keep"] = {"stories": "60d"}
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    desk.now += 80 * DAY
    settled(desk)
    assert read_archives(desk.public) == []
    polls(desk, server, *range(5, 13), age=-80 * DAY)
    settled(desk)
    (page,) = read_archives(desk.public)
    assert (numbers(page), page.path) == (set(range(5, 13)), "feeds/all/archive-2.atom")


def test_what_came_before_the_archive_and_moves_up_is_archived_when_it_leaves(
    desk: Desk, server: PartnerServer
) -> None:
    polls(desk, server, 1, 2, 3, 4, 5, 6)
    first = set(desk.titles())
    desk.hide(desk.items()[0]["id"])
    (moved_up,) = set(desk.titles()) - first
    polls(desk, server, 7, 8, 9)
    settled(desk)
    (page,) = read_archives(desk.public)
    assert int(moved_up.removeprefix("Judul ")) in numbers(page)
    assert len(page.members) == LIMIT + 1 + 3


acts = st.lists(
    st.tuples(st.sampled_from(("new", "crowd", "correct", "hide", "unhide", "day")), st.integers(0, 30)),
    min_size=4,
    max_size=12,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
@example([("hide", 0), ("crowd", 0)])
@example([("hide", 0), ("day", 0), ("day", 0), ("day", 0), ("unhide", 0), ("crowd", 0)])
def test_whatever_happens_pages_keep_their_stories_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, server: PartnerServer, acts: list[tuple[str, int]]
) -> None:
    desk = small_desk(server, tmp_path_factory.mktemp("desk"))
    known: dict[str, frozenset[str]] = {}
    ids: list[str] = []
    hidden: set[str] = set()
    made = 0
    for act, number in (("new", 0), *acts):
        if act in ("new", "crowd"):
            more = range(made + 1, made + (2 if act == "new" else 6))
            made = more[-1]
            polls(desk, server, *more)
        elif act == "correct":
            server.bodies["/a"] = rss(
                item(number % made + 1, f"Judul {number % made + 1}", f"Ralat {desk.now}")
            )
            desk.poll("a")
        elif act == "day":
            desk.now += 3 * DAY
        elif ids:
            getattr(desk, act)(ids[number % len(ids)])
            hidden = hidden | {ids[number % len(ids)]} if act == "hide" else hidden - {ids[number % len(ids)]}
        settled(desk)
        current = read_page(desk.public, "feeds/all.atom")
        pages = members(read_archives(desk.public))
        assert {path: pages[path] for path in known} == known
        known = pages
        everything = set().union(current.members, *pages.values())
        ids += sorted(current.ids - set(ids))
        assert set(ids) <= everything
        assert len(everything) == made
        found = [current, *read_archives(desk.public)]
        assert not any(page.ids & page.deleted or page.ids & hidden for page in found)


def test_a_page_that_is_kept_back_is_told_until_it_is_made(
    desk: Desk, server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls(desk, server, 1)
    polls(desk, server, 2, 3, 4)
    settled(desk)
    before = read_archives(desk.public)

    def fitting(story: Story, *rest: Any) -> PrintStory:
        if story.entries[0].entry.title == "Judul 1":
            raise ZeroDivisionError
        return fit_to_print(story, *rest)

    monkeypatch.setattr("aggregator.fitting.fit_to_print", fitting)
    desk.hide("2")
    assert numbers(read_archives(desk.public)[0]) == {3, 4}
    desk.publish()
    assert [one.partition(": left out: ")[2][:14] for one in desk.status().warnings] == ["internal error"] * 2
    monkeypatch.undo()
    desk.unhide("2")
    desk.now += timedelta(minutes=2)
    settled(desk)
    assert desk.status().warnings == ()
    assert read_archives(desk.public) == before
