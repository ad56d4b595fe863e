"""Which hub tells of a document's changes, and under which address: W3C WebSub, section 4 (Discovery).

A feed's own address and hub are the partner's word about itself. The address is believed only where it stands on a host
that is the partner's: another one would let a document subscribe us to somebody else's articles.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import urljoin, urlsplit

from aggregator.model.hosts import is_within
from aggregator.model.subscription import HubLinks, HubOffer

MAX_URL = 2000
# RFC 8288, section 3: a parameter, its value a token or a quoted string in which a backslash quotes.
_PARAMETER = re.compile(r'\s*;\s*([^\s=;,"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*+)"?|([^\s;,"]*)))?', re.DOTALL)
_QUOTED = re.compile(r"\\(.)", re.DOTALL)
_SEPARATORS = re.compile(r"[\s,]*")
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_UNFIT = re.compile(r'[\s\x00-\x20\x7f<>"\\]')


def links_of_header(header: str, url: str) -> HubLinks:
    """What the Link headers of the document at ``url`` say (RFC 8288, appendix B.2).

    ``header`` are their values joined by commas; whatever in them is no link is passed over.
    """
    hubs: list[str] = []
    self_url = ""
    for target, parameters in _links(header):
        if (anchor := parameters.get("anchor")) and _resolved(anchor, url) != url:
            continue
        relations = parameters.get("rel", "").lower().split()
        if "hub" in relations:
            hubs.append(target)
        if "self" in relations:
            self_url = self_url or target
    return HubLinks(tuple(hubs), self_url)


def offer(
    header: HubLinks, document: HubLinks | None, url: str, own_hosts: Collection[str]
) -> tuple[HubOffer | None, str]:
    """What is offered by the document that was found at ``url``, and in words why an offer cannot be used.

    Link headers come first; the document's own links count in the absence of a hub there. ``document`` is None while
    it was not read: then None says that nothing is known. ``own_hosts`` are hosts, and domains, of the partner's feeds.
    Of several hubs the first with https is taken, else the first.
    """
    links = header if _hubs(header, url) else document
    if links is None:
        return None, ""
    if not (hubs := _hubs(links, url)):
        return HubOffer(), ""
    hub = next((one for one in hubs if one.lower().startswith("https:")), hubs[0])
    named = links.self_url or (document.self_url if document else "")
    if not named and document is None:
        return None, ""
    self_url = _resolved(named, url)
    if not self_url:
        return HubOffer(), f"its hub {hub} is not used: the feed does not name its own address (rel=self)"
    if not is_within(_host(self_url), {_host(url), *own_hosts}):
        return HubOffer(), f"its hub {hub} is not used: the feed calls itself {self_url}, on a foreign host"
    return HubOffer(hub, self_url), ""


def secure_form(hub: str) -> str:
    """The hub's address by https, to be tried first; '' for one that is https already or names a port of its own.

    Subscribers should favour https even if a hub is advertised as http (W3C WebSub, section 8.2).
    """
    parts = urlsplit(hub)
    return f"https{hub[4:]}" if parts.scheme == "http" and parts.netloc.lower() == parts.hostname else ""


def _links(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each target with its parameters by name in lower case; of one that is repeated the first counts."""
    at = 0
    while at < len(header):
        at = _end(_SEPARATORS.match(header, at), at)
        if not header.startswith("<", at):
            at = header.find(",", at)
        elif (end := header.find(">", at)) >= 0:
            target, at = header[at + 1 : end].strip(), end + 1
            parameters: dict[str, str] = {}
            while found := _PARAMETER.match(header, at):
                at = found.end()
                quoted, token = found[2], found[3]
                value = _QUOTED.sub(r"\1", quoted) if quoted is not None else token or ""
                parameters.setdefault(found[1].lower(), value)
            yield target, parameters
            at = header.find(",", at)
        else:
            return
        if at < 0:
            return


def _end(found: re.Match[str] | None, at: int) -> int:
    return found.end() if found else at


def _hubs(links: HubLinks, url: str) -> list[str]:
    return [hub for named in links.hubs if (hub := _resolved(named, url))]


def _resolved(named: str, url: str) -> str:
    """The address in full, as it is spelt if it is that already; '' when it is no http(s) address of a sane length."""
    named = named.strip()
    if not named or len(named) > MAX_URL or _UNFIT.search(named):
        return ""
    try:
        address = named if _ABSOLUTE.match(named) else urljoin(url, named)
        is_http = urlsplit(address).scheme in ("http", "https") and bool(_host(address))
    except ValueError:
        return ""
    return address if is_http else ""


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").lower()
