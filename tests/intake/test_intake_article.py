"""One page a case in articles/, its expectation beside it: what comes out, what must not, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator.editorial.plain_text import plain_text
from aggregator.errors import ParseError
from aggregator.intake.article import Article, read_article

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CASES = sorted((Path(__file__).parent / "articles").glob("*.html"))
FIELDS = ("title", "canonical_url", "whole_url", "published_at", "updated_at", "authors", "categories")


def read(
    body: bytes, url: str = "https://a.example/berita/1234567/judul", content_type: str = "text/html"
) -> Article:
    return read_article(body, url=url, content_type=content_type, timezone="Asia/Jakarta", now=NOW)


def shown(value: Any) -> Any:
    """A value as the expectations write it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    expected = yaml.safe_load(path.with_suffix(".yaml").read_text())
    if refused := expected.get("refused"):
        with pytest.raises(ParseError, match=refused):
            read(path.read_bytes(), expected["url"])
        return
    article = read(path.read_bytes(), expected["url"])
    assert {name: shown(getattr(article, name)) for name in FIELDS if name in expected} == {
        name: expected[name] for name in FIELDS if name in expected
    }
    assert (article.image is None) == (expected["image"] is None)
    for name, value in (expected["image"] or {}).items():
        assert getattr(article.image, name) == value
    text = plain_text(article.html)  # without what the desk's own rules cut
    assert [words for words in expected["wanted"] if words not in text] == []
    assert [words for words in expected["unwanted"] if words in text] == []
    assert [markup for markup in expected.get("markup", []) if markup not in article.html] == []
    assert len(article.problems) == len(expected.get("problems", []))
    for part, problem in zip(expected.get("problems", []), article.problems, strict=True):
        assert part in problem
