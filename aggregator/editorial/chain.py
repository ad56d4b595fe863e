"""Whom a story is credited to: origin - network - us, and by whose formula.

Who supplied the text is our partner, and its formula is the rule. Where its text says that it merely carried another
site's article, the true origin is named too (press code: the source is named in full).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.config.model import Partner
from aggregator.editorial.attribution import HOUSE_FORMULA, Chain, names_network
from aggregator.editorial.names import is_fact_site, outlet_host
from aggregator.model.entry import Provenance
from aggregator.model.hosts import is_within
from aggregator.model.story import StoredEntry

_ENDING = re.compile(r"(?:\.(?:com|co|id|net|org|tv|news|info|online|press|media))+$")
CARRIED_FORMULA = "dikutip dari {origin} melalui {network} dengan judul {headline}"


def chain_of(
    lead: StoredEntry, partner: Partner, partners: Sequence[Partner], dateline: str | None = None
) -> Chain:
    """The chain of the entry that is shown, which ``partner`` supplied.

    ``dateline`` is what the desk puts in the place of the partner's, None where that stays.
    """
    origin = true_origin(lead.provenance, partner)
    if origin is None and dateline is not None:
        origin = origin_in_dateline(lead.facts.agency, partner, dateline)
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

    A site that is only referred to ("dilansir bmkg.go.id", "tudingan yang dikutip dari X dalam artikel berjudul T") is
    no origin: the article must say so of itself.
    """
    if credit is None or not credit.host or credit.form == "quoted":
        return None
    if partner is None:
        return credit
    is_signed = credit.form == "source" and not credit.title
    is_own = _is_own(credit.host, partner) if is_signed else is_within(credit.host, partner.domains)
    return None if is_own else credit


def origin_in_dateline(agency: str, partner: Partner, own: str) -> Provenance | None:
    """The outlet that a dateline names, to be credited when the dateline is gone; None for the partner's and our own.

    Where its host is not known, its name stands for it.
    """
    name = agency.partition("/")[0].strip()
    host = outlet_host(name) or name
    if not name or _squeezed(name) == _squeezed(own) or is_fact_site(host.lower()):
        return None
    return None if _is_own(name, partner) or _is_own(host, partner) else Provenance(host, "", form="source")


def _is_own(name: str, partner: Partner) -> bool:
    """Whether an outlet's name or host is the partner's: houses sign with any of theirs (``TRIBUNJAMBI.COM``)."""
    is_of_its_house = is_within(name.lower(), partner.domains) or any(
        is_within(domain, [name.lower()]) for domain in partner.domains
    )
    return is_of_its_house or _squeezed(name) in map(_squeezed, (partner.name, *partner.domains))


def _squeezed(name: str) -> str:
    """``Tribun Jambi``, ``TRIBUNJAMBI.COM`` -> ``tribunjambi``."""
    return "".join(filter(str.isalnum, _ENDING.sub("", name.casefold())))
