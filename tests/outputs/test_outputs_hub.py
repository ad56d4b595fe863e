"""Every feed leads its readers to the hub and to itself, in the document and in a header (W3C WebSub, section 4)."""

from __future__ import annotations

import re

import pytest
from outputs_samples import ALL, FULL, NOW, config

from aggregator.config.model import Config
from aggregator.intake.document import read_document
from aggregator.model.entry import ParsedFeed
from aggregator.model.subscription import HubLinks
from aggregator.outputs.channel import link_header
from aggregator.outputs.render import render

FEEDS = "https://feeds.jambiseru.com/"
KEY = "k" * 32
OTHERS = "https://hub.example/?a=1&b=2"
FOLLOWED = ("feeds/all.atom", "feeds/all.rss", "feeds/all.json", "feeds/topics/politik.rss")


def desk(hub: str | None) -> Config:
    return config().model_copy(update={"hub": hub})


@pytest.mark.parametrize("hub", ["own", OTHERS, None])
@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_a_feed_names_its_hub_and_itself_once(suffix: str, hub: str | None) -> None:
    """As others read it, our own reader of partners' feeds among them."""
    hub_url = desk(hub).hub_url(is_private=False)
    documents = render(ALL, [FULL], config().site, updated_at=NOW, hub_url=hub_url)
    (document,) = [one for one in documents if one.path.endswith(f".{suffix}")]
    read = read_document(document.body, url=FEEDS, content_type="", timezone="UTC", now=NOW)
    assert isinstance(read, ParsedFeed)
    hubs = {"own": (f"{FEEDS}hub",), OTHERS: (OTHERS,), None: ()}[hub]
    assert read.links == HubLinks(hubs, f"{FEEDS}feeds/all.{suffix}")
    head = re.split(rb'<entry|<item>|"items"', document.body)[0]  # stories name where they came from
    assert len(re.findall(rb'rel="self"|"feed_url"', head)) == 1


@pytest.mark.parametrize("path", FOLLOWED)
def test_one_link_header_names_hub_and_self(path: str) -> None:
    assert link_header(path, desk("own")) == f'<{FEEDS}hub>; rel="hub", <{FEEDS}{path}>; rel="self"'
    assert link_header(path, desk(OTHERS)) == f'<{OTHERS}>; rel="hub", <{FEEDS}{path}>; rel="self"'
    assert link_header(path, desk(None)) == ""


def test_each_format_is_a_topic_of_its_own() -> None:
    """So that a hub need not negotiate: one address, one representation."""
    headers = {link_header(path, desk("own")) for path in FOLLOWED}
    assert len(headers) == len(FOLLOWED)


@pytest.mark.parametrize("path", ["feeds/all.html", "index.html", "feeds.opml", "feeds/all/page-1.xml"])
def test_what_is_not_followed_names_no_hub(path: str) -> None:
    assert link_header(path, desk("own")) == ""


def test_a_subscribers_address_is_told_to_our_own_hub_only() -> None:
    path = f"feeds/s/{KEY}.atom"
    assert link_header(path, desk("own")) == f'<{FEEDS}hub>; rel="hub", <{FEEDS}{path}>; rel="self"'
    assert link_header(path, desk(OTHERS)) == ""
