"""Whole documents, byte for byte, as they lie in golden/.

After a wanted change look at the difference, then renew them (and raise RENDER_VERSION):

    AGGREGATOR_RENEW_GOLDEN=1 python -m pytest tests/outputs/test_outputs_golden.py && git diff tests/outputs/golden
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from outputs_samples import ALL, FULL, HEADLINE_ONLY, NOW, STORIES, config

from aggregator.model.document import Document
from aggregator.outputs.gate import document_problems
from aggregator.outputs.related import with_related
from aggregator.outputs.render import FORMATS, render, render_directory
from aggregator.outputs.select import outputs_of

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS = (
    *render(ALL, with_related(STORIES, {FULL.id: {HEADLINE_ONLY.id}}), config().site, NOW),
    *render_directory(outputs_of(config()), config()),
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_document_is_the_golden_one(document: Document) -> None:
    golden = GOLDEN / Path(document.path).name
    if os.environ.get("AGGREGATOR_RENEW_GOLDEN"):
        golden.write_bytes(document.body)
    assert document.body == golden.read_bytes()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_golden_document_passes_the_gate(document: Document) -> None:
    assert document_problems(document) == ()
    assert document.etag == hashlib.sha256(document.body).hexdigest()


def test_paths_and_media_types() -> None:
    assert [(document.path, document.media_type) for document in DOCUMENTS] == [
        ("feeds/all.rss", "application/rss+xml"),
        ("feeds/all.atom", "application/atom+xml"),
        ("feeds/all.json", "application/feed+json"),
        ("feeds/all.html", "text/html; charset=utf-8"),
        ("feeds.opml", "text/x-opml"),
        ("index.html", "text/html; charset=utf-8"),
    ]
    assert FORMATS == ("rss", "atom", "json")
