"""Who is named by whose formula, when a partner's article is its own and when it carried another's."""

from __future__ import annotations

import pytest
from editorial_desk.editorial_samples import HEADLINE, INDONESIA_DAILY, PIKIRAN_RAKYAT, SITE, stored

from aggregator.config.model import Attribution, Partner
from aggregator.editorial.attribution import credit_line, credit_text
from aggregator.editorial.chain import chain_of, origin_in_dateline, true_origin
from aggregator.model.entry import Provenance
from aggregator.model.reading import Facts

T = "Judul di Asalnya"
KOMPAS = Provenance("kompas.com", T, form="carried")
PR = Provenance("pikiran-rakyat.com", T, form="carried")
DAILY = INDONESIA_DAILY
PLAIN = DAILY.model_copy(update={"attribution": None})
CHAINED = DAILY.model_copy(update={"attribution": Attribution(template="{origin} via {network}: {headline}")})

CASES = {
    "its own, through a network": (
        PIKIRAN_RAKYAT, None,
        "seperti dikutip dari laman pikiran-rakyat.com (jaringan media indonesiadaily.co.id, partner jambiseru.com) "
        f"dari artikel yang berjudul {HEADLINE}",
    ),
    "its own, as it says itself": (PLAIN, Provenance("www.indonesiadaily.co.id", T, form="carried"),
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
        (Provenance("kompas.com", T, form="carried"), True),
        (Provenance("kompas.com", "", form="reposted"), True),
        (Provenance("kompas.com", "", form="source"), True),
        (Provenance("kompas.com", ""), False),
        (Provenance("kompas.com", T), False),
        (Provenance("", T), False),
        (Provenance("pikiranrakyat.id", "", form="source"), False),
        (Provenance("pikiranrakyat.id", "", form="reposted"), True),
        (Provenance("sub.pikiran-rakyat.com", T, form="carried"), False),
    ],
)
def test_who_is_a_true_origin(credit: Provenance | None, is_origin: bool) -> None:
    assert (true_origin(credit, PIKIRAN_RAKYAT) is not None) == is_origin


@pytest.mark.parametrize(
    ("agency", "origin"),
    [
        ("KOMPAS.com", "kompas.com"),
        ("ANTARA", "antaranews.com"),
        ("ANTARA/Yonhap", "antaranews.com"),
        ("TRIBUN KOTA", "TRIBUN KOTA"),
        ("", None),
        ("Pikiran Rakyat", None),
        ("PIKIRAN-RAKYAT.COM", None),
        ("depok.pikiran-rakyat.com", None),
        ("PikiranRakyat", None),
        ("JAMBI SERU", None),
        ("bmkg.go.id", None),
    ],
)
def test_the_outlet_of_a_dateline_is_an_origin(agency: str, origin: str | None) -> None:
    found = origin_in_dateline(agency, PIKIRAN_RAKYAT, "Jambi Seru")
    assert (found.host if found else None) == origin


@pytest.mark.parametrize(("dateline", "names_kompas"), [(None, False), ("Jambi Seru", True)])
def test_a_dateline_that_goes_is_credited(dateline: str | None, names_kompas: bool) -> None:
    lead = stored(source_id=PLAIN.id, facts=Facts(city="Jakarta", agency="KOMPAS.com"))
    credit = credit_line(chain_of(lead, PLAIN, [PLAIN], dateline), SITE, headline=HEADLINE)
    assert ("dikutip dari kompas.com melalui indonesiadaily.co.id" in credit_text(credit)) == names_kompas


def test_a_part_of_a_host_is_no_house() -> None:
    partner = PLAIN.model_copy(update={"domains": ("jambi.tribunnews.com",), "name": "Tribun Jambi"})
    signed = [
        Provenance(host, "", form="source")
        for host in ("tribunjambi.com", "tribunnews.com", "jambi.antaranews.com")
    ]
    assert [true_origin(one, partner) is None for one in signed] == [True, True, False]
