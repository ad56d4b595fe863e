"""The units of feeds.yaml: durations, sizes, days, identifiers, addresses, networks, time zones.

Every check raises ValueError with the words that ops read: what was expected, and what stands there.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import regex
from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_UNITS_BYTES = {"B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_LONGEST = timedelta(days=36_500)  # now minus a longer one leaves the calendar
_SHOWN_CHARACTERS = 60
DURATION_PATTERN = r"^[0-9]{1,6}[smhd]$"
SIZE_PATTERN = r"^[0-9]{1,6}(B|kB|KB|MB|GB)$"
DAY_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
OUTPUT_ID_PATTERN = r"^(topics/)?[a-z0-9]+(-[a-z0-9]+)*$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
IPTC_PATTERN = r"^medtop:[0-9]{8}$"
PATH_PATTERN = r"^/[^\s?#]+/$"
_PROBE_TIMEOUT_S = 0.2  # for one line
# What a rule that cuts lines must not match: all of the short ones, or all of the long ones.
_SHORT_NEWS_LINES = ("Warga mengungsi", "Harga naik 5 persen", '"Kami siap," katanya.')
_LONG_NEWS_LINES = (
    "Polisi menangkap tiga orang di Muaro Jambi pada Senin (3/2/2025) malam, kata Kapolres.",
    '"Harga karet belum turun sejak awal tahun," ujar petani itu kepada wartawan di kebunnya!',
)


def shown(value: object, characters: int = _SHOWN_CHARACTERS) -> str:
    """The value as a message may have it: quoted, on one line, short, and without a password."""
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = re.sub(r"(?<=//)\S*(?=@)" if len(text) <= 500 else r"(?<=//).*", "***", text[:500])
    text = "".join(ch if ch.isprintable() else "�" for ch in text)
    return f'"{text}"' if len(text) <= characters else f'"{text[:characters]}…"'


def parse_duration(value: object) -> timedelta:
    """``90s``, ``15m``, ``2h``, ``7d``, at most 100 years. Raises ValueError naming what was expected."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str) or not re.fullmatch(DURATION_PATTERN, value):
        raise ValueError(f"expected a duration such as 15m, got {shown(value)}")
    duration = timedelta(seconds=int(value[:-1]) * _UNITS_S[value[-1]])
    if duration > _LONGEST:
        raise ValueError(f"expected a duration of at most {_LONGEST.days}d, got {shown(value)}")
    return duration


def format_duration(value: timedelta) -> str:
    """The shortest exact form: 7d, 90s."""
    seconds = int(value.total_seconds())
    for unit in "dhm":
        if seconds and seconds % _UNITS_S[unit] == 0:
            return f"{seconds // _UNITS_S[unit]}{unit}"
    return f"{seconds}s"


def within(low: str, high: str) -> AfterValidator:
    """A duration between two others, both allowed."""
    return AfterValidator(lambda value: _check_within(value, low, high))


def _check_within(value: timedelta, low: str, high: str) -> timedelta:
    if not parse_duration(low) <= value <= parse_duration(high):
        raise ValueError(f'expected a duration between {low} and {high}, got "{format_duration(value)}"')
    return value


def check_positive(value: timedelta) -> timedelta:
    """A duration longer than nothing."""
    if value <= timedelta(0):
        raise ValueError(f'expected a duration longer than 0s, got "{format_duration(value)}"')
    return value


def parse_every(value: object) -> timedelta | Literal["auto"]:
    """``auto``, or a poll interval between a minute and a month."""
    if value == "auto":
        return "auto"
    if isinstance(value, str) and not value[:1].isdigit():
        raise ValueError(f"expected auto or a duration such as 15m, got {shown(value)}")
    return _check_within(parse_duration(value), "1m", "30d")


def format_every(value: timedelta | Literal["auto"]) -> str:
    """As the file has it: auto, 15m."""
    return "auto" if value == "auto" else format_duration(value)


def parse_size(value: object) -> int:
    """``10MB``, ``500kB``: decimal units, result in bytes. Raises ValueError naming what was expected."""
    match = re.fullmatch(r"([0-9]{1,6})(B|kB|KB|MB|GB)", value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"expected a size such as 10MB, got {shown(value)}")
    return int(match[1]) * _UNITS_BYTES[match[2]]


def format_size(value: int) -> str:
    """The shortest exact form: 10MB, 1500kB."""
    for unit in ("GB", "MB", "kB"):
        if value and value % _UNITS_BYTES[unit] == 0:
            return f"{value // _UNITS_BYTES[unit]}{unit}"
    return f"{value}B"


def within_bytes(low: str, high: str) -> AfterValidator:
    """A size between two others, both allowed."""

    def check(value: int) -> int:
        if not parse_size(low) <= value <= parse_size(high):
            raise ValueError(f'expected a size between {low} and {high}, got "{format_size(value)}"')
        return value

    return AfterValidator(check)


def parse_day(value: object) -> date:
    """``2022-11-01``. Raises ValueError naming what was expected."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(DAY_PATTERN, value):
            return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"there is no such day as {shown(value)}") from None
    raise ValueError(f"expected a day such as 2022-11-01, got {shown(value)}")


def check_http_url(value: str) -> str:
    """An absolute http or https address with a host and without a user name or password."""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(
            f"expected an address such as https://example.com/feed, got {shown(value)}"
        ) from None
    if "@" in parts.netloc:
        raise ValueError(
            "a user name or password must not stand in an address; ask the partner for one without"
        )
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\x00-\x20\x7f\\<>\"]", value):
        raise ValueError(f"expected an address such as https://example.com/feed, got {shown(value)}")
    return value


def check_folder_url(value: str) -> str:
    """An http address that others are built on by appending to it."""
    check_http_url(value)
    if "?" in value or "#" in value:
        raise ValueError(f"expected an address without ? and #, got {shown(value)}")
    if not value.endswith("/"):
        raise ValueError(
            f'expected an address that ends with "/", got {shown(value)}; write {shown(value + "/")}'
        )
    return value


def check_hub(value: str) -> str:
    """``own``, or the address of somebody else's hub."""
    try:
        return value if value == "own" else check_http_url(value)
    except ValueError:
        raise ValueError(
            f"expected own, or the address of a hub such as https://hub.example.com/, got {shown(value)}; "
            "for no hub leave the key out"
        ) from None


def check_secret_url(value: str) -> str:
    """As ``check_http_url``, with messages that never show the value."""
    try:
        return check_http_url(value)
    except ValueError:
        raise ValueError(
            "expected an address such as https://hooks.example.com/path without a user name or password "
            "(what stands here is a secret and not shown)"
        ) from None


def check_email(value: str) -> str:
    """One e-mail address, with messages that never show the value."""
    if not re.fullmatch(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,250}\.[a-z]{2,24}", value, re.IGNORECASE):
        raise ValueError("expected one e-mail address such as redaksi@example.com")
    return value


def check_host(value: str) -> str:
    """A bare host name in lower case."""
    if not re.fullmatch(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]+", value):
        raise ValueError(
            f"expected a host such as pikiran-rakyat.com (no https://, no path), got {shown(value)}"
        )
    return value


def check_story_ref(value: str) -> str:
    """What a story is known under outside: its published id, or the address of its article."""
    try:
        UUID(value)
    except ValueError:
        try:
            check_http_url(value)
        except ValueError:
            raise ValueError(
                f"expected the published id (urn:uuid:...) or the address of an article, got {shown(value)}"
            ) from None
    return value


def check_story_url(value: str) -> str:
    """An address with ``{id}`` in it, once, and no other brace."""
    if value.count("{id}") != 1 or re.search(r"[{}]", value.replace("{id}", "")):
        raise ValueError(
            f"expected an address with {{id}} in it, such as https://example.com/baca/{{id}}, got {shown(value)}"
        )
    check_http_url(value.replace("{id}", "0"))
    return value


def check_keyword(value: str) -> str:
    """A word, or words that stand together."""
    if "*" in value:
        raise ValueError(
            f"expected a word without *, got {shown(value)}; forms of a word are found by themselves"
        )
    if not re.search(r"\w{2}", value):
        raise ValueError(f"expected a word of two letters at least, got {shown(value)}")
    return value


def check_timezone(value: str) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(
            "expected a time zone such as Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT), "
            f"got {shown(value)}"
        ) from None
    return value


def check_network(value: str) -> str:
    """An IP network in CIDR form, other than all addresses at once."""
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        raise ValueError(f"expected a network such as 127.0.0.0/8, got {shown(value)}") from None
    if network.prefixlen == 0:
        raise ValueError(
            f"{shown(value)} opens every private network; name that of the test server, such as 127.0.0.0/8"
        )
    return value


def cut_line_words(line: str) -> str:
    """A line as ``cut: [{line: ...}]`` compares it: without case, runs of white space and the signs around it."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", " ".join(line.split())).casefold()


def compile_cut_pattern(value: str) -> regex.Pattern[str]:
    """The expression of ``cut: [{pattern: ...}]``, case ignored. Raises regex.error for what is none."""
    return regex.compile(value, regex.IGNORECASE)


def check_cut_line(value: str) -> str:
    """A line that has a word in it."""
    if not cut_line_words(value):
        raise ValueError(f"expected a line with a word in it (signs around are ignored), got {shown(value)}")
    return value


def check_cut_pattern(value: str) -> str:
    """A regular expression that is quick and neither matches every line nor the empty one."""
    try:
        pattern = compile_cut_pattern(value)
        whole = {
            line: bool(pattern.fullmatch(line, timeout=_PROBE_TIMEOUT_S))
            for line in ("", *_SHORT_NEWS_LINES, *_LONG_NEWS_LINES)
        }
    except regex.error as error:
        raise ValueError(f"expected a regular expression, got {shown(value)}: {error}") from None
    except TimeoutError:
        raise ValueError(f"takes too long: {shown(value)}; avoid repetitions within repetitions") from None
    if whole.pop(""):
        raise ValueError(f"{shown(value)} matches the empty line; say which words the line has")
    if news := next((line for line, is_matched in whole.items() if is_matched), ""):
        raise ValueError(
            f"{shown(value)} matches lines of news such as {shown(news)}; say which words the line has"
        )
    return value


def as_list(value: object) -> object:
    """One value where a list of them may stand: the list of that one."""
    return value if isinstance(value, tuple | list) else (value,)


class OneOrListSchema:
    """The JSON Schema of what ``as_list`` takes."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        of_list = handler(core_schema)
        return {"anyOf": [of_list["items"], of_list]}


def _matching(pattern: str, expected: str) -> AfterValidator:
    """Text of one form; ``expected`` names the form in the message."""

    def check(value: str) -> str:
        if not re.search(pattern.removesuffix("$") + r"\Z", value):
            raise ValueError(f"expected {expected}, got {shown(value)}")
        return value

    return AfterValidator(check)


def _text_schema(**more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more})


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration),
    _text_schema(pattern=DURATION_PATTERN, examples=["15m", "7d"]),
]
Every = Annotated[
    timedelta | Literal["auto"],
    BeforeValidator(parse_every),
    PlainSerializer(format_every),
    _text_schema(pattern=f"^auto$|{DURATION_PATTERN}", examples=["auto", "15m"]),
]
ByteSize = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(format_size),
    _text_schema(pattern=SIZE_PATTERN, examples=["10MB"]),
]
Day = Annotated[
    date,
    BeforeValidator(parse_day),
    _text_schema(format="date", pattern=DAY_PATTERN, examples=["2022-11-01"]),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Id = Annotated[
    str,
    StringConstraints(max_length=64),
    _matching(ID_PATTERN, "an id of small letters, digits and single dashes such as indonesia-daily"),
    _text_schema(pattern=ID_PATTERN, maxLength=64),
]
OutputId = Annotated[
    str,
    StringConstraints(max_length=71),
    _matching(OUTPUT_ID_PATTERN, "the id of an output such as all or topics/ekonomi"),
    _text_schema(pattern=OUTPUT_ID_PATTERN, maxLength=71),
]
Language = Annotated[
    str,
    _matching(LANGUAGE_PATTERN, "a language code such as id or en-GB"),
    _text_schema(pattern=LANGUAGE_PATTERN),
]
Iptc = Annotated[
    str,
    _matching(IPTC_PATTERN, "an IPTC Media Topic such as medtop:11000000"),
    _text_schema(pattern=IPTC_PATTERN),
]
UrlPath = Annotated[
    str,
    StringConstraints(max_length=200),
    _matching(PATH_PATTERN, "a part of an address that begins and ends with a slash, such as /politik/"),
    _text_schema(pattern=PATH_PATTERN, maxLength=200),
]
HttpUrl = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(check_http_url),
    _text_schema(format="uri", pattern="^https?://[^/@]+(/|$)", maxLength=2000),
]
FolderUrl = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(check_folder_url),
    _text_schema(format="uri", pattern="^https?://[^?#]+/$", maxLength=2000),
]
Hub = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(check_hub),
    _text_schema(pattern="^(own|https?://[^/@]+(/.*)?)$", maxLength=2000),
]
SecretUrl = Annotated[str, StringConstraints(max_length=2000), AfterValidator(check_secret_url)]
Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(check_email)]
StoryUrl = Annotated[str, StringConstraints(max_length=2000), AfterValidator(check_story_url)]
Keyword = Annotated[Text, AfterValidator(check_keyword)]
StoryRef = Annotated[Text, AfterValidator(check_story_ref)]
Host = Annotated[str, AfterValidator(check_host)]
Timezone = Annotated[str, AfterValidator(check_timezone)]
Network = Annotated[str, AfterValidator(check_network)]
CutLineText = Annotated[Text, AfterValidator(check_cut_line)]
CutPattern = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    AfterValidator(check_cut_pattern),
    _text_schema(format="regex", minLength=1, maxLength=500),
]
