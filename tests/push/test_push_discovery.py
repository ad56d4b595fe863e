"""Which hub a document offers, from its Link headers and its own links (W3C WebSub, section 4; RFC 8288)."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.model.subscription import HubLinks, HubOffer
from aggregator.push.discovery import MAX_URL, links_of_header, offer, secure_form

URL = "https://www.koran.example/feed/"
HUB, SELF = "https://hub.example/", "https://www.koran.example/feed/"
OWN = {"koran.example"}


@pytest.mark.parametrize(
    ("header", "hubs", "self_url"),
    [
        ("", (), ""),
        (f'<{HUB}>; rel="hub", <{SELF}>; rel="self"', (HUB,), SELF),
        (f"<{HUB}>;rel=hub,<{SELF}>;rel=self", (HUB,), SELF),
        (f"<{HUB}> ; REL = Hub , <{SELF}> ; Rel = SELF", (HUB,), SELF),
        (f'<{HUB}>; title="a, b; <c>; rel=self"; rel=hub', (HUB,), ""),
        (f'<{HUB}>; title="kata \\"hub\\""; rel="hub"', (HUB,), ""),
        ('<https://a.example/>; rel="next hub self"', ("https://a.example/",), "https://a.example/"),
        (f"<{HUB}>; rel=hub, <https://b.example/>; rel=hub", (HUB, "https://b.example/"), ""),
        (
            "<https://a.example/>; rel=next; rel=hub",
            (),
            "",
        ),  # of a parameter that is repeated the first counts
        ("<https://a.example/>; rel=self, <https://b.example/>; rel=self", (), "https://a.example/"),
        ("<https://a.example/?a=1,2;b=>; rel=hub", ("https://a.example/?a=1,2;b=",), ""),
        ("</hub>; rel=hub", ("/hub",), ""),
        ("<https://a.example/>; rel=hubby", (), ""),
        ("<https://a.example/>; rev=hub", (), ""),
        ("<https://a.example/>", (), ""),
        ("<https://a.example/>; rel", (), ""),
        # Links of another context say nothing of this document.
        (f'<{HUB}>; rel="hub"; anchor="https://lain.example/"', (), ""),
        (f'<{HUB}>; rel="hub"; anchor="#bagian"', (), ""),
        (f'<{HUB}>; rel="hub"; anchor="{URL}"', (HUB,), ""),
        (f'<{HUB}>; rel="hub"; anchor="/feed/"', (HUB,), ""),
        # Damage is passed over.
        (f"sampah, <{HUB}>; rel=hub", (HUB,), ""),
        (f",, ,<{HUB}>; rel=hub,,", (HUB,), ""),
        (f"<{HUB}>; rel=hub, <tanpa akhir", (HUB,), ""),
        (f'<https://a.example/>; title="tanpa akhir, <{HUB}>; rel=hub', (), ""),
        (f"<https://a.example/>; =; ; rel=next, <{HUB}>; ; rel=hub", (HUB,), ""),
    ],
)
def test_link_headers(header: str, hubs: tuple[str, ...], self_url: str) -> None:
    assert links_of_header(header, URL) == HubLinks(hubs, self_url)


NOTHING = HubLinks()
BOTH = HubLinks((HUB,), SELF)


@pytest.mark.parametrize(
    ("header", "document", "hub", "self_url"),
    [
        (NOTHING, NOTHING, "", ""),
        (BOTH, NOTHING, HUB, SELF),
        (NOTHING, BOTH, HUB, SELF),
        (BOTH, HubLinks(("https://lain.example/",), f"{SELF}lain"), HUB, SELF),  # headers come first
        (HubLinks((), f"{SELF}lain"), BOTH, HUB, SELF),  # but not where they name no hub
        (HubLinks((HUB,)), BOTH, HUB, SELF),  # and what they lack the document may say
        (HubLinks(("mailto:a@b.example",)), BOTH, HUB, SELF),
        (HubLinks(("http://a.example/", HUB, "https://c.example/"), SELF), NOTHING, HUB, SELF),
        (HubLinks(("http://a.example/", "http://b.example/"), SELF), NOTHING, "http://a.example/", SELF),
        (HubLinks(("/hub", "javascript:x"), "?a=1"), NOTHING, "https://www.koran.example/hub", f"{URL}?a=1"),
        (
            HubLinks((HUB,), "https://www.koran.example/feed?"),
            NOTHING,
            HUB,
            "https://www.koran.example/feed?",
        ),
        (HubLinks((HUB,), " https://feeds.koran.example/a\n"), NOTHING, HUB, "https://feeds.koran.example/a"),
        (HubLinks(("https://[",), SELF), NOTHING, "", ""),
        (HubLinks((f"https://a.example/{'x' * MAX_URL}",), SELF), NOTHING, "", ""),
    ],
)
def test_what_is_offered(header: HubLinks, document: HubLinks, hub: str, self_url: str) -> None:
    assert offer(header, document, URL, OWN) == (HubOffer(hub, self_url), "")


@pytest.mark.parametrize(
    ("self_url", "is_used"),
    [
        ("https://www.koran.example/feed/", True),
        ("http://www.koran.example/feed/", True),
        ("https://rss.koran.example/lain", True),
        ("https://koran.example.jahat.example/feed/", False),
        ("https://bukankoran.example/feed/", False),
        ("https://jahat.example/feed/", False),
        ("", False),
        ("urn:uuid:1", False),
    ],
)
def test_a_self_address_is_believed_on_hosts_of_the_partner_only(self_url: str, is_used: bool) -> None:
    found, words = offer(HubLinks((HUB,), self_url), NOTHING, URL, OWN)
    assert found == (HubOffer(HUB, self_url) if is_used else HubOffer())
    assert bool(words) is not is_used


def test_the_documents_own_host_is_the_partners_too() -> None:
    links = HubLinks((HUB,), "https://feeds.burner.example/koran")
    assert offer(links, NOTHING, URL, OWN)[0] == HubOffer()
    assert offer(links, NOTHING, "https://feeds.burner.example/koran?x", OWN)[0] == HubOffer(
        HUB, links.self_url
    )


@pytest.mark.parametrize(
    ("header", "found"), [(NOTHING, None), (HubLinks((HUB,)), None), (BOTH, HubOffer(HUB, SELF))]
)
def test_while_the_document_is_not_read_only_headers_tell(header: HubLinks, found: HubOffer | None) -> None:
    assert offer(header, None, URL, OWN) == (found, "")


@pytest.mark.parametrize(
    ("hub", "by_https"),
    [
        ("http://hub.example/a?b", "https://hub.example/a?b"),
        ("HTTP://Hub.Example/", "https://Hub.Example/"),
        ("https://hub.example/", ""),
        ("http://hub.example:8080/", ""),
        ("http://[::1]/", ""),
    ],
)
def test_https_is_favoured_where_that_is_a_fair_guess(hub: str, by_https: str) -> None:
    assert secure_form(hub) == by_https


@given(st.text(alphabet='<>;,="\\ arelhubsf/:*\n\u00e9\ud800'))
@example('<a>; a="' + "\\" * 99)
def test_whatever_a_header_says_nothing_raises(header: str) -> None:
    links = links_of_header(header, URL)
    found, _ = offer(links, links, URL, OWN)
    assert found is not None and (not found or found.hub.startswith("http"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_document_says_nothing_raises(hub: str, self_url: str) -> None:
    found, _ = offer(HubLinks(), HubLinks((hub,), self_url), URL, OWN)
    assert found is not None
    assert isinstance(secure_form(found.hub), str)


@pytest.mark.parametrize("unit", [",", "<", "<,", "<>", "<>;", ";", '<>;a="', "<>;a=b", " ", "\\", "<> ; "])
def test_reading_a_header_takes_time_in_proportion_to_its_length(unit: str) -> None:
    header = unit * (200_000 // len(unit))
    began_s = time.process_time()
    links_of_header(header, URL)
    assert time.process_time() - began_s < 2
