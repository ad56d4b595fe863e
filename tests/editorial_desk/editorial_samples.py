"""Entries, stories and a configuration for the tests of the desk's decisions; texts are our own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from aggregator.config.model import (
    Attribution,
    CombinedOutput,
    Config,
    Outputs,
    Partner,
    Site,
    Source,
    Terms,
    Topic,
)
from aggregator.editorial.sketch import marks, name_marks
from aggregator.model.entry import Candidate, Entry, Identity, KnownEntry, Provenance
from aggregator.model.story import StoredEntry, Story

NOW = datetime(2022, 3, 8, 12, 0, tzinfo=UTC)
SEEN_AT = datetime(2022, 3, 8, 9, 0, tzinfo=UTC)
PUBLISHED_AT = datetime(2022, 3, 8, 8, 0, tzinfo=UTC)
HEADLINE = "Rusia-Belarusia Sepakati Kerja Sama Militer, AS: Kami Prihatin"
TEMPLATE = (
    "seperti dikutip dari laman {origin} (jaringan media {network}, partner {site}) "
    "dari artikel yang berjudul {headline}"
)
CREDIT = (
    "seperti dikutip dari laman pikiran-rakyat.com (jaringan media indonesiadaily.co.id, "
    f"partner jambiseru.com) dari artikel yang berjudul {HEADLINE}"
)
ORIGIN_URL = "https://www.pikiran-rakyat.com/internasional/pr-015956337/rusia-belarusia"
COPY_URL = "https://indonesiadaily.co.id/rusia-dan-belarusia-kian-dekat/"

ARTICLE = """\
Rusia dan Belarusia menandatangani perjanjian kerja sama militer baru di Minsk pada Selasa, 8 Maret 2022.
Perjanjian itu mengatur latihan gabungan, pertukaran perwira, dan pemakaian 12 lapangan terbang kedua negara.
Menteri pertahanan kedua negara berjabat tangan setelah upacara singkat yang dihadiri 200 tamu undangan.
Juru bicara Gedung Putih mengatakan pemerintahnya prihatin dan akan berunding dengan para sekutu di Eropa.
Pengamat menilai langkah tersebut lebih bersifat simbolis karena kedua pasukan telah lama berlatih bersama.
Warga ibu kota mengaku tidak melihat perubahan apa pun di jalan-jalan pada hari penandatanganan itu."""


def partner(id: str = "pikiran-rakyat", domain: str = "pikiran-rakyat.com", **more: Any) -> Partner:
    return Partner(
        id=id, name=id.replace("-", " ").title(), url=f"https://www.{domain}/", domains=(domain,), **more
    )


def terms(**more: Any) -> Terms:
    return Terms(
        **{"licence": "PKS-1", "valid_from": date(2020, 1, 1), "content": "full", "images": "link", **more}
    )


PIKIRAN_RAKYAT = partner(
    network="indonesia-daily", terms=terms(), attribution=Attribution(position="end", template=TEMPLATE)
)
INDONESIA_DAILY = partner("indonesia-daily", "indonesiadaily.co.id", terms=terms())
SITE = Site(
    name="Jambi Seru",
    url="https://www.jambiseru.com/",
    feeds_url="https://feeds.jambiseru.com/",
    contact="redaksi@jambiseru.com",
)
TOPICS = (
    Topic(
        id="politik",
        title="Politik",
        iptc="medtop:11000000",
        categories=("politik", "pemilu"),
        paths=("/politik/",),
        keywords={"pemilu": 3, "dpr ri": 2, "presiden": 1},
    ),
    Topic(id="internasional", title="Internasional", categories=("dunia",), paths=("/internasional/",)),
    Topic(id="olahraga", title="Olahraga", categories=("Sepak Bola",)),
)


def source(id: str, **more: Any) -> Source:
    return Source(**{"id": id, "partner": id, "url": f"https://{id}.example/feed", **more})


def config(**more: Any) -> Config:
    values: dict[str, Any] = {
        "site": SITE,
        "partners": (PIKIRAN_RAKYAT, INDONESIA_DAILY),
        "sources": (source("pikiran-rakyat"), source("indonesia-daily", topics=("olahraga",))),
        "topics": TOPICS,
        "outputs": Outputs(combined=CombinedOutput(title="Semua")),
    }
    return Config(**(values | more))


def entry(**more: Any) -> Entry:
    values: dict[str, Any] = {
        "guid": "g1",
        "url": ORIGIN_URL,
        "title": HEADLINE,
        "html": "".join(f"<p>{line}</p>" for line in ARTICLE.splitlines()),
        "published_at": PUBLISHED_AT,
    }
    return Entry(**(values | more))


def identity(guid: str = "", article_id: str = "", url: str = "", content: str = "") -> Identity:
    return Identity(guid, article_id, url, content)


def candidate(identity: Identity, text: str = "", content_hash: str = "1:a", **more: Any) -> Candidate:
    values = {"guid": identity.guid, "url": identity.canonical_url, **more}
    made = entry(**values)
    return Candidate(made, identity, text, content_hash, marks(made.title, text), name_marks(text))


def known(entry_id: int, identity: Identity, **more: Any) -> KnownEntry:
    values: dict[str, Any] = {
        "story_id": entry_id * 10,
        "source_id": "pikiran-rakyat",
        "partner_id": "pikiran-rakyat",
        "earlier": (),
        "title": "Judul lain",
        "text": "",
        "content_hash": "1:a",
        "categories": (),
        "authors": (),
    }
    values |= more
    credit = values.get("provenance")
    values.setdefault("marks", marks(values["title"], values["text"], credit.title if credit else ""))
    return KnownEntry(entry_id=entry_id, identity=identity, **values)


def stored(entry_id: int = 1, *, source_id: str = "pikiran-rakyat", **more: Any) -> StoredEntry:
    of_entry = more.pop("of_entry", {})
    values: dict[str, Any] = {
        "partner_id": source_id,
        "key": f"guid:g{entry_id}",
        "entry": entry(**of_entry),
        "text": ARTICLE,
        "content_hash": f"1:title{entry_id}.text{entry_id}.image{entry_id}",
        "canonical_url": ORIGIN_URL if source_id == "pikiran-rakyat" else COPY_URL,
        "provenance": None,
        "backlog": False,
        "first_seen_at": SEEN_AT,
        **more,
    }
    values.setdefault("changed_at", values["first_seen_at"])
    return StoredEntry(entry_id=entry_id, source_id=source_id, **values)


def story(*entries: StoredEntry, **more: Any) -> Story:
    return Story(7, entries, **more)


CREDITS_ORIGIN = Provenance("pikiran-rakyat.com", HEADLINE)
