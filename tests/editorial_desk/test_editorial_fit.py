"""What is printed under each kind of terms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from editorial_desk.editorial_samples import (
    ARTICLE,
    CREDIT,
    HEADLINE,
    NOW,
    ORIGIN_URL,
    PIKIRAN_RAKYAT,
    PUBLISHED_AT,
    config,
    source,
    stored,
    story,
    terms,
)

from aggregator.config.model import Attribution
from aggregator.editorial.attribution import credit_text
from aggregator.editorial.fit import fit_to_print, lead_of
from aggregator.model.entry import Image
from aggregator.model.html import SafeHtml
from aggregator.model.reading import Facts
from aggregator.model.story import Category, Origin, PrintStory, Published, Story

BODY = SafeHtml("<p>Isi berita yang sudah bersih.</p>")
PUBLISHED = Published("urn:uuid:1", "https://lama.example/1", PUBLISHED_AT, NOW)
IMAGE = Image("https://img.example/1.jpg")


def settled(**more: Any) -> Story:
    return story(
        stored(1, **more),
        published=PUBLISHED,
        shown_entry_id=1,
        updated_at=NOW,
        topics=("internasional", "hilang"),
    )


def printed(story: Story | None = None, body: SafeHtml = BODY, **partner_fields: Any) -> PrintStory:
    one = PIKIRAN_RAKYAT.model_copy(update=partner_fields)
    partners = (one, *config().partners[1:])
    sources = (source("pikiran-rakyat", title_prefix_strip=("BREAKING NEWS: ",)),)
    return fit_to_print(story or settled(), config(partners=partners, sources=sources), body)


def test_full_text_with_everything_around_it() -> None:
    image = settled(of_entry={"image": IMAGE, "authors": ("Siti Aminah",)})
    one = printed(image)
    assert one.content.markup.startswith(f"{BODY.markup}<p>seperti dikutip")
    assert credit_text(SafeHtml(one.content.markup.removeprefix(BODY.markup))) == CREDIT
    assert (one.id, one.url, one.published_at, one.updated_at) == (
        PUBLISHED.id,
        PUBLISHED.url,
        PUBLISHED_AT,
        NOW,
    )
    assert (one.title, one.authors, one.image, one.language) == (HEADLINE, ("Siti Aminah",), IMAGE, "id")
    assert one.categories == (Category("internasional", "Internasional"),)
    feed = "https://pikiran-rakyat.example/feed"
    assert one.origin == Origin("Pikiran Rakyat", "https://www.pikiran-rakyat.com/", feed, feed)
    assert one.via_url == ORIGIN_URL


@pytest.mark.parametrize(
    ("in_feed", "in_text", "expected"),
    [
        (("Rina Putri",), ("Siti Aminah",), ("Rina Putri",)),
        (("admin",), ("Siti Aminah",), ("Siti Aminah",)),
        (("Redaksi",), ("Siti Aminah",), ("Siti Aminah",)),
        (("Administrator", "Rina Putri"), ("Siti Aminah",), ("Rina Putri",)),
        (("Editor",), (), ("Editor",)),
        ((), ("Siti Aminah",), ("Siti Aminah",)),
    ],
)
def test_writers_are_people_where_the_feed_or_the_text_names_one(
    in_feed: tuple[str, ...], in_text: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    story = settled(of_entry={"authors": in_feed}, facts=Facts(reporters=in_text))
    assert printed(story).authors == expected


def test_a_foreign_dateline_that_the_sites_own_replaces_is_credited() -> None:
    story = settled(facts=Facts(agency="KOMPAS.com"))
    for dateline, named in ((None, False), ("Jambi Seru", True)):
        site = config().site.model_copy(update={"dateline": dateline})
        one = fit_to_print(story, config().model_copy(update={"site": site}), BODY)
        assert ("kompas.com" in credit_text(one.content)) == named


def test_the_credit_may_lead() -> None:
    one = printed(attribution=Attribution(position="lead", template="{headline}"))
    assert one.content.markup.endswith(BODY.markup)
    assert credit_text(one.content).startswith(HEADLINE)


@pytest.mark.parametrize(
    "no_terms", [None, terms(content="headline", images="none")], ids=["no terms", "headline"]
)
def test_headline_and_link_only(no_terms: Any) -> None:
    one = printed(settled(of_entry={"image": IMAGE, "summary_html": "<p>Ringkasan.</p>"}), terms=no_terms)
    assert credit_text(one.content) == CREDIT
    assert (one.summary, one.image) == ("", None)


def test_an_excerpt_ends_at_its_last_allowed_word() -> None:
    one = printed(terms=terms(content="excerpt", excerpt_words=5))
    assert one.content.markup.startswith(
        "<p>Rusia dan Belarusia menandatangani perjanjian…</p><p>seperti dikutip"
    )
    assert one.summary == "Rusia dan Belarusia menandatangani perjanjian…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("火山喷发后数百名居民撤离到安全地区并等待政府援助", "火山喷发后数百名居民…"),
        ("ภูเขาไฟระเบิดทำให้ชาวบ้านหลายร้อยคนต้องอพยพ", "ภูเขาไฟระเ…"),
        ("a" * 500, "a" * 300 + "…"),
        ("Gempa di 仙台 pagi ini, warga mengungsi", "Gempa di 仙台 pagi ini,…"),
        ("lima kata saja yang ada", "lima kata saja yang ada"),
    ],
    ids=["chinese", "thai", "one long word", "mixed", "just as many"],
)
def test_an_excerpt_is_one_in_scripts_without_spaces_too(text: str, shown: str) -> None:
    one = printed(settled(text=text), terms=terms(content="excerpt", excerpt_words=5))
    assert one.content.markup.startswith(f"<p>{shown}</p>")


def test_summary_and_body_of_an_excerpt_are_the_same_words() -> None:
    story = settled(of_entry={"summary_html": "<p>Ringkasan mitra sendiri.</p>"})
    one = printed(story, terms=terms(content="excerpt", excerpt_words=50))
    assert one.content.markup.startswith(f"<p>{one.summary}</p><p>seperti dikutip")
    assert len(one.summary.split()) == 50


def test_an_entry_without_a_date_is_credited_with_its_storys() -> None:
    dated = Attribution(template="{date}: {headline}")
    one = printed(settled(of_entry={"published_at": None}), terms=None, attribution=dated)
    assert credit_text(one.content) == f"8 Maret 2022: {HEADLINE}"


def test_an_excerpt_of_a_short_text_is_escaped_and_not_cut() -> None:
    one = printed(settled(text="Harga < 5 & naik"), terms=terms(content="excerpt"))
    assert one.content.markup.startswith("<p>Harga &lt; 5 &amp; naik</p>")


@pytest.mark.parametrize(
    "summary_html, words, last",
    [("", 40, "…"), ("<p>Ringkasan <b>mitra</b>.</p>", 2, "mitra."), ("kata " * 100, 80, "kata…")],
    ids=["first words of the text", "the partner's own", "the whole article in the summary"],
)
def test_summaries(summary_html: str, words: int, last: str) -> None:
    summary = printed(settled(of_entry={"summary_html": summary_html})).summary
    assert len(summary.split()) == words
    assert summary.endswith(last)


@pytest.mark.parametrize(
    "title, text, expected",
    [
        ("BREAKING NEWS: Gempa", ARTICLE, "Gempa"),
        ("BREAKING NEWS: ", "Gempa mengguncang.", "Gempa mengguncang."),
        ("", ARTICLE, f"{' '.join(ARTICLE.split()[:12])}…"),
        ("", "", ORIGIN_URL),
    ],
)
def test_titles_are_never_empty(title: str, text: str, expected: str) -> None:
    one = printed(settled(of_entry={"title": title}, text=text))
    assert one.title == expected
    assert expected in credit_text(one.content)


def test_an_entry_without_a_body_is_shown_by_its_text() -> None:
    one = printed(settled(text="Ringkasan saja."), body=SafeHtml(""))
    assert one.content.markup.startswith("<p>Ringkasan saja.</p><p>seperti dikutip")


def test_a_source_missing_from_the_configuration_is_fine() -> None:
    one = fit_to_print(settled(), config(sources=()), BODY)
    assert one.origin == Origin("Pikiran Rakyat", "https://www.pikiran-rakyat.com/", "", "")


def test_the_lead_is_the_shown_entry() -> None:
    two = replace(settled(), entries=(stored(2), stored(1)))
    assert lead_of(two).entry_id == 1
    with pytest.raises(KeyError):
        lead_of(replace(two, shown_entry_id=None))
