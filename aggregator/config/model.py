"""feeds.yaml as typed, frozen values. The contract is docs/feeds.yaml.md; unknown keys are errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urljoin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from aggregator.config.types import (
    ByteSize,
    CutLineText,
    CutPattern,
    Day,
    Duration,
    Email,
    Every,
    FolderUrl,
    Host,
    HttpUrl,
    Hub,
    Id,
    Iptc,
    Keyword,
    Language,
    Network,
    OneOrListSchema,
    OutputId,
    SecretUrl,
    StoryRef,
    StoryUrl,
    Text,
    Timezone,
    UrlPath,
    as_list,
    check_positive,
    within,
    within_bytes,
)
from aggregator.model.document import Profile
from aggregator.model.reading import CutRule

# Where our own hub is asked, below site.feeds_url.
HUB_PATH = "hub"
ATTRIBUTION_FIELDS = ("origin", "network", "site", "headline", "author", "date", "url", "partner")

_Positive = Annotated[Duration, AfterValidator(check_positive)]
_T = TypeVar("_T")
_OneOrMore = Annotated[tuple[_T, ...], Field(min_length=1), BeforeValidator(as_list), OneOrListSchema()]
Content = Literal["full", "excerpt"]
Link = Literal["origin", "site"]
Genre = Literal["opini", "rilis-pers", "advertorial", "foto", "video", "cek-fakta"]
TextLanguage = Literal["id", "en", "ms", "jv", "su", "ar", "zh", "ja", "ko", "ru", "th", "ta", "hi"]


class Strict(BaseModel):
    """Base of every mapping of the file: no unknown keys, no silent conversions, no changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Site(Strict):
    name: Text = Field(description="The name readers know, e.g. Jambi Seru")
    url: HttpUrl = Field(description="The site's own address")
    feeds_url: FolderUrl = Field(description="Where public/ is served; every self link starts with it")
    language: Language = Field(default="id", description="Language of the outputs (BCP 47)")
    timezone: Timezone = Field(default="Asia/Jakarta", description="For dates shown to people")
    contact: Email = Field(description="E-mail address; stands in our User-Agent with feeds_url")
    dateline: Text | None = Field(
        default=None, description="Replaces a partner's own dateline at render time"
    )
    press_code_url: HttpUrl | None = Field(default=None, description="Named in every output")
    image: HttpUrl | None = Field(
        default=None, description="A picture of ours that readers show beside a feed"
    )
    story_url: StoryUrl | None = Field(
        default=None, description="Where a story stands on our own site; {id} is its published id"
    )


class Terms(Strict):
    licence: Text = Field(description="The contract's number or name")
    valid_from: Day = Field(description="First day, e.g. 2022-11-01")
    valid_until: Day | None = Field(default=None, description="Last day; after it nothing new is published")
    content: Literal["full", "excerpt", "headline"] = Field(
        default="headline", description="How much may be shown"
    )
    excerpt_words: Annotated[int, Field(ge=1, le=500)] = Field(default=60, description="Length of an excerpt")
    images: Literal["link", "none"] = Field(default="none", description="Link images, or leave them out")
    embargo: Duration = Field(default=timedelta(0), description="Wait this long after the partner's own date")
    expires_after: _Positive | None = Field(default=None, description="Then the story leaves the outputs")
    exclude_categories: tuple[Text, ...] = Field(default=(), description="Categories that we may not publish")
    exclude_authors: tuple[Text, ...] = Field(
        default=(), description="Authors we may not publish; shell patterns"
    )


class Attribution(Strict):
    position: Literal["lead", "end"] = Field(default="end", description="Where the credit line stands")
    template: Text = Field(
        description="Fixed fields {origin} {network} {site} {headline} {author} {date} {url} {partner}; "
        "a literal brace is doubled"
    )


class CutLine(Strict):
    """One rule of a partner's own. It has exactly one of its keys."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["line"]}, {"required": ["pattern"]}]},
    )

    line: CutLineText | None = Field(
        default=None, description="The whole line; case, white space and the signs around it are ignored"
    )
    pattern: CutPattern | None = Field(
        default=None, description="A regular expression that matches the whole line; case ignored"
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.line is None) == (self.pattern is None):
            got = "neither" if self.line is None else "both; make two rules of them"
            raise ValueError(f"expected the key line or the key pattern, got {got}")
        return self


class Partner(Strict):
    id: Id = Field(description="Stable: what was published is credited by it")
    name: Text = Field(description="The name readers know")
    url: HttpUrl = Field(description="The partner's site")
    domains: Annotated[tuple[Host, ...], Field(min_length=1)] = Field(
        description="Hosts of its articles, subdomains included; the first is named in credits"
    )
    network: Id | None = Field(default=None, description="The partner through whose network we may use it")
    terms: Terms | None = Field(default=None, description="No terms: headline and link only")
    attribution: Attribution | None = Field(default=None, description="No attribution: the house formula")
    cut: Annotated[tuple[CutLine, ...], Field(max_length=50)] = Field(
        default=(), description="Lines of its articles that are no part of them, beside those every site has"
    )

    @property
    def cut_rules(self) -> tuple[CutRule, ...]:
        """``cut`` as the cleaning takes it."""
        return tuple(CutRule(line=rule.line or "", pattern=rule.pattern or "") for rule in self.cut)


class Source(Strict):
    id: Id = Field(description="Stable: identities of its entries hang on it")
    partner: Id = Field(description="Whose articles these are: an id of partners")
    url: HttpUrl = Field(description="A feed, a sitemap, an index of sitemaps, or a home page")
    kind: Literal["auto", "feed", "sitemap", "page"] = Field(
        default="auto", description="What stands at url; auto: whatever is found there"
    )
    every: Every = Field(default="auto", description="Poll interval, or auto: the feed's rhythm")
    timezone: Timezone = Field(default="Asia/Jakarta", description="For dates without a zone")
    full_text: Literal["feed", "article"] = Field(
        default="feed", description="Text from the feed or the article page"
    )
    topics: tuple[Id, ...] = Field(default=(), description="Topics that every entry of this source is in")
    title_prefix_strip: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=(), description='Cut from the front of titles, e.g. "BREAKING NEWS: "'
    )
    enabled: bool = Field(default=True, description="false: not polled, what was published stays")
    push: bool = Field(
        default=True, description="Let the partner's hub send what is new, where it offers one (WebSub)"
    )


class Topic(Strict):
    id: Id = Field(description="Makes the output topics/<id>")
    title: Text = Field(description="As menus show it")
    iptc: Iptc | None = Field(default=None, description="IPTC Media Topic, e.g. medtop:11000000")
    categories: tuple[Text, ...] = Field(default=(), description="Category strings; case and accents ignored")
    paths: tuple[UrlPath, ...] = Field(default=(), description="Parts of article URLs, e.g. /politik/")
    keywords: dict[Keyword, Annotated[int, Field(ge=1, le=10)]] = Field(
        default_factory=dict, description="Words and their weights"
    )


class OutputDefaults(Strict):
    limit: Annotated[int, Field(ge=1, le=1000)] = Field(default=50, description="Stories in a feed")
    max_age: _Positive = Field(default=timedelta(days=7), description="Since first publication here")
    link: Link = Field(
        default="origin", description="Where a story's link leads: the partner's article or our site"
    )


class CombinedOutput(Strict):
    id: Id = Field(default="all", description="Its address: feeds/<id>.rss")
    title: Text = Field(description="Title of the combined feed")


class TopicOutputs(Strict):
    title: Text = Field(default="{topic}", description="Field: {topic}")


class OutputWhere(Strict):
    """What a story must be: of every key that is given, one of its values must hold."""

    place: _OneOrMore[Text] = Field(default=(), description="A province, city or regency, e.g. Jambi")
    topic: _OneOrMore[Id] = Field(default=(), description="An id of topics")
    partner: _OneOrMore[Id] = Field(default=(), description="An id of partners: whose article it is")
    genre: _OneOrMore[Genre] = Field(default=(), description="The kind of text, e.g. opini")
    language: _OneOrMore[TextLanguage] = Field(default=(), description="A language, e.g. en")


class CustomOutput(Strict):
    id: Id = Field(description="Its address: feeds/<id>.rss")
    title: Text = Field(description="Title of the feed")
    where: OutputWhere = Field(description="Which stories it takes; keys are combined")
    profile: Profile = Field(default="plain", description="For whom it is written")
    content: Content = Field(default="full", description="How much of a story, as far as terms allow")
    link: Link = Field(default="origin", description="Where a story's link leads")


class RetiredOutput(Strict):
    id: OutputId = Field(description="An address promised once")
    moved_to: OutputId | None = Field(
        default=None, description="A published output: the address answers 301; without it 410"
    )


class Outputs(Strict):
    defaults: OutputDefaults = Field(default_factory=OutputDefaults, description="For every output")
    combined: CombinedOutput = Field(description="The feed of everything")
    topics: TopicOutputs = Field(default_factory=TopicOutputs, description="The feeds per topic")
    custom: tuple[CustomOutput, ...] = Field(default=(), description="Feeds of your own choice")
    retired: tuple[RetiredOutput, ...] = Field(default=(), description="Addresses we promised once")


class Subscriber(Strict):
    id: Id = Field(description="Stable: its key hangs on it")
    name: Text = Field(description="Who that is; stands in the title of its feed")
    partner: Id | None = Field(
        default=None, description="The partner that it is: never gets its own articles back"
    )
    domains: tuple[Host, ...] = Field(
        default=(), description="Hosts whose articles it never gets, subdomains included"
    )
    where: OutputWhere = Field(
        default_factory=OutputWhere, description="Which stories it takes; without: all of them"
    )
    profile: Profile = Field(default="plain", description="For whom its feed is written")
    content: Content = Field(default="full", description="How much of a story, as far as terms allow")
    link: Link = Field(default="origin", description="Where a story's link leads")
    limit: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Stories in its feed"
    )
    valid_until: Day | None = Field(
        default=None, description="Last day; after it its address answers 410 Gone"
    )


class Override(Strict):
    story: StoryRef = Field(description="Published id or article URL")
    title: Text | None = Field(default=None, description="Headline instead of the partner's")
    topics: tuple[Id, ...] | None = Field(default=None, description="Topics instead of the sorted ones")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.title is None and self.topics is None:
            raise ValueError("says nothing about the story; add title or topics")
        return self


class FetchRules(Strict):
    allow_networks: tuple[Network, ...] = Field(
        default=(), description="Private networks that may be fetched from; every other is refused"
    )
    max_body: Annotated[ByteSize, within_bytes("1kB", "1GB")] = Field(
        default=10_000_000, description="Largest body, as sent and unpacked"
    )
    deadline: Annotated[Duration, within("1s", "10m")] = Field(
        default=timedelta(seconds=30), description="For the whole of one fetch"
    )
    per_host: Annotated[int, Field(ge=1, le=16)] = Field(
        default=2, description="Connections at once to one host"
    )
    auto_min: Annotated[Duration, within("1m", "1d")] = Field(
        default=timedelta(minutes=5), description="Shortest interval that every: auto may choose"
    )
    auto_max: Annotated[Duration, within("1m", "1d")] = Field(
        default=timedelta(hours=6), description="Longest interval that every: auto may choose"
    )
    first_poll_max_age: _Positive = Field(
        default=timedelta(hours=48),
        description="Of a new source, only entries younger than this are published",
    )


class Keep(Strict):
    raw: _Positive = Field(default=timedelta(days=30), description="Raw entries")
    stories: _Positive = Field(default=timedelta(days=400), description="Stories with their identity")


class Alerts(Strict):
    webhook: SecretUrl | None = Field(
        default=None, repr=False, description="Address that alerts are posted to"
    )
    email: Email | None = Field(default=None, description="Address that alerts are mailed to")


class Config(Strict):
    """The whole file. ``Config`` values exist only after every check of ``config.load`` passed."""

    site: Site = Field(description="Who we are")
    partners: tuple[Partner, ...] = Field(description="Publishers and what their contracts allow")
    sources: tuple[Source, ...] = Field(description="Their feeds that we poll")
    topics: tuple[Topic, ...] = Field(default=(), description="Topics; order is the order of menus")
    outputs: Outputs = Field(description="The feeds that we publish")
    hub: Hub | None = Field(
        default=None,
        description="Who tells followers of our feeds at once what is new (WebSub): own, or another's address",
    )
    subscribers: tuple[Subscriber, ...] = Field(
        default=(), description="Who gets a feed at an address of its own"
    )
    overrides: tuple[Override, ...] = Field(default=(), description="An editor's word on one story")
    fetch: FetchRules = Field(default_factory=FetchRules, description="How sources are fetched")
    keep: Keep = Field(default_factory=Keep, description="How long content is kept")
    alerts: Alerts = Field(default_factory=Alerts, description="Who is told when something is wrong")

    def hub_url(self, *, is_private: bool) -> str:
        """The hub that documents name; '' for none. Nobody else's hub is told of a subscriber's address."""
        if self.hub == "own":
            return urljoin(self.site.feeds_url, HUB_PATH)
        return "" if is_private else self.hub or ""

    def partner(self, partner_id: str) -> Partner:
        """The partner with that id. Raises KeyError."""
        return self.partners[self._places("partners")[partner_id]]

    def find_partner(self, partner_id: str) -> Partner | None:
        """The partner with that id, None when feeds.yaml no longer has it."""
        place = self._places("partners").get(partner_id)
        return None if place is None else self.partners[place]

    def find_source(self, source_id: str) -> Source | None:
        """The source with that id, None when feeds.yaml no longer has it."""
        place = self._places("sources").get(source_id)
        return None if place is None else self.sources[place]

    def sources_among(self, source_ids: Iterable[str]) -> tuple[Source, ...]:
        """Those with these ids, in the order of feeds.yaml."""
        places = self._places("sources")
        return tuple(
            self.sources[place] for place in sorted(places[one] for one in source_ids if one in places)
        )

    def _places(self, name: Literal["partners", "sources"]) -> Mapping[str, int]:
        """Where each stands, by id. Asked for each story: of 5,000 sources none is looked at but the story's own."""
        listed = getattr(self, name)
        places: Mapping[str, int]
        of, places = self.__dict__.get(f"_{name}", (None, {}))
        # Asked for the first time, or a copy with others: what is kept here is copied along.
        if of is not listed:
            places = {one.id: place for place, one in enumerate(listed)}
            self.__dict__[f"_{name}"] = listed, places
        return places
