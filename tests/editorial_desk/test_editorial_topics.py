"""Topics by source, categories, paths and keywords."""

from __future__ import annotations

import pytest
from editorial_desk.editorial_samples import TOPICS, entry

from aggregator.editorial.topics import topics_of

PLAIN = {"url": "https://a.example/berita/1", "title": "Judul"}


@pytest.mark.parametrize(
    "fields, text, source_topics, expected",
    [
        pytest.param({}, "", (), (), id="nothing says so"),
        pytest.param(
            {}, "", ("olahraga", "politik"), ("politik", "olahraga"), id="source, in the file's order"
        ),
        pytest.param({}, "", ("yang-tiada",), (), id="a topic that is not configured"),
        pytest.param({"categories": (" Pemilu ",)}, "", (), ("politik",), id="category, case and space"),
        pytest.param({"categories": ("SEPAK-BOLA",)}, "", (), ("olahraga",), id="category, hyphen"),
        pytest.param({"categories": ("Pémilu",)}, "", (), ("politik",), id="category, accent"),
        pytest.param({"categories": ("Pemilu Raya",)}, "", (), (), id="part of a category"),
        pytest.param({"url": "https://a.example/Internasional/1"}, "", (), ("internasional",), id="path"),
        pytest.param({"url": "https://a.example/internasional"}, "", (), ("internasional",), id="path's end"),
        pytest.param({"url": "https://internasional.example/1"}, "", (), (), id="host is no path"),
        pytest.param({"url": "https://a.example/1?x=/politik/"}, "", (), (), id="query is no path"),
        pytest.param({}, "Jelang pemilu.", (), ("politik",), id="keyword that weighs enough"),
        pytest.param({}, "DPR RI rapat.", (), (), id="keyword that weighs too little"),
        pytest.param({}, "DPR RI dan Presiden rapat.", (), ("politik",), id="keywords together"),
        pytest.param({}, "presiden presiden presiden", (), (), id="repetition counts once"),
        pytest.param({"title": "DPR RI rapat"}, "", (), ("politik",), id="title counts double"),
        pytest.param({}, "pascapemilu dan kepresidenan", (), (), id="whole words only"),
        pytest.param({}, "DPR\nRI dan presiden", (), ("politik",), id="phrase across lines"),
        pytest.param(
            {"categories": ("dunia", "politik")}, "", (), ("politik", "internasional"), id="two topics"
        ),
    ],
)
def test_topics(
    fields: dict[str, object], text: str, source_topics: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert topics_of(entry(**(PLAIN | fields)), text, source_topics, TOPICS) == expected
