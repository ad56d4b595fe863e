"""What our hub understands and says."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from aggregator.model.follower import HubRequest
from aggregator.push.hub import (
    FORM,
    LEASE_AT_LEAST_S,
    LEASE_AT_MOST_S,
    LEASE_DEFAULT_S,
    RETRY_AFTER_S,
    Refused,
    ask_again_after_s,
    delivery_headers,
    denial_url,
    is_verified,
    ping,
    read_request,
    refusal,
    retry_after_s,
    topic_path,
    verification_url,
)

FEEDS = "https://feeds.jambiseru.com/"
TOPIC = f"{FEEDS}feeds/all.atom"
CALLBACK = "https://pembaca.example/cb/7Qx?berita=ya&hub.topic=lain"
ASKED = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": CALLBACK}


def read(content_type: str | None = FORM, **more: str | None) -> HubRequest | Refused:
    """The request with these parameters; dots are written as underscores, None takes one away."""
    fields = ASKED | {name.replace("hub_", "hub."): value for name, value in more.items()}
    given = {name: value for name, value in fields.items() if value is not None}
    return read_request(urlencode(given).encode(), content_type or "")


def taken(**more: str | None) -> HubRequest:
    found = read(**more)
    assert isinstance(found, HubRequest), found
    return found


def test_a_request_is_read_with_addresses_exactly_as_they_were_sent() -> None:
    assert taken() == HubRequest("subscribe", TOPIC, CALLBACK, "", LEASE_DEFAULT_S)
    assert taken(hub_secret="rahasia é", hub_lease_seconds="86400", foo="bar") == HubRequest(
        "subscribe", TOPIC, CALLBACK, "rahasia é", 86_400
    )
    assert taken(hub_mode="unsubscribe", hub_secret="x", hub_lease_seconds="nonsense") == HubRequest(
        "unsubscribe", TOPIC, CALLBACK
    )


@pytest.mark.parametrize(
    ("wish", "lease_s"),
    [
        (None, 10 * 86_400),
        ("", LEASE_DEFAULT_S),
        ("1", LEASE_AT_LEAST_S),
        ("3600", 3_600),
        ("003601", 3_601),
        (str(LEASE_AT_MOST_S - 1), LEASE_AT_MOST_S - 1),
        (str(LEASE_AT_MOST_S + 1), LEASE_AT_MOST_S),
        ("9" * 5_000, 30 * 86_400),
    ],
    ids=["none", "empty", "short", "shortest", "zeros", "long", "longer", "for-ever"],
)
def test_leases_are_granted_within_limits(wish: str | None, lease_s: int) -> None:
    assert taken(hub_lease_seconds=wish).lease_s == lease_s


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("hub_mode", None, "hub.mode is missing"),
        ("hub_mode", "", "hub.mode is missing"),
        ("hub_mode", "publish", "hub.mode must be"),
        ("hub_mode", "Subscribe", "hub.mode must be"),
        ("hub_topic", None, "hub.topic is missing"),
        ("hub_callback", None, "hub.callback is missing"),
        ("hub_callback", "ftp://pembaca.example/", "must begin with http"),
        ("hub_callback", "javascript:alert(1)", "must begin with http"),
        ("hub_callback", "/cb", "must begin with http"),
        ("hub_callback", "https://", "names no host"),
        ("hub_callback", "https://a b/", "printable ASCII"),
        ("hub_callback", "https://pembaca.example/\r\nHost: x", "printable ASCII"),
        ("hub_callback", "https://pembaca.example/kabar-é", "printable ASCII"),
        ("hub_callback", "https://pembaca.example\\@lain.example/", "printable ASCII"),
        ("hub_callback", "https://ani:sandi@pembaca.example/", "user name or a password"),
        ("hub_callback", "https://pembaca.example/cb#x", "fragment"),
        ("hub_callback", "https://pembaca.example/cb#", "fragment"),
        ("hub_callback", "https://pembaca.example:99999/", "cannot be read"),
        ("hub_callback", "https://[::1/", "cannot be read"),
        ("hub_callback", "https://a(b).example/", "names no host"),
        ("hub_callback", "https://pembaca.example./", "names no host"),
        ("hub_callback", "https://a..example/", "names no host"),
        ("hub_callback", "https://[v1.example]/", "names no host"),
        ("hub_callback", "https://[fe80::1%25eth0]/", "names no host"),
        ("hub_callback", "https://pembaca.example:0/", "names no host"),
        ("hub_callback", "https://pembaca.example/" + "x" * 2_000, "longer than 2000"),
        ("hub_secret", "é" * 100, "less than 200 bytes"),
        ("hub_secret", "a\0b", "no NUL"),
        ("hub_lease_seconds", "0", "positive decimal integer"),
        ("hub_lease_seconds", "-5", "positive decimal integer"),
        ("hub_lease_seconds", "1e5", "positive decimal integer"),
        ("hub_lease_seconds", "٣٦٠٠", "positive decimal integer"),
    ],
)
def test_what_is_wrong_is_told_in_words(name: str, value: str | None, words: str) -> None:
    found = read(**{name: value})
    assert isinstance(found, Refused)
    assert found.status == 400
    assert words in found.words


def test_a_secret_of_199_bytes_is_the_longest() -> None:
    assert taken(hub_secret="x" * 199).secret == "x" * 199
    assert isinstance(read(hub_secret="x" * 200), Refused)


@pytest.mark.parametrize("name", ["hub.callback", "hub.mode", "hub.topic", "hub.secret", "hub.lease_seconds"])
def test_nothing_is_given_twice(name: str) -> None:
    body = urlencode([*ASKED.items(), (name, "1"), (name, "2")]).encode()
    found = read_request(body, FORM)
    assert isinstance(found, Refused)
    assert name in found.words
    assert "times" in found.words


@pytest.mark.parametrize(
    ("content_type", "is_taken"),
    [
        (FORM, True),
        ("Application/X-WWW-Form-Urlencoded; charset=UTF-8", True),
        (f'{FORM};charset="utf-8"', True),
        (f"{FORM}; charset=latin-1", False),
        ("application/json", False),
        ("multipart/form-data; boundary=x", False),
        ("", False),
    ],
)
def test_only_a_form_in_utf_8_is_read(content_type: str, is_taken: bool) -> None:
    found = read(content_type)
    assert isinstance(found, HubRequest) is is_taken
    assert is_taken or getattr(found, "status", 0) == 415


@pytest.mark.parametrize("tail", [b"&x=\xff", b"&x=%FF", b"&hub.secret=%C3"])
def test_bytes_that_are_no_utf_8_are_refused(tail: bytes) -> None:
    assert read_request(urlencode(ASKED).encode() + tail, FORM) == Refused(400, "The body is not UTF-8")


def test_a_form_of_very_many_fields_is_refused() -> None:
    found = read_request(urlencode(ASKED).encode() + b"&a=1" * 100, FORM)
    assert found == Refused(400, "The form has more than 100 fields")


@pytest.mark.parametrize(
    ("topic", "path"),
    [
        (TOPIC, "feeds/all.atom"),
        (f"{FEEDS}%66eeds/all%2Eatom", "feeds/all.atom"),  # characters that need no escaping
        (f"{FEEDS}feeds%2Fall.atom", "feeds%2Fall.atom"),  # one that does
        ("https://lain.example/feeds/all.atom", ""),
        ("http://feeds.jambiseru.com/feeds/all.atom", ""),
        (f"{TOPIC}?x=1", "feeds/all.atom?x=1"),
        ("", ""),
    ],
)
def test_a_topic_is_the_self_address_of_a_document(topic: str, path: str) -> None:
    assert topic_path(topic, FEEDS) == path


@pytest.mark.parametrize(
    ("callback", "begins"),
    [
        ("https://p.example/cb", "https://p.example/cb?hub.mode="),
        ("https://p.example/cb?", "https://p.example/cb?hub.mode="),
        ("https://p.example/cb?a=b%20c&A=%2f+", "https://p.example/cb?a=b%20c&A=%2f+&hub.mode="),
        (
            "https://p.example/cb?hub.mode=x&hub.mode=y",
            "https://p.example/cb?hub.mode=x&hub.mode=y&hub.mode=",
        ),
        ("https://p.example/cb?a=b?c", "https://p.example/cb?a=b?c&hub.mode="),
    ],
)
def test_the_callback_keeps_its_query_string(callback: str, begins: str) -> None:
    asked = HubRequest("subscribe", TOPIC, callback, "rahasia", 86_400)
    url = verification_url(asked, "t4nt4ng")
    assert url.startswith(begins)
    assert "rahasia" not in url
    added = parse_qsl(urlsplit(url).query)[-4:]
    assert dict(added) == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "t4nt4ng",
        "hub.lease_seconds": "86400",
    }
    denied = denial_url(HubRequest("denied", TOPIC, callback, reason="tidak ada lagi"))
    assert denied.startswith(begins)
    assert parse_qsl(urlsplit(denied).query)[-3:] == [
        ("hub.mode", "denied"),
        ("hub.topic", TOPIC),
        ("hub.reason", "tidak ada lagi"),
    ]


def test_unsubscribing_is_verified_without_a_lease() -> None:
    url = verification_url(HubRequest("unsubscribe", TOPIC, "https://p.example/"), "t4nt4ng")
    assert "hub.mode=unsubscribe" in url
    assert "lease" not in url


@pytest.mark.parametrize(
    ("status", "body", "is_good"),
    [
        (200, b"t4nt4ng", True),
        (204, b"t4nt4ng", True),
        (299, b"t4nt4ng", True),
        (200, b"t4nt4ng\n", False),
        (200, b"", False),
        (200, b"T4NT4NG", False),
        (200, b"t4nt4ng and more", False),
        (302, b"t4nt4ng", False),
        (404, b"t4nt4ng", False),
        (500, b"t4nt4ng", False),
        (100, b"t4nt4ng", False),
    ],
)
def test_only_the_challenge_itself_verifies(status: int, body: bytes, is_good: bool) -> None:
    assert is_verified(status, body, "t4nt4ng") is is_good


def test_a_document_goes_with_its_type_its_links_and_a_signature() -> None:
    links = f'<{FEEDS}hub>; rel="hub", <{TOPIC}>; rel="self"'
    plain = {"Content-Type": "application/atom+xml", "Link": links}
    assert delivery_headers("application/atom+xml", links, b"<feed/>", "") == plain
    signed = hmac.new(b"rahasia", b"<feed/>", hashlib.sha256).hexdigest()
    assert delivery_headers("application/atom+xml", links, b"<feed/>", "rahasia") == plain | {
        "X-Hub-Signature": f"sha256={signed}"
    }


def test_another_hub_is_told_in_the_words_that_hubs_know() -> None:
    body, headers = ping(TOPIC)
    assert parse_qsl(body.decode()) == [("hub.mode", "publish"), ("hub.url", TOPIC), ("hub.topic", TOPIC)]
    assert headers == {"Content-Type": FORM}


@pytest.mark.parametrize(
    ("status", "words"),
    [(200, ""), (204, ""), (307, "callbacks are not looked for elsewhere"), (404, "404"), (500, "500")],
)
def test_only_2xx_takes_a_delivery(status: int, words: str) -> None:
    assert (words in refusal(status)) if words else (refusal(status) == "")


def test_tries_are_further_and_further_apart_and_end() -> None:
    waits = [retry_after_s(tries) for tries in range(1, len(RETRY_AFTER_S) + 2)]
    assert waits == [30, 120, 600, 1_800, 3_600, 7_200, 14_400, None]
    assert [ask_again_after_s(tries) for tries in range(1, 5)] == [5, 60, 600, None]


def test_neither_callbacks_nor_secrets_are_shown_when_a_request_is() -> None:
    shown = repr(taken(hub_secret="rahasia"))
    assert "rahasia" not in shown
    assert "7Qx" not in shown
