"""Nothing is wrong with any variant of an output: profiles, excerpts, links to our site, archive pages, sitemaps."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from outputs_samples import ALL, NOW, STORIES, config, rendered
from validators_checks import document_problems
from validators_schemas import schema_problems

from aggregator.model.document import Output
from aggregator.model.html import SafeHtml
from aggregator.outputs.render import render

GOLDEN = sorted(
    path
    for path in (Path(__file__).parents[1] / "outputs" / "golden").iterdir()
    if path.suffix in (".rss", ".atom", ".json")
)
LINKS: tuple[Literal["origin", "site"], ...] = ("origin", "site")
PROFILES: tuple[Literal["plain", "wordpress"], ...] = ("plain", "wordpress")
CONTENTS: tuple[Literal["full", "excerpt"], ...] = ("full", "excerpt")
VARIANTS = [
    replace(ALL, profile=profile, content=content, link=link)
    for profile, content, link in product(PROFILES, CONTENTS, LINKS)
]
PRINTED = [
    replace(
        story, excerpt=SafeHtml("<p>Kalimat pertama.</p>"), site_url=f"https://jambiseru.com/berita/{number}"
    )
    for number, story in enumerate(STORIES)
]


@pytest.mark.parametrize("output", VARIANTS, ids=lambda one: f"{one.profile}-{one.content}-{one.link}")
def test_variants(output: Output) -> None:
    for suffix, document in rendered(*PRINTED, output=output).items():
        assert document_problems(suffix, document.body) == []
        if suffix != "json":
            assert schema_problems(suffix, document.body) == []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden_documents(path: Path) -> None:
    assert document_problems(path.suffix.removeprefix("."), path.read_bytes()) == []


@pytest.mark.parametrize("link", LINKS)
def test_news_sitemaps(link: Literal["origin", "site"]) -> None:
    output = replace(ALL, profile="google-news", link=link)
    documents = render(output, PRINTED, config().site, updated_at=NOW)
    sitemaps = [document.body for document in documents if b"<urlset" in document.body]
    assert sitemaps
    for body in sitemaps:
        assert schema_problems("sitemap", body) == []
        assert body.count(b"<url>") == len(PRINTED)
