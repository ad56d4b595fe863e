from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.intake.identity import article_id, canonical_url, identify_all, without_repetitions
from aggregator.model.entry import Entry

PR = "https://pikiran-rakyat.com/internasional/pr-015956337/rusia-belarusia"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Pikiran-Rakyat.COM:80/internasional/pr-015956337/rusia-belarusia/?page=all#top", PR),
        ("https://m.pikiran-rakyat.com/internasional//pr-015956337/rusia-belarusia/amp/", PR),
        ("https://amp.pikiran-rakyat.com/internasional/pr-015956337/rusia-belarusia?amp=1&utm_source=x", PR),
        ("https://www.pikiran-rakyat.com./internasional/pr-015956337/rusia%2dbelarusia/index.html", PR),
        ("https://www.pikiran-rakyat.com/amp/internasional/pr-015956337/rusia-belarusia?m=1", PR),
        (
            "https://www-pikiran--rakyat-com.cdn.ampproject.org/c/s/www.pikiran-rakyat.com/internasional/pr-015956337/rusia-belarusia",
            PR,
        ),
        (
            "https://www.google.co.id/amp/s/www.pikiran-rakyat.com/internasional/pr-015956337/rusia-belarusia?page=all",
            PR,
        ),
        ("https://a.test/c/s/b.test/x", "https://a.test/c/s/b.test/x"),
        ("https://a.test/amp", "https://a.test"),
        ("https://a.test/amplop/x", "https://a.test/amplop/x"),
        ("https://a.test/x?b=2&a=1&a=0&fbclid=z&gclid=", "https://a.test/x?a=1&a=0&b=2"),
        ("https://a.test/x?b=2&amp;utm_medium=rss&amp;c=3", "https://a.test/x?b=2&c=3"),
        ("https://a.test/?p=123", "https://a.test?p=123"),
        ("https://a.test:8443/é/%c3%a9/%7euser", "https://a.test:8443/%C3%A9/%C3%A9/~user"),
        ("https://m.com/x", "https://m.com/x"),
        ("https://www.a.test/", "https://a.test"),
        ("https://berita.bücher.test/x", "https://berita.xn--bcher-kva.test/x"),
        ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"),
        ("https://user:pw@a.test/x", "https://a.test/x"),
        ("urn:uuid:7d444840-9dc0-11d1-b245-5ffdce74fad2", ""),
        ("ftp://a.test/x", ""),
        ("https://a..test/", ""),
        ("https://a.test:port/", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


PIECES = st.lists(
    st.sampled_from(
        ["/", "//", "amp", "index.html", ".amp", "?", "&", "=", "amp;", "utm_x=1", "page=all", "%", "%2", "%41",
         "%2F", "%e9", "é", "www.", "m.", ":80", ":443", ".", "a", "A", "#", " ", "+", ";", "@", "。", "\ud800"]
    )
    | st.characters(),
    max_size=12,
)  # fmt: skip


@given(st.sampled_from(["http://a.test", "https://www.m.a.test", "HTTPS://", "http://amp."]), PIECES)
def test_a_canonical_url_is_its_own(start: str, pieces: list[str]) -> None:
    canonical = canonical_url(start + "".join(pieces))
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        (PR, "pikiran-rakyat.com#015956337"),
        ("https://news.detik.com/berita/d-7966123/judul", "news.detik.com#7966123"),
        ("https://www.liputan6.com/crypto/read/6051205/harga-kripto-13-juni-2025", "liputan6.com#6051205"),
        ("https://daerah.sindonews.com/read/1578401/157/judul-1749557177", "daerah.sindonews.com#1578401"),
        ("https://a.test/hukum/judul-berita-6055946.html", "a.test#6055946"),
        ("https://a.test/?p=123", "a.test#123"),
        ("https://a.test/?page=2&xp=123", ""),
        ("https://a.test/judul-20250613", ""),
        ("https://a.test/judul-13062025", ""),
        ("https://a.test/judul-130625", ""),
        ("https://a.test/judul-20250613103015", ""),
        ("https://a.test/bansos-rp-600000", ""),
        ("https://a.test/read/2025/06/18/19465821/judul", "a.test#2025/06/18/19465821"),
        ("https://a.test/read/2025/06/18/340/3148219/judul", "a.test#3148219"),
        ("https://a.test/nasional/20250618103015-12-1240979/judul", "a.test#1240979"),
        ("https://a.test/berita/1823456-judul-berita", "a.test#1823456"),
        ("https://a.test/judul-berita-443210-mvk.html", "a.test#443210"),
        ("https://a.test/500000-warga-mengungsi", ""),
        ("https://a.test/jadwal-liga-20252026", ""),
        ("https://a.test/tahun-ajaran-202511", ""),
        ("https://a.test/news/202611/kpk-tangkap", ""),
        ("https://a.test/harga-emas-rp-2345500", ""),
        ("https://a.test/hubungi-081234567890", ""),
        ("https://a.test/kanal?p=123", ""),
        ("https://a.test/index.php?p=123&lang=id", "a.test#123"),
        ("https://a.test/20250618-judul", ""),
        ("https://a.test/read/2025/06/18/093023/judul", ""),
        ("https://a.test/judul-12345", ""),
        ("https://a.test/123456/foto", ""),
        ("", ""),
    ],
)
def test_article_id(url: str, identity: str) -> None:
    assert article_id(canonical_url(url)) == identity


def entry(
    guid: str = "",
    url: str = "",
    title: str = "Judul",
    html: str = "<p>Isi</p>",
    *,
    at: datetime | None = None,
) -> Entry:
    return Entry(guid=guid, url=url, title=title, html=html, published_at=at)


def test_every_rung_of_a_sound_entry() -> None:
    (identity,) = identify_all([entry("urn:1", PR + "?utm_source=rss")])
    assert (identity.guid, identity.article_id, identity.canonical_url) == (
        "urn:1",
        "pikiran-rakyat.com#015956337",
        PR,
    )
    assert identity.key == "guid:urn:1"


def test_what_stands_on_two_entries_identifies_neither() -> None:
    one, two = identify_all([entry("same", "https://a.test/1"), entry("same", "https://a.test/2", "Lain")])
    assert (one.guid, two.guid) == ("", "")
    assert (one.key, two.key) == ("canonical_url:https://a.test/1", "canonical_url:https://a.test/2")
    shared = identify_all([entry("g1", PR, "Satu"), entry("g2", PR + "?page=all", "Dua")])
    assert [(identity.guid, identity.article_id, identity.canonical_url) for identity in shared] == [
        ("g1", "", ""),
        ("g2", "", ""),
    ]


def test_exact_repetitions_share_their_identity() -> None:
    one, two = identify_all([entry("g", "https://a.test/1"), entry("g", "https://www.a.test/1/")])
    assert one == two
    assert one.guid == "g"


def test_an_article_listed_twice_is_taken_once_in_full() -> None:
    full, bare = entry("g", "https://a.test/1"), entry("g", "https://www.a.test/1/", "JUDUL", "")
    other = entry("h", "https://a.test/1", "Lain")
    nameless = entry()
    assert without_repetitions([bare, other, full]) == (full, other)
    assert without_repetitions([full, bare, other]) == (full, other)
    assert without_repetitions([nameless, nameless]) == (nameless, nameless)


def test_an_article_told_in_two_channels_under_one_guid_is_taken_once() -> None:
    one, two = entry("g", "https://a.test/politik/satu"), entry("g", "https://a.test/nasional/satu")
    other = entry("g", "https://a.test/nasional/dua", "Lain")
    assert without_repetitions([one, two, other]) == (one, other)
    assert without_repetitions(
        [entry("g", "https://a.test/1", html=""), entry("g", "https://a.test/2", html="")]
    ) == (
        entry("g", "https://a.test/1", html=""),
        entry("g", "https://a.test/2", html=""),
    )


OLD, NEW = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (5, 6))


@pytest.mark.parametrize(
    "versions, taken",
    [
        ([entry("g", PR, "Lama", at=OLD), entry("g", PR, "Baru", at=NEW)], "Baru"),
        ([entry("g", PR, "Baru", at=NEW), entry("g", PR, "Lama", at=OLD)], "Baru"),
        ([entry("g", PR, "Baru"), entry("g", PR, "Lama")], "Baru"),
        ([entry("g", PR, "Baru"), entry("g", f"{PR}-ralat", "Lama")], "Baru"),
        ([entry("g", PR, "Kosong", "", at=NEW), entry("g", PR, "Penuh", at=OLD)], "Penuh"),
        ([entry("g", "https://a.test/1", "Baru"), entry("g", "https://a.test/1", "Lama")], "Baru"),
    ],
    ids=["latest", "latest above", "undated: first", "same number", "with text", "no number"],
)
def test_of_two_versions_in_one_document_one_is_taken(versions: list[Entry], taken: str) -> None:
    assert [one.title for one in without_repetitions(versions)] == [taken]


@pytest.mark.parametrize(
    "different",
    [
        [entry("g", "https://a.test/1", "Satu"), entry("g", "https://a.test/2", "Dua")],
        [entry("g", PR, "Satu"), entry("h", PR, "Dua")],
        [entry("", PR, "Satu"), entry("", PR, "Dua")],
        [entry("1", PR, "Satu"), entry("1", PR, "Dua")],
        [entry("g", "https://a.test/", "Satu"), entry("g", "https://a.test/", "Dua")],
        [entry("g", "https://a.test/berita", f"Judul {number}") for number in range(4)],
    ],
    ids=["guid", "address", "no guid", "position", "front page", "the feed's own guid and address"],
)
def test_articles_that_share_less_stay_apart(different: list[Entry]) -> None:
    assert without_repetitions(different) == tuple(different)


@pytest.mark.parametrize("guid", ["", "1", "42", "999", " 7 "])
def test_positions_are_no_guids(guid: str) -> None:
    assert identify_all([entry(guid)])[0].guid == ""


@pytest.mark.parametrize(
    "url",
    ["https://a.test", "https://www.a.test/", "https://a.test/?utm_source=rss", "https://a.test/index.html"],
)
def test_the_front_page_is_no_article(url: str) -> None:
    (identity,) = identify_all([entry(url=url)])
    assert identity.canonical_url == ""
    assert identity.key.startswith("content:1:")


def test_content_ignores_markup_case_and_spacing() -> None:
    contents = {
        identify_all([entry(title=title, html=html)])[0].content
        for title, html in [("Judul", "<p>Isi &amp; nasi</p>"), (" JUDUL", "isi  &\n<b>nasi</b>")]
    }
    assert len(contents) == 1
    assert identify_all([entry(title="", html="<img>")])[0].content == ""


ENTRIES = st.lists(
    st.builds(
        entry,
        guid=st.sampled_from(["", "a", "b", "1"]),
        url=st.sampled_from(
            ["", "https://a.test/x-1234567", "https://www.a.test/x-1234567/", "https://a.test/y"]
        ),
        title=st.sampled_from(["", "A", "a", "B"]),
    ),
    max_size=8,
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_identity_does_not_depend_on_the_order(entries: list[Entry], chance: random.Random) -> None:
    order = list(range(len(entries)))
    chance.shuffle(order)
    expected = identify_all(entries)
    assert identify_all([entries[i] for i in order]) == tuple(expected[i] for i in order)


FORMS = (
    "{host}/{channel}/pr-{n:09d}/{slug}",
    "{host}/{channel}/d-{n}/{slug}",
    "{host}/{channel}/read/{n}/{slug}",
    "{host}/berita/{n}/{slug}",
    "{host}/{channel}/{slug}-{n}",
    "{host}/{slug}-{n}.html",
    "{host}/?p={n}",
    "{host}/{channel}/{n}-{slug}",
    "{host}/read/2025/06/18/340/{n}/{slug}",
    "{host}/nasional/20250618103015-12-{n}/{slug}",
    "{host}/baca.php?id={n}",
)
DRESSES = (
    "", "?utm_source=rss", "?page=all", "#isi", "/", "?fbclid=x&page=all", "?amp=1", "?m=1",
)  # fmt: skip
FRONTS = ("https://www.", "http://", "https://m.", "https://amp.", "HTTPS://WWW.")


def generated(seed: int) -> list[tuple[str, str, int]]:
    """10,000 addresses of articles as sites write them, each with its form and article number."""
    dice = random.Random(seed)
    slugs = [
        "banjir-jambi",
        "harga-karet-naik",
        "gubernur-lantik-pejabat",
        "persib-menang-2-0",
        "hut-ri-ke-80",
    ]
    found = []
    for _ in range(10_000):
        form, number = dice.choice(FORMS), dice.randrange(1_000_000, 9_999_999)
        site = form.format(
            host="berita.example",
            channel=dice.choice(["hukum", "ekonomi"]),
            slug=dice.choice(slugs),
            n=number,
        )
        dress = dice.choice(DRESSES)
        if "?" in site:
            dress = dress.replace("?", "&").replace("/", "")
        found.append((dice.choice(FRONTS) + site + dress, form, number))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_no_two_of_ten_thousand_articles_are_joined_and_dress_parts_none(seed: int) -> None:
    by_address: dict[str, set[int]] = {}
    by_number: dict[str, set[int]] = {}
    numbered = 0
    for url, form, number in generated(seed):
        canonical = canonical_url(url)
        assert canonical_url(canonical) == canonical
        by_address.setdefault(canonical, set()).add(number)
        if own := article_id(canonical):
            numbered += 1
            by_number.setdefault(own, set()).add(number)
        bare = "https://" + url.partition("://")[2].lower().removeprefix("www.").removeprefix(
            "m."
        ).removeprefix("amp.")
        for dress in DRESSES[1:]:
            bare = bare.removesuffix(dress).removesuffix(dress.replace("?", "&"))
        assert canonical == canonical_url(bare), (url, form)
    assert all(len(numbers) == 1 for numbers in by_address.values())
    assert all(len(numbers) == 1 for numbers in by_number.values())
    assert numbered > 8_000


SOME_URLS = [url for url, _, _ in generated(7)[:12]] * 2


@given(st.randoms(use_true_random=False))
def test_identity_does_not_depend_on_the_order_of_entries(dice: random.Random) -> None:
    entries = [
        entry(
            dice.choice(["", "1", "sama", f"g{n}"]),
            dice.choice([url, ""]),
            f"Judul {n % 5}",
            f"<p>{n % 3}</p>",
        )
        for n, url in enumerate(SOME_URLS)
    ]
    mixed = dice.sample(entries, len(entries))
    assert sorted(map(repr, identify_all(entries))) == sorted(map(repr, identify_all(mixed)))
    by_entry = dict(zip(map(repr, entries), identify_all(entries), strict=True))
    assert [by_entry[repr(one)] for one in mixed] == list(identify_all(mixed))
