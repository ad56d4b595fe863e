"""What a person is asked to look at, and how it is listed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from editorial_desk.editorial_samples import (
    COPY_URL,
    INDONESIA_DAILY,
    PIKIRAN_RAKYAT,
    SEEN_AT,
    config,
    partner,
    stored,
    terms,
)

from aggregator.config.model import CutLine
from aggregator.editorial import credits, signatures
from aggregator.editorial.review import CREDIT_RULES, Reviewer, known_rules, review
from aggregator.model.entry import Provenance
from aggregator.model.reading import Cut, Doubt, Facts
from aggregator.model.review import ReviewedEntry

T = "Judul di Asalnya"
CARRIED = Provenance("kompas.com", T, form="carried")
LOOSE = partner("loose", "loose.example")
BRIEF = partner("brief", "brief.example", terms=terms(content="excerpt"))
CONFIG = config(partners=(PIKIRAN_RAKYAT, INDONESIA_DAILY, LOOSE, BRIEF))
NO_PARTNER = "its origin kompas.com is no partner of ours: published {}, as the terms of {} allow"

CREDITS = {
    "no credit": (None, ""),
    "only refers to a site": (Provenance("kompas.com", ""), ""),
    "quotes an article": (CARRIED, "in full"),
    "reposts an article": (Provenance("kompas.com", "", form="reposted"), "in full"),
    "names its source": (Provenance("kompas.com", "", form="source"), "in full"),
    "through a network of ours": (
        Provenance("kompas.com", T, network="indonesiadaily.co.id", form="carried"),
        "in full",
    ),
    "its own partner's": (Provenance("pikiran-rakyat.com", T, form="reposted"), ""),
    "its own partner's, below": (Provenance("depok.pikiran-rakyat.com", T, form="reposted"), ""),
    "another partner's, below": (Provenance("news.indonesiadaily.co.id", T, form="carried"), ""),
    "a name without a host": (Provenance("", T, form="reposted"), ""),
    "an authority": (Provenance("kemkes.go.id", T, form="carried"), ""),
    "a site of facts": (Provenance("logammulia.com", "", form="source"), ""),
    "ours": (Provenance("jambiseru.com", T, form="carried"), ""),
    "a host that only ends alike": (Provenance("xpikiran-rakyat.com", T, form="carried"), "in full"),
}


@pytest.mark.parametrize(("credit", "shown"), CREDITS.values(), ids=CREDITS)
def test_an_origin_that_is_no_partner_is_flagged(credit: Provenance | None, shown: str) -> None:
    words = NO_PARTNER.format(shown, "pikiran-rakyat").replace("kompas.com", credit.host if credit else "")
    expected = (Doubt("origin", words),) if shown else ()
    assert Reviewer(CONFIG).doubts_of(stored(provenance=credit)) == expected


@pytest.mark.parametrize(
    ("partner_id", "address", "shown"),
    [
        ("pikiran-rakyat", "https://pikiran-rakyat.com/a", "in full"),
        ("brief", "https://brief.example/a", "as an excerpt"),
        ("loose", "https://loose.example/a", "as headline and link"),
    ],
)
def test_a_stranger_is_published_as_its_carriers_terms_allow(
    partner_id: str, address: str, shown: str
) -> None:
    entry = stored(source_id=partner_id, canonical_url=address, provenance=CARRIED)
    (doubt,) = Reviewer(CONFIG).doubts_of(entry)
    assert doubt == Doubt("origin", NO_PARTNER.format(shown, partner_id))


HOSTS = {
    "at home": ("https://pikiran-rakyat.com/a", ""),
    "below": ("https://depok.pikiran-rakyat.com/a", ""),
    "with a port": ("https://pikiran-rakyat.com:8443/a", ""),
    "nobody's": (
        "https://blog.example/a",
        "its address is on blog.example, in nobody's domains: is it published by pikiran-rakyat? then add it there",
    ),
    "named only in the path": (
        "https://blog.example/pikiran-rakyat.com/a",
        "its address is on blog.example, in nobody's domains: is it published by pikiran-rakyat? then add it there",
    ),
    "another partner's": (
        "https://m.indonesiadaily.co.id/a",
        "its address is on m.indonesiadaily.co.id, a host of indonesia-daily, but its source is one of pikiran-rakyat",
    ),
    "none": ("", ""),
}


@pytest.mark.parametrize(("address", "words"), HOSTS.values(), ids=HOSTS)
def test_an_address_away_from_its_partner_is_flagged(address: str, words: str) -> None:
    entry = stored(canonical_url=address, of_entry={"url": address})
    assert Reviewer(CONFIG).doubts_of(entry) == ((Doubt("host", words),) if words else ())


def test_without_a_canonical_address_its_own_counts() -> None:
    entry = stored(canonical_url="", of_entry={"url": "https://blog.example/"})
    (doubt,) = Reviewer(CONFIG).doubts_of(entry)
    assert (doubt.kind, "blog.example" in doubt.text) == ("host", True)


def test_doubts_about_the_text_come_first_and_a_rule_is_named_with_its_partner() -> None:
    texts = (Doubt("pasted-in", "AlAMerika exander"), Doubt("rule", "cut[1] took too long"))
    entry = stored(
        facts=Facts(doubts=texts),
        canonical_url=COPY_URL,
        provenance=CARRIED,
    )
    found = Reviewer(CONFIG).doubts_of(entry)
    assert [doubt.kind for doubt in found] == ["pasted-in", "rule", "origin", "host"]
    assert (
        found[1].text
        == "cut[1] took too long and was given up: look at that rule of pikiran-rakyat in feeds.yaml"
    )


def test_of_a_partner_that_left_feeds_yaml_only_the_text_is_doubted() -> None:
    facts = Facts(doubts=(Doubt("correction", "Ralat: ..."),))
    entry = stored(source_id="gone", facts=facts, provenance=CARRIED)
    assert Reviewer(CONFIG).doubts_of(entry) == facts.doubts


# --- the list ---

CUT = Cut("readmore-title", "Baca juga: Harga Karet Naik")
PASTED = Doubt("pasted-in", "AlAMerika exander")


def reviewed(
    name: str, *, cuts: tuple[Cut, ...] = (), doubts: tuple[Doubt, ...] = (), **more: Any
) -> ReviewedEntry:
    entry = ReviewedEntry(
        story_id=7,
        source_id="pikiran-rakyat",
        partner_id="pikiran-rakyat",
        title=name,
        address="https://pikiran-rakyat.com/a",
        first_seen_at=SEEN_AT - timedelta(hours=1),
        facts=Facts(cuts=cuts, doubts=doubts),
        provenance=None,
        is_shown=True,
    )
    return replace(entry, **more)


ENTRIES = (
    reviewed("plain"),
    reviewed("cut", cuts=(CUT, Cut("dateline", "JAMBI -"))),
    reviewed("doubtful, unpublished", doubts=(PASTED,), is_shown=False, refusal="embargo until 9"),
    reviewed("both", cuts=(CUT,), doubts=(PASTED, Doubt("correction", "Ralat: ..."))),
)


@pytest.mark.parametrize(
    ("options", "titles", "cuts", "doubts"),
    [
        (
            {},
            ["cut", "doubtful, unpublished", "both"],
            (("readmore-title", 2), ("dateline", 1)),
            (("pasted-in", 2), ("correction", 1)),
        ),
        ({"rule": "dateline"}, ["cut"], (("dateline", 1),), ()),
        ({"rule": "paging"}, [], (), ()),
        ({"doubts_only": True}, ["both", "doubtful, unpublished"], (), (("pasted-in", 2), ("correction", 1))),
    ],
    ids=["all", "one rule", "a rule that cut nothing", "doubts, published first"],
)
def test_what_is_listed_and_counted(
    options: dict[str, Any], titles: list[str], cuts: tuple[object, ...], doubts: tuple[object, ...]
) -> None:
    found = review(ENTRIES, CONFIG, limit=10, **options)
    assert [finding.title for finding in found.findings] == titles
    assert (found.entries, found.found, found.cuts, found.doubts) == (4, len(titles), cuts, doubts)


def test_counts_are_of_everything_whatever_is_listed() -> None:
    found = review(ENTRIES, CONFIG, limit=1)
    assert [finding.title for finding in found.findings] == ["cut"]
    assert (found.found, found.cuts) == (3, (("readmore-title", 2), ("dateline", 1)))


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({}, "published"),
        ({"is_shown": False, "refusal": "embargo until 9"}, "in no feed: embargo until 9"),
        ({"is_shown": False, "is_copy": True}, "a copy: readers get another entry of its story"),
        ({"is_shown": False}, "in no feed now"),
    ],
)
def test_why_readers_get_an_entry_or_not(more: dict[str, Any], standing: str) -> None:
    (finding,) = review([reviewed("one", cuts=(CUT,), **more)], CONFIG, limit=1).findings
    assert finding.standing == standing


def test_no_text_can_command_a_terminal() -> None:
    poison = "A\x1b]0;x\x07\x9b31m\r\n\u202eB\u2028\ud800C"
    entry = reviewed(
        poison,
        cuts=(Cut("dateline", poison),),
        doubts=(Doubt("pasted-in", poison),),
        address=f"https://pikiran-rakyat.com/{poison}",
        is_shown=False,
        refusal=poison,
    )
    (finding,) = review([entry], CONFIG, limit=1).findings
    texts = (finding.title, finding.address, finding.standing, finding.cuts[0].text, finding.doubts[0].text)
    assert all(text.isprintable() and text.encode() for text in texts)
    assert finding.title == "A ]0;x 31m B C"


def test_every_rule_that_may_cut_is_known() -> None:
    owned = PIKIRAN_RAKYAT.model_copy(update={"cut": (CutLine(line="a"), CutLine(line="b"))})
    known = known_rules(config(partners=(owned, INDONESIA_DAILY)))
    assert {"readmore-title", "dateline", "cut[0]", "cut[1]"} <= known
    assert "cut[2]" not in known


def test_the_rules_for_credits_are_all_named() -> None:
    used = set()
    for module in (credits, signatures):
        source = Path(module.__file__ or "").read_text("utf-8")
        used |= set(re.findall(r"(?:Cut|Signature|\.remove)\(\"([a-z-]+)\"", source))
    assert used == CREDIT_RULES
