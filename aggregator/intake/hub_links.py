"""What a feed says of its hubs and of its own address (W3C WebSub, section 4). Links of its entries are theirs."""

from __future__ import annotations

from collections.abc import Iterable

from aggregator.model.subscription import HubLinks

# Honest feeds name one or two.
MAX_HUBS = 10
MAX_CHARACTERS = 2000


def hub_links(links: Iterable[tuple[str, str]]) -> HubLinks:
    """From the links of a feed, as (relations, address), in its order; addresses are given as they are spelt."""
    hubs: list[str] = []
    self_url = ""
    for relations, address in links:
        named = relations.lower().split()
        if not address or len(address) > MAX_CHARACTERS:
            continue
        if "hub" in named and len(hubs) < MAX_HUBS:
            hubs.append(address)
        if "self" in named:
            self_url = self_url or address
    return HubLinks(tuple(hubs), self_url)
