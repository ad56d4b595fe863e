"""Stories, a site and outputs for tests/outputs, and the schema of JSON Feed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema

from aggregator.config.model import Config
from aggregator.model.document import Document, Output, Where
from aggregator.model.entry import Image
from aggregator.model.html import SafeHtml
from aggregator.model.story import Category, Origin, PrintStory, Withdrawn
from aggregator.outputs.render import FORMATS, render

SCHEMA = json.loads((Path(__file__).parent / "outputs" / "jsonfeed.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ALL = Output(id="all", title="Jambi Seru: semua berita mitra", limit=50, max_age_s=7 * 86400)
POLITIK = Output(
    id="topics/politik",
    title="Jambi Seru: Politik",
    limit=50,
    max_age_s=7 * 86400,
    where=Where(topics=("politik",)),
)
CREDIT = (
    "<p>seperti dikutip dari laman pikiran-rakyat.com (jaringan media indonesiadaily.co.id, partner "
    'jambiseru.com) dari artikel yang berjudul <a href="https://www.pikiran-rakyat.com/pr-015956337/rusia" '
    'rel="noopener">Rusia-Belarusia Sepakati Kerja Sama Militer</a></p>'
)
ORIGIN = Origin(
    title="Pikiran Rakyat",
    site_url="https://www.pikiran-rakyat.com/",
    feed_url="https://www.pikiran-rakyat.com/rss",
    feed_id="https://www.pikiran-rakyat.com/rss",
)
FULL = PrintStory(
    id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a001",
    url="https://www.pikiran-rakyat.com/pr-015956337/rusia?a=1&b=2",
    title="Rusia-Belarusia Sepakati Kerja Sama Militer, AS: “Kami Prihatin” & Cemas",
    published_at=NOW - timedelta(hours=2, microseconds=5),
    updated_at=NOW - timedelta(hours=1),
    authors=("Nadia Ramadhani", "Budi & Rekan"),
    categories=(
        Category("politik", "Politik", "medtop:11000000"),
        Category("internasional", "Internasional"),
    ),
    summary="Jarak 3 < 4 km & <b>bukan</b> markup.",
    content=SafeHtml(
        '<p>Isi berita, <b>tebal</b> &amp; "kutip" — 3 &lt; 4.</p>\n<p>Paragraf kedua.</p>' + CREDIT
    ),
    origin=ORIGIN,
    via_url="https://www.pikiran-rakyat.com/pr-015956337/rusia?a=1&b=2",
    image=Image(
        "https://assets.pikiran-rakyat.com/foto/rusia.webp?x=1&y=2",
        length_bytes=48213,
        width=1200,
        height=675,
        alt="Bendera Rusia & Belarusia",
        credit="Reuters/Fulan",
    ),
    language="id",
)
HEADLINE_ONLY = replace(
    FULL,
    id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a002",
    url="https://indonesiadaily.co.id/2026/11/gempa/",
    title="Gempa Magnitudo 5 Guncang Kerinci",
    published_at=NOW - timedelta(days=1),
    updated_at=NOW - timedelta(days=1),
    authors=(),
    categories=(),
    summary="",
    content=SafeHtml("<p>dikutip dari indonesiadaily.co.id dengan judul Gempa &amp; Susulan</p>"),
    via_url="https://indonesiadaily.co.id/2026/11/gempa/",
    image=None,
    language="",
)
STORIES = (FULL, HEADLINE_ONLY)
HIDDEN = Withdrawn(
    3,
    "urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a003",
    NOW - timedelta(hours=5),
    datetime(2026, 11, 23, 5, 30, 0, 7, tzinfo=UTC),
    "Permintaan narasumber:\nfoto <b>bukan</b> korban\x01 & keliru",
    ("politik",),
    "pikiran-rakyat",
)
EXPIRED = replace(HIDDEN, story_id=4, id="urn:uuid:8d6f8e3c-30b3-5a4b-9a39-2f4f0ed2a004", reason="")


def config(**site: Any) -> Config:
    """A desk with two topics and no sources."""
    raw = {
        "site": {
            "name": "Jambi Seru",
            "url": "https://jambiseru.com/",
            "feeds_url": "https://feeds.jambiseru.com/",
            "contact": "redaksi@jambiseru.com",
            "press_code_url": "https://jambiseru.com/pedoman-media-siber/",
            **site,
        },
        "partners": (),
        "sources": (),
        "topics": (
            {"id": "politik", "title": "Politik", "iptc": "medtop:11000000"},
            {"id": "internasional", "title": "Internasional"},
        ),
        "outputs": {
            "combined": {"title": "Jambi Seru: semua berita mitra"},
            "topics": {"title": "Jambi Seru: {topic}"},
        },
    }
    return Config.model_validate(raw)


def rendered(*stories: PrintStory, output: Output = ALL, **site: Any) -> dict[str, Document]:
    """The feeds of ``output`` by suffix."""
    documents = render(output, stories, config(**site).site, updated_at=NOW)
    by_suffix = {document.path.rsplit(".", 1)[1]: document for document in documents}
    return {suffix: by_suffix[suffix] for suffix in FORMATS}
