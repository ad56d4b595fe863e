"""The two sample partners: their articles, and their feeds in the shape that their publishing systems give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

SYSTEMS = {"pikiran-rakyat": "promedia", "indonesia-daily": "wordpress"}


@dataclass(frozen=True, slots=True)
class Article:
    """One article as its partner's feed carries it."""

    number: str
    title: str
    url: str
    author: str
    categories: tuple[str, ...]
    published_at: datetime
    html: str
    lead_html: str
    image: str
    caption: str


def sample_articles(started_at: datetime) -> dict[str, tuple[Article, ...]]:
    """The articles of each partner, newest first; dates count back from ``started_at``."""
    text = resources.files("aggregator.demo").joinpath("articles.yaml").read_text("utf-8")
    raw: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    by_number = {article["number"]: article for articles in raw.values() for article in articles}
    for article in by_number.values():
        if original := article.get("same_text_as"):
            article["paragraphs"] = by_number[original]["paragraphs"]
    return {
        partner: tuple(
            sorted((_article(partner, a, started_at) for a in articles), key=lambda a: a.published_at)[::-1]
        )
        for partner, articles in raw.items()
    }


def feed_xml(partner: str, articles: Sequence[Article], built_at: datetime) -> bytes:
    """The partner's RSS document."""
    template = _templates().get_template(f"{SYSTEMS[partner]}.rss.xml")
    return template.render(articles=articles, built_at=built_at).encode()


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("aggregator.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["rfc822"] = format_datetime
    environment.filters["wib"] = lambda at: format_datetime(at.astimezone(ZoneInfo("Asia/Jakarta")))
    return environment


def _article(partner: str, raw: dict[str, Any], started_at: datetime) -> Article:
    published_at = (started_at - timedelta(minutes=raw["age_minutes"])).replace(microsecond=0)
    if partner == "pikiran-rakyat":
        url = f"https://www.pikiran-rakyat.com/{raw['section']}/pr-{raw['number']}/{raw['slug']}"
    else:
        url = f"https://indonesiadaily.co.id/{published_at:%Y/%m/%d}/{raw['slug']}/"
    shape = (
        dict.fromkeys(("image", "dateline", "leftovers", "copy_of", "copy_title"), "") | raw | {"url": url}
    )
    return Article(
        number=raw["number"],
        title=raw["title"],
        url=url,
        author=raw["author"],
        categories=tuple(raw.get("categories", [raw["section"].title()])),
        published_at=published_at,
        html=_templates().get_template(f"{SYSTEMS[partner]}.article.html").render(shape),
        lead_html=f"<p>{escape(raw['paragraphs'][0])}</p>",
        image=raw.get("image", ""),
        caption=raw.get("caption", ""),
    )
