"""Addresses as they may be printed."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from aggregator.model.tracking import is_tracking

MAX_ADDRESS_CHARS = 2_000

_UNFIT = re.compile(r"[\s\x00-\x20\x7f\ud800-\udfff\\<>\"`]")
_MAILTO = re.compile(
    r"(mailto:[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})(?:\?.*)?", re.ASCII | re.IGNORECASE
)
# Registries below a country: the site of opini.co.id is called opini.
_SECOND_LEVELS = frozenset({"co", "or", "ac", "go", "web", "my", "sch", "desa", "biz", "net", "com", "org"})
_HTTP = re.compile(r"http://([^/?#]+?)(?::80)?(?=[/?#]|$)", re.IGNORECASE)


def absolute(value: str, base_url: str) -> str:
    """An absolute http(s) address without user information; '' for anything else, also for a mere ``#fragment``."""
    value = value.strip()
    if not value or value.startswith("#") or len(value) > MAX_ADDRESS_CHARS:
        return ""
    try:
        address = urljoin(base_url, value).replace(" ", "%20")
        parts = urlsplit(address)
        address = parts.scheme + address[len(parts.scheme) :]  # in lower case
        is_fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    if not is_fit or "@" in parts.netloc or len(address) > MAX_ADDRESS_CHARS or _UNFIT.search(address):
        return ""
    return address


def secure(address: str) -> str:
    """An http(s) address over https: browsers show nothing else on a page that came so."""
    return _HTTP.sub(r"https://\1", address, count=1) if _HTTP.match(address) else address


def without_tracking(address: str) -> str:
    """The address without tracking parameters; whatever else it says stays as it is written."""
    before, question_mark, rest = address.partition("?")
    if not question_mark or "#" in before:
        return address
    query, hash_sign, fragment = rest.partition("#")
    kept = [one for one in query.split("&") if not is_tracking(_name(one))]
    return f"{before}{'?' if kept else ''}{'&'.join(kept)}{hash_sign}{fragment}"


def subdomains(host: str) -> list[str]:
    """What stands before a site's own name: ``bola`` of ``bola.example.co.id``."""
    labels = host.split(".")
    own = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS else 2
    return labels[:-own]


def mail_address(value: str) -> str:
    """A ``mailto:`` of one address, without a subject or a text; '' for anything else."""
    match = _MAILTO.fullmatch(value.strip())
    return match[1] if match else ""


def _name(parameter: str) -> str:
    """Of a parameter; ampersands that were escaped twice have left ``amp;`` before it."""
    return re.sub(r"^(?:amp;)+", "", parameter).partition("=")[0]
