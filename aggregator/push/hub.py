"""What our hub understands and says (W3C WebSub, sections 5 and 7)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from aggregator.model.follower import HubRequest
from aggregator.push.signature import sign

FORM = "application/x-www-form-urlencoded"
# Leases are short enough to forget who is gone, and long enough not to be asked for all the time (section 8.2).
LEASE_DEFAULT_S = 10 * 86_400
LEASE_AT_LEAST_S = 3_600
LEASE_AT_MOST_S = 30 * 86_400
# After each try of a delivery that failed. With the last of them, seven and a half hours after the first, this delivery
# is given up; the follower stays, and the next news is tried again from the beginning (section 7).
RETRY_AFTER_S = (30.0, 120.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0)
# Verifications and denials are tried again after those that met no answer, or a server in trouble.
ASK_AGAIN_AFTER_S = (5.0, 60.0, 600.0)

_MODES = {"subscribe", "unsubscribe"}
_PARAMETERS = ("hub.callback", "hub.mode", "hub.topic", "hub.lease_seconds", "hub.secret")
_FIELDS_AT_MOST = 100
_URL_CHARACTERS_AT_MOST = 2_000
_SECRET_BYTES = 200
_DIGITS = re.compile(r"0*([1-9][0-9]*)")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_CALLBACK = re.compile(r"[!-~]+")
# A name or IPv4 address, or IPv6 in brackets, and a port. A dot at the end would make one host two.
_AUTHORITY = re.compile(
    r"(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f]*:[0-9a-f:.]+\])(?::[0-9]*)?", re.IGNORECASE
)
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")  # RFC 3986, section 2.3


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request cannot be taken: an HTTP status, and words for the subscriber's developer."""

    status: int
    words: str


def read_request(body: bytes, content_type: str) -> HubRequest | Refused:
    """What a subscriber's POST asks for (section 5.1). Parameters that we do not know are ignored."""
    media_type, _, _ = content_type.partition(";")
    charset = _CHARSET.search(content_type)
    if media_type.strip().lower() != FORM or (charset and charset[1].lower() not in ("utf-8", "utf8")):
        return Refused(415, f"The body must be {FORM}, in UTF-8")
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_AT_MOST
        )
    except UnicodeDecodeError:
        return Refused(400, "The body is not UTF-8")
    except ValueError:
        return Refused(400, f"The form has more than {_FIELDS_AT_MOST} fields")
    given = [(name, value) for name, value in fields if name in _PARAMETERS]
    if words := _flaw([name for name, _ in given], values := dict(given)):
        return Refused(400, words)
    is_wanted = values["hub.mode"] == "subscribe"
    return HubRequest(
        mode="subscribe" if is_wanted else "unsubscribe",
        topic=values["hub.topic"],
        callback=values["hub.callback"],
        secret=values.get("hub.secret", "") if is_wanted else "",
        lease_s=_lease_s(values.get("hub.lease_seconds", "")) if is_wanted else 0,
    )


def _flaw(names: list[str], values: dict[str, str]) -> str:
    """What is wrong with the parameters, '' when nothing is."""
    for name, number in Counter(names).items():
        if number > 1:
            return f"{name} is given {number} times"
    for name in ("hub.mode", "hub.topic", "hub.callback"):
        if not values.get(name):
            return f"{name} is missing"
    if values["hub.mode"] not in _MODES:
        return "hub.mode must be subscribe or unsubscribe; what is new is known here without being told"
    words = _callback_flaw(values["hub.callback"])
    return f"hub.callback {words}" if words else _option_flaw(values)


def _option_flaw(values: dict[str, str]) -> str:
    secret = values.get("hub.secret", "")
    if len(secret.encode()) >= _SECRET_BYTES or "\0" in secret:
        return f"hub.secret must have less than {_SECRET_BYTES} bytes, and no NUL among them"
    lease = values.get("hub.lease_seconds", "")
    if lease and values["hub.mode"] == "subscribe" and not _DIGITS.fullmatch(lease):
        return "hub.lease_seconds must be a positive decimal integer"
    return ""


def _callback_flaw(callback: str) -> str:
    if len(callback) > _URL_CHARACTERS_AT_MOST:
        return f"must not be longer than {_URL_CHARACTERS_AT_MOST} characters"
    if not _CALLBACK.fullmatch(callback) or "\\" in callback:
        return "must consist of printable ASCII characters, without spaces and backslashes"
    try:
        parts = urlsplit(callback)
        has_host = parts.port != 0 and bool(_AUTHORITY.fullmatch(parts.netloc))
    except ValueError:
        return "cannot be read as an address"
    return _parts_flaw(parts, callback, has_host=has_host)


def _parts_flaw(parts: SplitResult, callback: str, *, has_host: bool) -> str:
    if parts.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if "@" in parts.netloc:
        return "must not hold a user name or a password"
    if "#" in callback:
        return "must not have a fragment"
    return "" if has_host else "names no host"


def _lease_s(wish: str) -> int:
    """A lease is never for ever: what is too short is raised, what is too long is lowered."""
    if not wish:
        return LEASE_DEFAULT_S
    digits = wish.lstrip("0")
    wished_s = int(digits) if len(digits) < 10 else LEASE_AT_MOST_S
    return max(LEASE_AT_LEAST_S, min(wished_s, LEASE_AT_MOST_S))


def topic_path(topic: str, feeds_url: str) -> str:
    """Where the document stands whose address is ``topic``, relative to ``feeds_url``; '' where that is not ours.

    Characters that need no escaping mean the same when they are escaped (section 5.1.1).
    """
    plain = _ENCODED.sub(_unreserved, topic)
    return plain.removeprefix(feeds_url) if plain.startswith(feeds_url) else ""


def _unreserved(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0]


def verification_url(asked: HubRequest, challenge: str) -> str:
    """Where a subscriber is asked whether they meant it (section 5.3). Its own query string stays as it is."""
    more = {"hub.mode": asked.mode, "hub.topic": asked.topic, "hub.challenge": challenge}
    if asked.mode == "subscribe":
        more["hub.lease_seconds"] = str(asked.lease_s)
    return _with_query(asked.callback, more)


def denial_url(denied: HubRequest) -> str:
    """Where somebody is told that they cannot follow, or no longer (section 5.2)."""
    more = {"hub.mode": "denied", "hub.topic": denied.topic, "hub.reason": denied.reason}
    return _with_query(denied.callback, more)


def _with_query(callback: str, more: dict[str, str]) -> str:
    _, mark, query = callback.partition("?")
    joint = ("&" if query else "") if mark else "?"
    return f"{callback}{joint}{urlencode(more)}"


def is_verified(status: int, body: bytes, challenge: str) -> bool:
    """Whether an answer confirms what was asked for: it must echo the challenge, and nothing else (section 5.3.1)."""
    return 200 <= status < 300 and body == challenge.encode()


def delivery_headers(media_type: str, links: str, body: bytes, secret: str) -> dict[str, str]:
    """What goes with a document (section 7): ``links`` name hub and topic in one header. Where there is a secret, it is
    signed.
    """
    headers = {"Content-Type": media_type, "Link": links}
    return headers | {"X-Hub-Signature": sign(body, secret)} if secret else headers


def ping(topic: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers that tell another's hub of news at ``topic``, in the words that all of them know (section 6)."""
    fields = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
    return urlencode(fields).encode("ascii"), {"Content-Type": FORM}


def refusal(status: int) -> str:
    """Why an answer to a delivery is none that takes it, in words; '' for 2xx."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"it answers {status}: callbacks are not looked for elsewhere, let them follow with the new address"
    return f"it answers {status}"


def retry_after_s(tries: int) -> float | None:
    """How long after its ``tries``-th try in vain a delivery is tried again; None: it is given up."""
    return RETRY_AFTER_S[tries - 1] if tries <= len(RETRY_AFTER_S) else None


def ask_again_after_s(tries: int) -> float | None:
    """The same for verifications and denials."""
    return ASK_AGAIN_AFTER_S[tries - 1] if tries <= len(ASK_AGAIN_AFTER_S) else None
