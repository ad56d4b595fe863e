"""Two partners' copies of one article, committed at the same instant by the real rules, become one story."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from desk import NOW, Desk, item, raw_config, rss
from partner_server import PartnerServer

from aggregator.editorial.decide import Poll, decide
from aggregator.editorial.prepare import prepare
from aggregator.intake.identity import identify_all
from aggregator.model.entry import Candidate, Entry
from aggregator.store.store import Store

ROUNDS = 200
HEADLINES = {
    "a": "Warga gotong royong membersihkan pasar",
    "b": "Pasar dibersihkan warga secara gotong royong",
}


def copy_of(number: int, partner: str) -> Candidate:
    """Nothing but the text is alike, and the copy's begins with a dateline."""
    text = " ".join(f"kata{number}x{index} disebut saksi{number}y{index}" for index in range(60))
    dateline = "JAMBI, B.EXAMPLE - " if partner == "b" else ""
    entry = Entry(
        guid=f"{partner}-{number}",
        url=f"https://{partner}.example/{partner * 3}-{number}",
        title=f"{HEADLINES[partner]} kampung{number}",
        html=f"<p>{dateline}{text}</p>",
        published_at=NOW,
    )
    return prepare(entry, identify_all([entry])[0])


def commit_all(store: Store, partner: str, barrier: Barrier) -> None:
    for number in range(ROUNDS):
        candidate = copy_of(number, partner)
        barrier.wait(timeout=30)
        with store.write() as tx:
            known = tx.known(partner, [candidate])
            decisions = decide([candidate], known, Poll(partner, partner, NOW))
            tx.apply(partner, partner, decisions, NOW)


@pytest.mark.slow
def test_200_pairs_committed_at_once_are_200_stories(store: Store) -> None:
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(commit_all, store, partner, barrier) for partner in "ab"]:
            done.result()
    with store.read() as tx:
        stories = tx.unsettled(NOW)
    assert len(stories) == ROUNDS
    assert all(sorted(entry.partner_id for entry in story.entries) == ["a", "b"] for story in stories)


def test_the_whole_chain_on_either_database(server: PartnerServer, tmp_path: Path, database_url: str) -> None:
    """Poll, copy, correction, hide and an unchanged poll, as the commands run them."""
    text = " ".join(f"saksi{index} menyebut kejadian{index * 7} di kampung itu" for index in range(30))
    desk = Desk(tmp_path, raw_config({"a": server.url("/a"), "b": server.url("/b")}), database=database_url)
    original = item(1, "Judul asli", text, category="Hukum")
    server.bodies |= {
        "/a": rss(original, item(2, "Lain")),
        "/b": rss(item(8, "Judul b", text, host="b.example")),
    }
    desk.poll()
    assert sorted(desk.titles()) in (["Judul asli", "Lain"], ["Judul b", "Lain"])
    before = {one["title"]: one for one in desk.items()}
    server.bodies["/a"] = rss(original, item(2, "Lain, dikoreksi", "Isi baru."))
    desk.poll()
    (corrected,) = [one for one in desk.items() if one["title"] == "Lain, dikoreksi"]
    assert corrected["id"] == before["Lain"]["id"]
    desk.hide(corrected["id"])
    assert len(desk.titles()) == 1
    files = desk.files()
    desk.poll()
    assert desk.files() == files
