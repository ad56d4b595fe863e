"""Whom a story is credited to: origin - network - us, and by whose formula.

Who supplied the text is our partner, and its formula is the rule. Where its text says that it merely carried another
site's article, the true origin is named too (press code: the source is named in full).
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.config.model import Partner
from aggregator.editorial.attribution import HOUSE_FORMULA, Chain, names_network
from aggregator.model.entry import Provenance
from aggregator.model.hosts import is_within
from aggregator.model.story import StoredEntry

CARRIED_FORMULA = "dikutip dari {origin} melalui {network} dengan judul {headline}"


def chain_of(lead: StoredEntry, partner: Partner, partners: Sequence[Partner]) -> Chain:
    """The chain of the entry that is shown, which ``partner`` supplied."""
    origin = true_origin(lead.provenance, partner)
    own = partner.attribution.template if partner.attribution else ""
    if origin is None:
        network = next((one.domains[0] for one in partners if one.id == partner.network), "")
        return Chain(own or HOUSE_FORMULA, partner.domains[0], network, partner.name)
    owner = next((one for one in partners if is_within(origin.host, one.domains)), None)
    host, name = (owner.domains[0], owner.name) if owner else (origin.host, origin.host)
    owners = owner.attribution.template if owner and owner.attribution else ""
    for template in (owners, own, "" if own else CARRIED_FORMULA):
        if names_network(template):
            return Chain(template, host, partner.domains[0], name, origin.title)
    return Chain(f"{own}; sumber asli: {host}", partner.domains[0], "", partner.name)


def true_origin(credit: Provenance | None, partner: Partner | None) -> Provenance | None:
    """The credit that says that the text is another site's article; None where it is the partner's own.

    A site that is only referred to ("dilansir bmkg.go.id") is no origin: a headline or a repost line must say so.
    """
    if credit is None or not credit.host or not (credit.title or credit.form in ("reposted", "source")):
        return None
    if partner is not None and is_within(credit.host, partner.domains):
        return None
    return credit
