"""Which feeds of a list become sources, under which ids and whose they are."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from aggregator.config.cross import same_address
from aggregator.config.explain import first_words
from aggregator.config.model import Config, Partner, Source
from aggregator.config.types import HttpUrl, check_host
from aggregator.errors import ForbiddenAddressError
from aggregator.model.hosts import hosts_above, is_within
from aggregator.model.opml import ListedFeed
from aggregator.model.problem import Problem

_HTTP_URL = TypeAdapter(HttpUrl)
_ID_CHARACTERS = 60  # of the 64 that an id may have; a number may follow


@dataclass(frozen=True, slots=True)
class Additions:
    """What is to be added to feeds.yaml, and what is not, each with its address and the reason."""

    partners: tuple[Partner, ...]
    sources: tuple[Source, ...]
    skipped: tuple[Problem, ...]
    refused: tuple[Problem, ...]


def plan_additions(
    config: Config, feeds: Sequence[ListedFeed], fallback: Partner | None, check_url: Callable[[str], object]
) -> Additions:
    """Look at each feed by itself, so that a bad one costs no good one.

    A feed belongs to the partner on whose domains it or its site stands; else to ``fallback``; without one, to
    a new partner that has no terms. ``check_url`` is the guard's: it raises ForbiddenAddressError for what must
    not be asked for.
    """
    plan = _Plan(config, fallback, check_url)
    fit = [feed for feed in feeds if plan.is_fit(feed)]
    for feed in fit:
        plan.titles[plan.site_of(feed)[1]].add(feed.title)
    for feed in fit:
        plan.add(feed)
    return Additions(tuple(plan.partners), tuple(plan.sources), tuple(plan.skipped), tuple(plan.refused))


class _Plan:
    def __init__(self, config: Config, fallback: Partner | None, check_url: Callable[[str], object]) -> None:
        self.partners: list[Partner] = []
        self.sources: list[Source] = []
        self.skipped: list[Problem] = []
        self.refused: list[Problem] = []
        self.titles: defaultdict[str, set[str]] = defaultdict(set)  # of the feeds of each domain
        self._fallback = fallback
        self._check_url = check_url
        self._polled = {same_address(source.url): source.id for source in config.sources}
        self._source_ids = {source.id for source in config.sources}
        self._partner_ids = {partner.id for partner in config.partners}
        self._owners = {domain: partner for partner in config.partners for domain in partner.domains}

    def is_fit(self, feed: ListedFeed) -> bool:
        """Whether the address may be polled at all; if not, why is kept."""
        try:
            self._check(feed.url)
        except (ForbiddenAddressError, ValueError) as error:
            self._refuse(feed, error)
            return False
        return True

    def add(self, feed: ListedFeed) -> None:
        """A source of the feed, and a partner for it where none is known."""
        address = same_address(feed.url)
        if address in self._polled:
            self.skipped.append(Problem(feed.url, f"is a source already, {self._polled[address]}"))
            return
        try:
            partner = self._known_partner(feed) or self._fallback or self._new_partner(feed)
        except ValueError as error:
            self._refuse(feed, error)
            return
        names = (feed.label, feed.title, _host(feed.url).removeprefix("www."))
        source = Source(id=_free_id(names, self._source_ids), partner=partner.id, url=feed.url)
        self.sources.append(source)
        self._source_ids.add(source.id)
        self._polled[address] = source.id

    def site_of(self, feed: ListedFeed) -> tuple[str, str]:
        """The home page that the list names, else the root of the feed's host; and its domain, '' for none."""
        parts = urlsplit(feed.url)
        for site in (feed.site_url, f"{parts.scheme}://{parts.netloc}/"):
            with suppress(ForbiddenAddressError, ValueError):
                self._check(site)
                return site, check_host(_host(site).removeprefix("www."))
        return "", ""

    def _check(self, url: str) -> None:
        """Raises ValueError (also pydantic's) and ForbiddenAddressError."""
        _HTTP_URL.validate_python(url)
        if "${" in url:
            raise ValueError("${ cannot stand in feeds.yaml, where it begins a variable")
        self._check_url(url)

    def _refuse(self, feed: ListedFeed, error: Exception) -> None:
        words = first_words(error) if isinstance(error, ValidationError) else str(error)
        self.refused.append(Problem(feed.url, words))

    def _known_partner(self, feed: ListedFeed) -> Partner | None:
        """Whose host the feed's is; else whose its site's is: many feeds stand at a service for feeds."""
        for host in filter(None, (_host(feed.url), _host(feed.site_url))):
            for domain in (host, *hosts_above(host)):
                if domain in self._owners:
                    return self._owners[domain]
        return None

    def _new_partner(self, feed: ListedFeed) -> Partner:
        """A partner of whom nothing is known but a site, added. Raises ValueError where it cannot be one."""
        site, domain = self.site_of(feed)
        if not domain:
            raise ValueError("no partner can be made of its host; name its partner with --partner")
        for below, owner in self._owners.items():
            if is_within(below, (domain,)):
                words = f"a new partner of {domain} would take in {below}, which belongs to {owner.id}"
                raise ValueError(f"{words}; name its partner with --partner")
        titles = self.titles[domain]
        name = next(iter(titles)) if len(titles) == 1 else ""  # titles of sections name no partner
        name = name.replace("${", "{") or domain
        new_id = _free_id((name, domain), self._partner_ids)
        partner = Partner(id=new_id, name=name, url=site, domains=(domain,))
        self.partners.append(partner)
        self._partner_ids.add(new_id)
        self._owners[domain] = partner
        return partner


def _host(url: str) -> str:
    """The host as DNS knows it; '' where there is none."""
    try:
        return (urlsplit(url).hostname or "").encode("idna").decode("ascii").rstrip(".")
    except ValueError:
        return ""


def _free_id(names: Collection[str], taken: Collection[str]) -> str:
    """An id from the first name that has a letter or digit of ASCII; with a number where it is taken."""
    wanted = next(filter(None, map(_slug, names)), "feed")
    numbers = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (wanted, *numbers) if one not in taken)


def _slug(name: str) -> str:
    """``Café & Kota`` -> ``cafe-kota``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_ID_CHARACTERS].rstrip("-")
