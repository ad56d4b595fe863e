"""Who is named by whose formula, when a partner's article is its own and when it carried another's."""

from __future__ import annotations

import pytest
from editorial_desk.editorial_samples import HEADLINE, INDONESIA_DAILY, PIKIRAN_RAKYAT, SITE, stored

from aggregator.config.model import Attribution, Partner
from aggregator.editorial.attribution import credit_line, credit_text
from aggregator.editorial.chain import chain_of, true_origin
from aggregator.model.entry import Provenance

T = "Judul di Asalnya"
KOMPAS = Provenance("kompas.com", T)
PR = Provenance("pikiran-rakyat.com", T)
DAILY = INDONESIA_DAILY
PLAIN = DAILY.model_copy(update={"attribution": None})
CHAINED = DAILY.model_copy(update={"attribution": Attribution(template="{origin} via {network}: {headline}")})

CASES = {
    "its own, through a network": (
        PIKIRAN_RAKYAT, None,
        "seperti dikutip dari laman pikiran-rakyat.com (jaringan media indonesiadaily.co.id, partner jambiseru.com) "
        f"dari artikel yang berjudul {HEADLINE}",
    ),
    "its own, as it says itself": (PLAIN, Provenance("www.indonesiadaily.co.id", T),
                                   f"dikutip dari indonesiadaily.co.id dengan judul {HEADLINE}"),
    "its own, no formula": (PLAIN, None, f"dikutip dari indonesiadaily.co.id dengan judul {HEADLINE}"),
    "refers to another": (PLAIN, Provenance("kompas.com", ""),
                          f"dikutip dari indonesiadaily.co.id dengan judul {HEADLINE}"),
    "carried from a partner of ours with a chain": (
        DAILY, PR,
        "seperti dikutip dari laman pikiran-rakyat.com (jaringan media indonesiadaily.co.id, partner jambiseru.com) "
        f"dari artikel yang berjudul {T}",
    ),
    "carried from elsewhere, no formula": (PLAIN, KOMPAS,
                                           f"dikutip dari kompas.com melalui indonesiadaily.co.id dengan judul {T}"),
    "carried from elsewhere, a formula with a chain": (CHAINED, KOMPAS, f"kompas.com via indonesiadaily.co.id: {T}"),
    "reposted from elsewhere without a headline": (
        CHAINED, Provenance("kompas.com", "", form="reposted"), f"kompas.com via indonesiadaily.co.id: {HEADLINE}"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "credit", "expected"), CASES.values(), ids=CASES)
def test_the_chain_of_credit(one: Partner, credit: Provenance | None, expected: str) -> None:
    others = {"pikiran-rakyat": PIKIRAN_RAKYAT, "indonesia-daily": DAILY} | {one.id: one}
    chain = chain_of(stored(source_id=one.id, provenance=credit), one, list(others.values()))
    assert credit_text(credit_line(chain, SITE, headline=HEADLINE)) == expected


def test_a_carriers_formula_without_a_chain_is_kept_and_the_origin_named_behind_it() -> None:
    formula = Attribution(template="dikutip dari {origin} dengan judul {headline}")
    carrier = DAILY.model_copy(update={"attribution": formula})
    lead = stored(source_id=carrier.id, provenance=KOMPAS)
    credit = credit_line(chain_of(lead, carrier, [carrier]), SITE, headline=HEADLINE)
    expected = f"dikutip dari indonesiadaily.co.id dengan judul {HEADLINE}; sumber asli: kompas.com"
    assert credit_text(credit) == expected


@pytest.mark.parametrize(
    ("credit", "is_origin"),
    [
        (None, False),
        (Provenance("kompas.com", T), True),
        (Provenance("kompas.com", "", form="reposted"), True),
        (Provenance("kompas.com", "", form="source"), True),
        (Provenance("kompas.com", ""), False),
        (Provenance("", T), False),
        (Provenance("sub.pikiran-rakyat.com", T), False),
    ],
)
def test_who_is_a_true_origin(credit: Provenance | None, is_origin: bool) -> None:
    assert (true_origin(credit, PIKIRAN_RAKYAT) is not None) == is_origin
