"""The one guard: which addresses we may connect to, whatever a feed, a redirect or a DNS answer says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from yarl import URL

from aggregator.errors import ForbiddenAddressError

# The first row that holds an address names it. Not ``ipaddress.is_global``: Python 3.11 calls multicast,
# NAT64 and 6to4 global. Sources: IANA's special-purpose address registries (RFC 6890) and IPv6 address space.
_FORBIDDEN: tuple[tuple[IPv4Network | IPv6Network, str], ...] = tuple(
    (ip_network(network), words)
    for network, words in (
        ("0.0.0.0/8", "an address of this host"),
        ("10.0.0.0/8", "a private address"),
        ("100.100.100.200/32", "a cloud metadata address"),
        ("100.64.0.0/10", "a carrier's internal address"),
        ("127.0.0.0/8", "a loopback address"),
        ("168.63.129.16/32", "a cloud metadata address"),
        ("169.254.169.254/32", "a cloud metadata address"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "an address reserved for protocols"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.88.99.0/24", "a 6to4 relay address"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a benchmarking address"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/128", "an address of this host"),
        ("::1/128", "a loopback address"),
        ("::ffff:0:0/96", "an IPv4 address hidden in IPv6"),
        ("::ffff:0:0:0/96", "an IPv4 address hidden in IPv6"),
        ("::/96", "an IPv4 address hidden in IPv6"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),
        ("2001::/32", "an IPv4 address behind Teredo"),
        ("2001::/23", "an address reserved for protocols"),
        ("2001:db8::/32", "a documentation address"),
        ("2002::/16", "an IPv4 address behind 6to4"),
        ("3fff::/20", "a documentation address"),
        ("fd00:ec2::254/128", "a cloud metadata address"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("ff00::/8", "a multicast address"),
        # What is left outside 2000::/3, the only global unicast space that IANA has given out.
        ("::/3", "a reserved address"),
        ("4000::/2", "a reserved address"),
        ("8000::/1", "a reserved address"),
    )
)

_SERVICE_PORTS = frozenset(
    {1433, 1521, 2049, 2181, 2375, 2376, 2379, 3306, 3389, 5432, 5672, 5900, 5984, 6000, 6379, 6443, 6667}
    | {9042, 9092, 9200, 9300, 10250, 11211, 27017}
)

_CONTROLS_AND_BACKSLASH = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_PLACE = re.compile(r"(?:[^/?#]*//)?[^/?#]*")
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")
# https://url.spec.whatwg.org/#ends-in-a-number-checker: such a host is an IPv4 address, in whatever spelling.
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.*")
# RFC 6761, section 6.3: these names are this host, whatever DNS says.
_LOCALHOST = re.compile(r"(?:.*\.)?localhost\.*", re.IGNORECASE)
_LOOPBACK = (ip_address("127.0.0.1"), ip_address("::1"))


class Guard:
    """Refuses addresses, ports and URLs that nothing of ours may be sent to.

    ``allow_networks`` are networks in CIDR form (``fetch.allow_networks``) where everything may be reached,
    on any port, although the table forbids it.
    """

    def __init__(self, allow_networks: Iterable[str]) -> None:
        self._allowed = tuple(ip_network(network) for network in allow_networks)

    def check_url(self, url: str, base: URL | None = None) -> URL:
        """The URL as it may be asked for, without its fragment; a relative one is resolved against ``base``.

        A host name passes here, unless it is localhost, and is judged by what it resolves to. Raises
        ForbiddenAddressError for another scheme than http(s), a missing host, user information, control
        characters, backslashes, IPv4 addresses in any but the usual spelling, and forbidden addresses and ports.
        """
        if _CONTROLS_AND_BACKSLASH.search(url):
            raise ForbiddenAddressError(f"the address {_shown(url)} holds a control character or a backslash")
        try:
            parsed = URL(url) if base is None else base.join(URL(url))
        except ValueError:
            raise ForbiddenAddressError(f"the address {_shown(url)} cannot be read") from None
        if parsed.scheme not in ("http", "https"):
            raise ForbiddenAddressError(f"the address {_shown(url)} is neither http nor https")
        if "@" in parsed.raw_authority:
            raise ForbiddenAddressError(f"an address at {parsed.raw_host} holds a user name or a password")
        self._check_host(url, parsed)
        return parsed.with_fragment(None)

    def check_address(self, address: str, port: int) -> None:
        """May we connect to this IP address and port? Raises ForbiddenAddressError with the reason."""
        try:
            ip = ip_address(address)
        except ValueError:
            raise ForbiddenAddressError(
                f"{_shown(address)} is no IP address as it is usually written"
            ) from None
        if any(ip in network for network in self._allowed):
            return
        if words := _forbidden(ip):
            raise ForbiddenAddressError(f"{ip} is {words}, which fetch.allow_networks does not list")
        _check_port(port)

    def _check_host(self, url: str, parsed: URL) -> None:
        host, port = parsed.raw_host, parsed.port
        if not host or port is None:
            raise ForbiddenAddressError(f"the address {_shown(url)} names no host")
        if not _is_readable(parsed):
            raise ForbiddenAddressError(f"the address {_shown(url)} names no host that could exist")
        if ":" in host:
            self.check_address(host, port)
            return
        if not _HOST_NAME.fullmatch(host):
            raise ForbiddenAddressError(f"the address {_shown(url)} names no host that could exist")
        if _ENDS_IN_A_NUMBER.fullmatch(host):
            self.check_address(host, port)
        elif _LOCALHOST.fullmatch(host) and not self._is_loopback_allowed():
            raise ForbiddenAddressError(
                f"{host}: this is a loopback address, which fetch.allow_networks does not list"
            )
        elif not self._allowed:
            # With allowed networks the name may lead into one, where any port goes: then its address decides.
            _check_port(port)

    def _is_loopback_allowed(self) -> bool:
        return any(ip in network for ip in _LOOPBACK for network in self._allowed)


def _is_readable(parsed: URL) -> bool:
    """Whether the host can be told in words: not where an A-label stands for no name, as in http://xn--/ (RFC 5890)."""
    try:
        return bool(parsed.host)
    except UnicodeError:
        return False


def _forbidden(ip: IPv4Address | IPv6Address) -> str:
    return next((words for network, words in _FORBIDDEN if ip in network), "")


def _check_port(port: int) -> None:
    if port in (80, 443) or (port >= 1024 and port not in _SERVICE_PORTS):
        return
    raise ForbiddenAddressError(
        f"port {port} serves no feeds: only 80, 443 and ports from 1024 without a well-known service "
        "are asked, except in fetch.allow_networks"
    )


def _shown(address: str) -> str:
    """Hostile text made safe for logs and terminals: short, quoted, escaped; and without what stands behind the host,
    which may be a secret (a callback's is).
    """
    place = _PLACE.match(address)
    return repr(place[0][:100] if place else "")
