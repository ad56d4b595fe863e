"""Which feeds of a list become sources: whose they are, what they are called, and what is not taken."""

from __future__ import annotations

import time

import pytest
from config_sample import SAMPLE, load
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.additions import Additions, plan_additions
from aggregator.config.edit import append_items
from aggregator.model.opml import ListedFeed
from aggregator.net.guard import Guard

CONFIG = load()
FALLBACK = CONFIG.partner("paper")
PLANNED_WITHIN_S = 20  # of processor time; measured 3 s


def plan(*feeds: ListedFeed, fallback: bool = False) -> Additions:
    return plan_additions(CONFIG, feeds, FALLBACK if fallback else None, Guard([]).check_url)


def feed(url: str, title: str = "", site_url: str = "") -> ListedFeed:
    return ListedFeed(url, title, title, site_url)


OWNERS = {  # name: (feed, the partner it belongs to, and the new partner's name, site and domain)
    "on a partner's domain": (feed("https://agency.example/x"), "agency", None),
    "below a partner's domain": (feed("https://rss.agency.example/x"), "agency", None),
    "whose site is a partner's": (feed("https://feeds.test/x", site_url="https://www.paper.example/"), "paper", None),
    "its own host goes before its site": (
        feed("https://agency.example/x", site_url="https://paper.example/"),
        "agency",
        None,
    ),
    "a name that only ends like a domain": (
        feed("https://notagency.example/x", "Bukan"),
        "bukan",
        ("Bukan", "https://notagency.example/", "notagency.example"),
    ),
    "of a stranger with a site": (
        feed("https://feeds.test/kota", "Kota Kita", "https://www.kota.example/news/"),
        "kota-kita",
        ("Kota Kita", "https://www.kota.example/news/", "kota.example"),
    ),
    "of a stranger without": (
        feed("http://www.kota.example:8080/feed", "Kota"),
        "kota",
        ("Kota", "http://www.kota.example:8080/", "kota.example"),
    ),
    "of a stranger without a name": (
        feed("https://kota.example/feed"),
        "kota-example",
        ("kota.example", "https://kota.example/", "kota.example"),
    ),
    "whose site cannot be a partner's": (
        feed("https://kota.example/feed", "Kota", "http://192.168.0.1/"),
        "kota",
        ("Kota", "https://kota.example/", "kota.example"),
    ),
    "whose name would be a variable": (
        feed("https://kota.example/feed", "Kota ${HOME}"),
        "kota-home",
        ("Kota {HOME}", "https://kota.example/", "kota.example"),
    ),
    "an international name": (
        feed("https://bücher.example/feed", "Bücher"),
        "bucher",
        ("Bücher", "https://bücher.example/", "xn--bcher-kva.example"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OWNERS)
def test_whose_a_feed_is(name: str) -> None:
    listed, partner_id, new = OWNERS[name]
    planned = plan(listed)
    (source,) = planned.sources
    assert (source.partner, source.url, source.enabled) == (partner_id, listed.url, True)
    found = [(one.name, one.url, *one.domains) for one in planned.partners]
    assert found == ([new] if new else [])
    assert all(one.terms is None for one in planned.partners)


def test_a_named_partner_stands_in_where_no_domain_tells() -> None:
    planned = plan(feed("https://x.test/"), feed("https://agency.example/"), fallback=True)
    assert [source.partner for source in planned.sources] == ["paper", "agency"]
    assert planned.partners == ()


def test_feeds_of_one_new_site_have_one_partner_that_no_section_names() -> None:
    sections = [feed(f"https://kota.example/{name}", f"Kota {name}") for name in ("bola", "hukum")]
    planned = plan(*sections)
    (partner,) = planned.partners
    assert (partner.id, partner.name) == ("kota-example", "kota.example")
    assert [(source.id, source.partner) for source in planned.sources] == [
        ("kota-bola", "kota-example"),
        ("kota-hukum", "kota-example"),
    ]


IDS = {
    "Kompas.com - Ekonomi & Bisnis": "kompas-com-ekonomi-bisnis",
    "  Café Ñandú ": "cafe-nandu",
    "Agency": "agency-2",  # agency is taken
    "مرحبا": "kota-example",
    "2024": "2024",
    "---": "kota-example",
    "a" * 200: "a" * 60,
    "a" * 59 + " b": "a" * 59,
}


@pytest.mark.parametrize("title", IDS)
def test_an_id_is_made_of_the_title_or_else_the_host(title: str) -> None:
    (source,) = plan(feed("https://www.kota.example/feed", title)).sources
    assert source.id == IDS[title]


def test_ids_are_unique_and_each_address_is_added_once() -> None:
    same = [feed(f"https://kota.example/{number}", "RSS") for number in (1, 2, 3)]
    planned = plan(*same, feed("http://KOTA.example/2/", "RSS"))
    assert [source.id for source in planned.sources] == ["rss", "rss-2", "rss-3"]
    assert [problem.message for problem in planned.skipped] == ["is a source already, rss-2"]


@pytest.mark.parametrize(
    "url", ["https://agency.example/rss", "http://agency.example/rss/", "https://AGENCY.example/rss#x"]
)
def test_what_is_polled_already_is_skipped(url: str) -> None:
    planned = plan(feed(url, "Lain"))
    assert planned.sources == ()
    assert [(one.subject, one.message) for one in planned.skipped] == [(url, "is a source already, agency")]


REFUSED = {
    "javascript:alert(1)": "expected an address such as",
    "feed://kota.example/": "expected an address such as",
    "kota.example/feed": "expected an address such as",
    "https://user:geheim@kota.example/": "a user name or password",
    "https://kota.example/" + "x" * 2000: "at most 2000 characters",
    "https://kota.example/${HOME}": "begins a variable",
    "http://[kota.example/": "expected an address such as",
    "https://kota.example/a b": "expected an address such as",
    "http://127.0.0.1/": "loopback",
    "http://8.8.8.8/feed": "name its partner with --partner",
    "http://intranet/feed": "name its partner with --partner",
    "https://example/feed": "name its partner with --partner",
    "http://kota.example:25/": "port 25",
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_cannot_be_a_source_is_refused_in_words_and_costs_no_other(url: str) -> None:
    planned = plan(feed("https://a.example/1"), feed(url, "X"), feed("https://b.example/2"))
    assert [source.url for source in planned.sources] == ["https://a.example/1", "https://b.example/2"]
    ((subject, message),) = [(one.subject, one.message) for one in planned.refused]
    assert subject == url
    assert REFUSED[url] in message
    assert "geheim" not in message


def test_no_new_partner_takes_in_the_domain_of_another() -> None:
    config = load(SAMPLE.replace("[paper.example]", "[news.paper.example]"))
    planned = plan_additions(config, [feed("https://paper.example/2")], None, Guard([]).check_url)
    assert not planned.sources and not planned.partners
    assert "would take in news.paper.example, which belongs to paper" in planned.refused[0].message


@pytest.mark.slow
def test_two_thousand_strangers_are_planned_in_time() -> None:
    started_s = time.process_time()
    planned = plan(*(feed(f"https://h{n}.example/feed", "RSS") for n in range(2000)))
    assert len(planned.partners) == len(planned.sources) == 2000
    assert time.process_time() - started_s < PLANNED_WITHIN_S


_TEXT = st.text(max_size=30)
_URL = st.one_of(
    _TEXT,
    _TEXT.map(lambda text: f"https://kota.example/{text}"),
    _TEXT.map(lambda text: f"https://{text}.example/"),
    st.from_regex(r"https?://[a-z.@:\[\]0-9%\\]{0,20}/[ -~]{0,10}", fullmatch=True),
)


@pytest.mark.slow
@given(st.lists(st.builds(ListedFeed, _URL, _TEXT, _TEXT, _URL), max_size=6))
def test_whatever_a_list_says_feeds_yaml_stays_valid_and_nothing_is_lost_without_a_word(
    feeds: list[ListedFeed],
) -> None:
    planned = plan(*feeds)
    after = append_items(
        SAMPLE,
        {
            "partners": [one.model_dump(exclude_unset=True) for one in planned.partners],
            "sources": [one.model_dump(exclude_unset=True) for one in planned.sources],
        },
    )
    config = load(after)
    assert config.sources == (*CONFIG.sources, *planned.sources)
    assert config.partners == (*CONFIG.partners, *planned.partners)
    assert len(feeds) == len(planned.sources) + len(planned.skipped) + len(planned.refused)
