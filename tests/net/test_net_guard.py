from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aggregator.errors import ForbiddenAddressError
from aggregator.net.guard import Guard

FORBIDDEN_ADDRESSES = {
    "0.0.0.0": "this host",
    "10.0.0.5": "private",
    "100.64.0.1": "carrier",
    "100.100.100.200": "metadata",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "metadata",
    "169.254.1.1": "link-local",
    "169.254.169.254": "metadata",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.1": "protocols",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarking",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "this host",
    "::1": "loopback",
    "::127.0.0.1": "hidden",
    "::ffff:127.0.0.1": "hidden",
    "::ffff:8.8.8.8": "hidden",
    "::ffff:0:127.0.0.1": "hidden",
    "64:ff9b::7f00:1": "NAT64",
    "64:ff9b:1::1": "NAT64",
    "100::1": "reserved",
    "2001::1": "Teredo",
    "2001:2::1": "protocols",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4",
    "3fff::1": "documentation",
    "4000::1": "reserved",
    "5f00::1": "reserved",
    "fc00::1": "private",
    "fd00:ec2::254": "metadata",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "2130706433": "usually written",
    "": "usually written",
}

FORBIDDEN_URLS = {
    "http://127.0.0.1/": "loopback",
    "http://[::1]:8099/": "loopback",
    "http://[::ffff:127.0.0.1]/": "hidden",
    "http://[fe80::1%25eth0]/": "link-local",
    "http://2130706433/": "usually written",
    "http://0x7f000001/": "usually written",
    "http://0X7F.1/": "usually written",
    "http://0177.0.0.1/": "usually written",
    "http://127.1/": "usually written",
    "http://0/": "usually written",
    "http://127.0.0.1./": "usually written",
    "http://134744072/": "usually written",
    "http://①②⑦.0.0.1/": "loopback",
    "http://localhost:8099/": "loopback",
    "http://LocalHost./": "loopback",
    "http://a.localhost/": "loopback",
    "http://127。0。0。1/": "loopback",
    "ftp://partner.test/": "neither http nor https",
    "gopher://127.0.0.1:6379/_INFO": "neither http nor https",
    "file:///etc/passwd": "neither http nor https",
    "javascript:xss(1)": "neither http nor https",
    "unix:///var/run/docker.sock": "neither http nor https",
    "jar:http://partner.test!/": "neither http nor https",
    "//partner.test/": "neither http nor https",
    "partner.test/feed": "neither http nor https",
    "": "neither http nor https",
    "http:///feed": "names no host",
    "http://": "names no host",
    "http://user:secret@partner.test/": "user name",
    "http://user@partner.test/": "user name",
    "http://partner.test:80\\@127.0.0.1:8099/": "backslash",
    "http://partner.test/\r\nX-Injected: 1": "control character",
    "http://partner.test/\x00": "control character",
    "http://par tner.test/": "could exist",
    "http://partner%2etest/": "could exist",
    "http://xn--/": "could exist",
    "http://a.xn--a.test/": "could exist",
    "http://partner.test:99999/": "cannot be read",
    "http://partner.test:x/": "cannot be read",
    "http://partner.test:0/": "port 0",
    "http://partner.test:25/": "port 25",
    "http://partner.test:6379/": "port 6379",
    "https://93.184.216.34:11211/": "port 11211",
}


@pytest.mark.parametrize(("address", "words"), FORBIDDEN_ADDRESSES.items())
def test_forbidden_addresses_are_refused_in_words(address: str, words: str) -> None:
    with pytest.raises(ForbiddenAddressError, match=words):
        Guard([]).check_address(address, 80)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111"]
)
def test_public_addresses_pass(address: str) -> None:
    Guard([]).check_address(address, 443)


@pytest.mark.parametrize(("url", "words"), FORBIDDEN_URLS.items())
def test_forbidden_urls_are_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(ForbiddenAddressError, match=words):
        Guard([]).check_url(url)


@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_what_stands_behind_the_host_is_not_told(url: str) -> None:
    """Nor is it of an address that a callback could have."""
    for behind in ("/rahasia", "?rahasia", "#rahasia", "/cb?k=//rahasia/"):
        with pytest.raises(ForbiddenAddressError) as raised:
            Guard([]).check_url(f"{url}{behind}")
        assert "rahasia" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://www.partner.test/feed/?a=1&b=%20%2B#top", "https://www.partner.test/feed/?a=1&b=%20%2B"),
        ("http://partner.test:8080/", "http://partner.test:8080/"),
        ("http://bücher.test/ä", "http://xn--bcher-kva.test/%C3%A4"),
        ("http://1e100.test/", "http://1e100.test/"),
        ("http://notlocalhost/", "http://notlocalhost/"),
        ("http://localhost.test/", "http://localhost.test/"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
    ],
)
def test_urls_that_pass_lose_only_their_fragment(url: str, asked: str) -> None:
    assert str(Guard([]).check_url(url)) == asked


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("/new", "http://partner.test/new"),
        ("new?x#y", "http://partner.test/a/new?x"),
        ("//other.test/", "http://other.test/"),
    ],
)
def test_relative_urls_are_resolved(location: str, asked: str) -> None:
    assert str(Guard([]).check_url(location, base=URL("http://partner.test/a/b"))) == asked


def test_an_allowed_network_opens_its_addresses_on_any_port_and_nothing_else() -> None:
    guard = Guard(["127.0.0.0/8", "fd00::/8"])
    guard.check_address("127.0.0.1", 25)
    guard.check_address("fd00::1", 6379)
    guard.check_url("http://127.0.0.1:25/")
    guard.check_url("http://localhost:25/")
    guard.check_url("http://partner.test:25/")  # a name may lead into the network; its address decides
    for address, port in [("::1", 80), ("10.0.0.5", 80), ("::ffff:127.0.0.1", 80), ("93.184.216.34", 25)]:
        with pytest.raises(ForbiddenAddressError):
            guard.check_address(address, port)


def test_the_words_name_the_setting_and_hide_passwords_and_escape_sequences() -> None:
    with pytest.raises(ForbiddenAddressError, match=r"fetch\.allow_networks"):
        Guard([]).check_address("127.0.0.1", 80)
    with pytest.raises(ForbiddenAddressError) as refused:
        Guard([]).check_url("http://user:secret@partner.test/")
    assert "secret" not in str(refused.value)
    with pytest.raises(ForbiddenAddressError) as refused:
        Guard([]).check_url("http://\x1b[2J\n/")
    assert str(refused.value).isprintable()


@given(st.ip_addresses())
def test_whatever_passes_is_global_and_no_multicast(ip: IPv4Address | IPv6Address) -> None:
    try:
        Guard([]).check_address(str(ip), 80)
    except ForbiddenAddressError:
        return
    assert ip.is_global
    assert not ip.is_multicast


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_never_reached_through_ipv6(ip: IPv4Address) -> None:
    number = int(ip)
    for disguise in (0xFFFF << 32 | number, number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        with pytest.raises(ForbiddenAddressError):
            Guard([]).check_address(
                str(ip_address(disguise) if disguise >> 32 else IPv6Address(disguise)), 80
            )


@given(st.text(max_size=60) | st.from_regex(r"https?://[ -~]{0,40}", fullmatch=True))
def test_check_url_raises_nothing_but_its_own_error(url: str) -> None:
    try:
        parsed = Guard([]).check_url(url)
    except ForbiddenAddressError as refused:
        assert str(refused).isprintable()
    else:
        assert parsed.scheme in ("http", "https")
        assert parsed.host
