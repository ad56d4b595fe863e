"""What the partners of the hardship tests publish: a pure function of the partner and the seconds passed.

So the truth (which stories there are, and what each says now) can be computed by a test at any moment, in another
process than the one that serves the feeds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

CATEGORIES = ("Politik", "Hukum", "Ekonomi", "Olahraga")
_SYLLABLES = ("ba", "ci", "du", "ga", "je", "ka", "lo", "mi", "nu", "pa", "ra", "se", "ti", "wa", "yo", "zu")
_WORDS_IN_A_TEXT = 60


@dataclass(frozen=True, slots=True)
class Article:
    """One article of one partner as it stands in the feed at one moment.

    ``story`` is the number of the article whose text it carries: its own, or the one that it copies.
    """

    partner: int
    number: int
    story: int
    revision: int
    published_s: float

    @property
    def headline(self) -> str:
        words = " ".join(_words(f"headline {self.number}", 4))
        kind = "Kabar" if self.number == self.story else "Salinan"
        return f"{kind} {self.number} revisi {self.revision} {words}"

    @property
    def url(self) -> str:
        return f"https://www.{domain(self.partner)}/berita/{self.number}/kabar"

    @property
    def text(self) -> str:
        return " ".join(
            (*_words(f"text {self.story}", _WORDS_IN_A_TEXT), *_words(f"{self.story} {self.revision}", 5))
        )


@dataclass(frozen=True, slots=True)
class Press:
    """``partners`` partners that each publish every ``publish_every_s``, the first article within that time.

    ``began_at`` is the date of second 0. A feed holds the newest ``window`` articles; one is revised
    ``revised_after_s`` seconds after its publication, each time. After ``until_s`` nothing changes any more.
    """

    partners: int
    began_at: datetime
    publish_every_s: float
    window: int = 10
    revised_after_s: tuple[float, ...] = ()
    until_s: float = float("inf")

    def articles(self, partner: int, at_s: float) -> list[Article]:
        """What stands in the partner's feed, newest first."""
        at_s = min(at_s, self.until_s)
        newest = int((at_s - self._phase_s(partner)) // self.publish_every_s)
        oldest = max(0, newest - self.window + 1)
        return [self._article(partner, index, at_s) for index in range(newest, oldest - 1, -1)]

    def headlines(self, at_s: float) -> dict[int, str]:
        """The truth: every story published until then, by number, with what its origin's latest revision says."""
        return {
            article.story: article.headline for article in self._all(at_s) if article.number == article.story
        }

    def published_s(self, number: int) -> float:
        """When the article with that number was published."""
        partner, index = _partner_and_index(number)
        return self._phase_s(partner) + index * self.publish_every_s

    def feed(self, partner: int, at_s: float) -> bytes:
        """The partner's RSS document."""
        items = "".join(self._item(article) for article in self.articles(partner, at_s))
        head = f"<title>Mitra {partner}</title><link>https://www.{domain(partner)}/</link>"
        channel = f"<channel>{head}<description>Uji</description>{items}</channel>"
        return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0">{channel}</rss>'.encode()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"began_at": self.began_at.isoformat()}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Press:
        began_at = datetime.fromisoformat(raw["began_at"])
        return cls(**raw | {"began_at": began_at, "revised_after_s": tuple(raw["revised_after_s"])})

    def _all(self, at_s: float) -> Iterator[Article]:
        at_s = min(at_s, self.until_s)
        for partner in range(self.partners):
            for index in range(int((at_s - self._phase_s(partner)) // self.publish_every_s) + 1):
                yield self._article(partner, index, at_s)

    def _phase_s(self, partner: int) -> float:
        return self.publish_every_s * partner / self.partners

    def _article(self, partner: int, index: int, at_s: float) -> Article:
        number = _number(partner, index)
        published_s = self.published_s(number)
        revision = sum(after_s <= at_s - published_s for after_s in self.revised_after_s)
        return Article(partner, number, story_of(number), revision, published_s)

    def _item(self, article: Article) -> str:
        published_at = self.began_at + timedelta(seconds=article.published_s)
        category = CATEGORIES[article.story % len(CATEGORIES)]
        return (
            f"<item><title>{article.headline}</title><link>{article.url}</link><guid>{article.url}</guid>"
            f"<category>{category}</category><pubDate>{format_datetime(published_at)}</pubDate>"
            f"<description>&lt;p&gt;{article.text}&lt;/p&gt;</description></item>"
        )


def domain(partner: int) -> str:
    return f"p{partner}.example"


def host(partner: int) -> str:
    """A loopback address of the partner's own, since per_host counts by host."""
    return f"127.1.{partner // 250}.{partner % 250 + 1}"


def story_of(number: int) -> int:
    """The number of the article whose text this one carries.

    Every third partner copies half its articles from its neighbour: the newest one, or the one before.
    """
    partner, index = _partner_and_index(number)
    if partner % 3 != 2 or index % 2:
        return number
    return _number(partner - 1, index if index % 4 == 0 else index - 1)


def _number(partner: int, index: int) -> int:
    return 1_000_000 + partner * 10_000 + index


def _partner_and_index(number: int) -> tuple[int, int]:
    return divmod(number - 1_000_000, 10_000)


@lru_cache(maxsize=20_000)
def _words(seed: str, count: int) -> tuple[str, ...]:
    """Words that no two seeds are likely to have in a row."""
    chance = random.Random(seed)
    return tuple("".join(chance.choices(_SYLLABLES, k=4)) for _ in range(count))
