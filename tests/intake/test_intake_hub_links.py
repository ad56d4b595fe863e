"""Which hubs a feed of each format names, and what it calls itself; links of its entries are theirs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from aggregator.intake.document import read_document
from aggregator.intake.hub_links import MAX_CHARACTERS, MAX_HUBS, hub_links
from aggregator.model.entry import ParsedFeed
from aggregator.model.subscription import HubLinks

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ATOM_NAMESPACE = 'xmlns:a="http://www.w3.org/2005/Atom"'
RSS = (
    f'<rss version="2.0" {ATOM_NAMESPACE}><channel><title>Koran</title><link>https://koran.example/</link>'
    "<image><url>https://koran.example/i.png</url><link>https://koran.example/</link></image>{links}"
    "<item><title>Satu</title><link>https://koran.example/1</link>{in_entry}</item></channel></rss>"
)
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    f'{ATOM_NAMESPACE}><channel rdf:about="https://koran.example/"><title>Koran</title>{{links}}</channel>'
    '<item rdf:about="https://koran.example/1"><title>Satu</title><link>https://koran.example/1</link>'
    "{in_entry}</item></rdf:RDF>"
)
ATOM = (
    f"<a:feed {ATOM_NAMESPACE}><a:title>Koran</a:title><a:entry><a:title>Satu</a:title><a:id>1</a:id>"
    '<a:link href="https://koran.example/1"/>{in_entry}<a:source>{in_entry}<a:title>Lain</a:title></a:source>'
    "</a:entry>{links}</a:feed>"
)


def read(body: str) -> HubLinks:
    document = read_document(
        body.encode(), url="https://koran.example/feed", content_type="", timezone="UTC", now=NOW
    )
    assert isinstance(document, ParsedFeed)
    assert document.entries
    return document.links


def link(relation: str, address: str) -> str:
    return f'<a:link rel="{relation}" href="{address}"/>'


@pytest.mark.parametrize("document", [RSS, RDF, ATOM], ids=["rss", "rdf", "atom"])
@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("", HubLinks()),
        (link("hub", "/hub") + link("self", "?feed=1"), HubLinks(("/hub",), "?feed=1")),
        (
            link("HUB", "https://a.example/") + link("hub", "https://b.example/"),
            HubLinks(("https://a.example/", "https://b.example/")),
        ),
        (
            link("self", "https://a.example/") + link("self", "https://b.example/"),
            HubLinks((), "https://a.example/"),
        ),
        (link("hub", "") + '<a:link rel="hub"/>', HubLinks()),
    ],
)
def test_links_of_the_feed(document: str, links: str, expected: HubLinks) -> None:
    foreign = link("hub", "https://jahat.example/hub") + link("self", "https://jahat.example/")
    assert read(document.format(links=links, in_entry=foreign)) == expected


@pytest.mark.parametrize(
    ("hubs", "expected"),
    [
        (None, ()),
        ([], ()),
        ([{"type": "WebSub", "url": "https://a.example/"}], ("https://a.example/",)),
        (
            [
                {"type": "rssCloud", "url": "https://cloud.example/"},
                {"type": "websub", "url": "https://a.example/"},
                {"type": "WebSub"},
                {"url": "https://b.example/"},
                "https://c.example/",
                {"type": ["WebSub"], "url": {}},
            ],
            ("https://a.example/",),
        ),
        ({"type": "WebSub", "url": "https://a.example/"}, ("https://a.example/",)),
    ],
)
def test_hubs_of_a_json_feed(hubs: object, expected: tuple[str, ...]) -> None:
    items = [
        {
            "id": "1",
            "url": "https://koran.example/1",
            "title": "Satu",
            "hubs": [{"type": "WebSub", "url": "x"}],
        }
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Koran",
        "feed_url": "/feed.json",
        "items": items,
    }
    assert read(json.dumps(feed | {"hubs": hubs})) == HubLinks(expected, "/feed.json")


def test_a_thousand_hubs_are_a_few() -> None:
    found = hub_links([("hub", f"https://hub{number}.example/") for number in range(1000)])
    assert len(found.hubs) == MAX_HUBS
    assert hub_links([("hub self", "x" * (MAX_CHARACTERS + 1))]) == HubLinks()
