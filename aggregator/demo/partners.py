"""The two sample partners: their articles, and their feeds in the shape that their publishing systems give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

SYSTEMS = {"pikiran-rakyat": "promedia", "indonesia-daily": "wordpress"}
DOMAINS = {"pikiran-rakyat": "pikiran-rakyat.com", "indonesia-daily": "indonesiadaily.co.id"}


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
    return {
        partner: tuple(
            article_of(
                partner, raw, (started_at - timedelta(minutes=raw["age_minutes"])).replace(microsecond=0)
            )
            for raw in sorted(articles, key=lambda raw: raw["age_minutes"])
        )
        for partner, articles in _samples().items()
    }


@cache
def _samples() -> dict[str, list[dict[str, Any]]]:
    text = resources.files("aggregator.demo").joinpath("articles.yaml").read_text("utf-8")
    raw: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    by_number = {article["number"]: article for articles in raw.values() for article in articles}
    for article in by_number.values():
        if original := article.get("same_text_as"):
            article["paragraphs"] = by_number[original]["paragraphs"]
    return raw


def article_of(partner: str, raw: Mapping[str, Any], published_at: datetime) -> Article:
    """An article of ``articles.yaml``, or of the same form, as the partner's publishing system writes it."""
    if partner == "pikiran-rakyat":
        url = f"https://www.pikiran-rakyat.com/{raw['section']}/pr-{raw['number']}/{raw['slug']}"
    else:
        url = f"https://indonesiadaily.co.id/{published_at:%Y/%m/%d}/{raw['slug']}/"
    shape = (
        dict.fromkeys(("image", "dateline", "leftovers", "copy_of", "copy_title"), "")
        | dict(raw)
        | {"url": url}
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


def feed_xml(partner: str, articles: Sequence[Article], built_at: datetime) -> bytes:
    """The partner's RSS document."""
    template = _templates().get_template(f"{SYSTEMS[partner]}.rss.xml")
    return template.render(articles=articles, built_at=built_at).encode()


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("aggregator.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["rfc822"] = format_datetime
    environment.filters["wib"] = lambda at: format_datetime(at.astimezone(ZoneInfo("Asia/Jakarta")))
    return environment
