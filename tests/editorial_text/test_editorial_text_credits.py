"""The partner's dateline, bylines and tail credits: taken out as data, and what only looks like them stays."""

from __future__ import annotations

import time
from collections import Counter
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.editorial.blocks import Box
from aggregator.editorial.cleaning import clean
from aggregator.editorial.credits import take_credited, take_credits
from aggregator.editorial.reader import read
from aggregator.model.entry import Provenance
from aggregator.model.reading import Cut, Facts

NEWS = "Harga karet di tingkat petani naik menjadi Rp 12.000 per kilogram."


def paragraphs(*texts: str) -> Box:
    return read("".join(f"<p>{escape(text)}</p>" for text in texts))


def text_of(root: Box) -> str:
    return "\n".join(text for line in root.lines() if (text := line.text))


def rules(facts: Facts) -> list[str]:
    return [cut.rule for cut in facts.cuts]


# --- datelines ---


@pytest.mark.parametrize(
    ("dateline", "city", "agency"),
    [
        # D1: a host
        ("TRIBUNKOTA.COM - ", "", "TRIBUNKOTA.COM"),
        ("KOMPAS.com– ", "", "KOMPAS.com"),
        ("POSKOTA.CO — ", "", "POSKOTA.CO"),
        ("TRIBUN-KOTA.com -- ", "", "TRIBUN-KOTA.com"),
        ("tvOnenews.com – ", "", "tvOnenews.com"),
        ("TRIBUNKOTA.COM, MUARA SABAK – ", "Muara Sabak", "TRIBUNKOTA.COM"),
        ("KABARKOTA.COM, SIMPANG TIGA – ", "Simpang Tiga", "KABARKOTA.COM"),
        ("REPUBLIKA.CO.ID, JAKARTA -- ", "Jakarta", "REPUBLIKA.CO.ID"),
        ("SURYA.co.id | BANGKALAN - ", "Bangkalan", "SURYA.co.id"),
        ("TEMPO.CO,Jakarta-", "Jakarta", "TEMPO.CO"),
        # D2: a place, with or without an outlet
        ("JAMBI – ", "Jambi", ""),
        ("JAMBI- ", "Jambi", ""),
        ("JAMBI-", "Jambi", ""),
        ("Purwakarta - ", "Purwakarta", ""),
        ("KOTA BEKASI– ", "Kota Bekasi", ""),
        ("Muara Bungo, Jambi – ", "Muara Bungo", ""),
        ("JAMBI, KOMPAS.com - ", "Jambi", "KOMPAS.com"),
        ("Jakarta, CNN Indonesia -- ", "Jakarta", "CNN Indonesia"),
        ("Jakarta, 9 Juni 2026 – ", "Jakarta", ""),
        ("Karimun, kabarkota.co: ", "Karimun", "kabarkota.co"),
        ("KBRN, Jambi: ", "Jambi", "KBRN"),
        # D3: an agency in brackets
        ("Jakarta (ANTARA) - ", "Jakarta", "ANTARA"),
        ("JAMBI, (ANTARA News) – ", "Jambi", "ANTARA News"),
        ("Jambi (kabarkota.co.id) - ", "Jambi", "kabarkota.co.id"),
        ("Jakarta (ANTARA) ", "Jakarta", "ANTARA"),
        ("Seoul (ANTARA/Yonhap) - ", "Seoul", "ANTARA/Yonhap"),
        ("TRIBUNKOTA.COM, BUNGO, - ", "Bungo", "TRIBUNKOTA.COM"),
        # D4: host and place
        ("Liputan6.com, Jakarta - ", "Jakarta", "Liputan6.com"),
        ("Liputan6.com, Kuala Lumpur -", "Kuala Lumpur", "Liputan6.com"),
        ("Liputan6.com, Jakarta ", "Jakarta", "Liputan6.com"),
        ("Liputan6.com, Jakarta", "Jakarta", "Liputan6.com"),
        # D5: an outlet's name
        ("JAMBI SERU – ", "", "JAMBI SERU"),
        ("PIKIRAN RAKYAT - ", "", "PIKIRAN RAKYAT"),
        ("Muara Bungo, Jambi Seru – ", "Muara Bungo", "Jambi Seru"),
        # several in a row: the first is the partner's own
        ("KABARKOTA.CO.ID, JAMBI – JAKARTA, KOMPAS.com- ", "Jambi", "KABARKOTA.CO.ID"),
    ],
)
def test_datelines(dateline: str, city: str, agency: str) -> None:
    root = paragraphs(dateline + NEWS, "Petani senang.")
    facts = take_credits(root)
    assert text_of(root) == f"{NEWS}\nPetani senang."
    assert (facts.city, facts.agency) == (city, agency)
    assert facts.cuts == (Cut("dateline", " ".join(dateline.split())),)


@pytest.mark.parametrize(
    "text",
    [
        f"Jambi (BMKG) - {NEWS}",
        f"Papua (KKB) – {NEWS}",
        f"Gaza (IDF) - {NEWS}",
        f"BREAKING NEWS - {NEWS}",
        f"HASIL - {NEWS}",
        f"KABAR DUKA - {NEWS}",
        f"VIDEO – {NEWS}",
        f"KPK – {NEWS}",
        f"BERITA TERKINI – {NEWS}",
        "GUBERNUR JAMBI Al Haris melantik pejabat eselon II di rumah dinas.",
        "MADURA United resmi mengontrak gelandang muda itu.",
        "Komisi Pemberantasan Korupsi (KPK) – Lembaga itu menahan dua orang.",
        "Badan Pusat Statistik (BPS) - Lembaga itu merilis data inflasi.",
        "Jambi - kota di tepi Batanghari - merayakan hari jadinya.",
        "Jambi – Palembang kini dapat ditempuh empat jam lewat tol.",
        "JAKARTA-BANDUNG kini dapat ditempuh 40 menit dengan kereta cepat.",
        "Jakarta-Bandung kini dapat ditempuh 40 menit dengan kereta cepat.",
        "Jambi: Kota di tepi Sungai Batanghari itu merayakan hari jadinya.",
        "Jambi, Palembang, dan Padang – Tiga kota itu dilanda kabut asap.",
        "Jambi memiliki dua kabupaten penghasil sawit - Bungo dan Tebo.",
        "Liputan6.com, Jakarta Utara dilanda banjir sejak pagi tadi.",
        "Kabar.com - platform berita itu - menutup kantornya di Jambi.",
        "Antara Jambi - Padang terbentang jalan yang rusak parah.",
        "JAMBI – Padam",
        "Harga naik - Petani senang dan pedagang untung besar.",
        "Detik - Detik Proklamasi diperingati di lapangan kota.",
    ],
)
def test_what_begins_a_sentence_stays(text: str) -> None:
    root = paragraphs(text, "Petani senang.")
    assert take_credits(root).cuts == ()
    assert text_of(root) == f"{text}\nPetani senang."


def test_the_words_glued_to_a_dateline_stay() -> None:
    root = paragraphs("Liputan6.com, JakartaKita harus sabar menunggu harga naik.")
    take_credits(root)
    assert text_of(root) == "Kita harus sabar menunggu harga naik."


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p><strong>JAMBI</strong>, KOMPAS.com - <em>Harga</em> karet naik lagi</p>", "Harga karet naik lagi"),
        ("<p><b>Liputan6.com, Jakarta</b> Harga karet naik lagi</p>", "Harga karet naik lagi"),
        ("<p><img src=/i.jpg> JAMBI – Harga karet naik lagi</p>", "Harga karet naik lagi"),
        ("<figure><img src=/i><figcaption>Kebun (ist)</figcaption></figure><p>JAMBI – Harga karet naik</p>",
         "Kebun (ist)\nHarga karet naik"),
        ("<p>Kebun. (Foto: Humas)</p><p>JAMBI – Harga karet naik</p>", "Kebun. (Foto: Humas)\nHarga karet naik"),
        ("<h2>Karet</h2><p>JAMBI – Harga karet naik</p>", "Karet\nHarga karet naik"),
        ("<p>Daftar harga</p><p>TRIBUNKOTA.COM - Harga karet naik</p>", "Daftar harga\nHarga karet naik"),
    ],
)  # fmt: skip
def test_datelines_in_markup(html: str, kept: str) -> None:
    root = read(html)
    assert rules(take_credits(root)) == ["dateline"]
    assert text_of(root) == kept


def test_a_place_on_the_second_line_is_no_dateline() -> None:
    root = paragraphs(NEWS, f"JAMBI – {NEWS}")
    assert take_credits(root).cuts == ()


@pytest.mark.parametrize(
    ("own", "text", "printed"),
    [
        ("JAMBI SERU", f"TRIBUNKOTA.COM, JAKARTA - {NEWS}", f"JAMBI SERU, Jakarta – {NEWS}"),
        ("JAMBI SERU", f"TRIBUNKOTA.COM - {NEWS}", f"JAMBI SERU – {NEWS}"),
        ("Kabar, Kita – Raya", f"KABARKOTA.COM, SIMPANG – {NEWS}", f"Kabar, Kita – Raya, Simpang – {NEWS}"),
        ("JAMBI SERU", NEWS, NEWS),
        (None, f"JAKARTA, KOMPAS.com - {NEWS}", f"JAKARTA, KOMPAS.com - {NEWS}"),
    ],
)
def test_our_own_dateline(own: str | None, text: str, printed: str) -> None:
    root = paragraphs(text, "Petani senang.")
    take_credits(root, own)
    assert text_of(root) == f"{printed}\nPetani senang."
    assert take_credits(root, own).cuts == ()
    assert text_of(root) == f"{printed}\nPetani senang."


def test_a_dateline_that_is_left_is_read() -> None:
    facts = take_credits(paragraphs(f"JAKARTA, KOMPAS.com - {NEWS}"), None)
    assert (facts.city, facts.agency, facts.cuts) == ("Jakarta", "KOMPAS.com", ())


# --- bylines ---


@pytest.mark.parametrize(
    ("byline", "reporter"),
    [
        ("Laporan Wartawan Tribunkota.com, Rina Putri", "Rina Putri"),
        ("Laporan Reporter KabarKota.co.id Budi S. Santoso", "Budi S. Santoso"),
        ("Laporan Kontributor Kabar Kota: Rina Putri", "Rina Putri"),
        ("Laporan Jurnalis Rina Putri", "Rina Putri"),
        ("Laporan wartawan Tribun Kota / Rina Putri", "Rina Putri"),
        ("Laporan Rina Putri", "Rina Putri"),
    ],
)
def test_bylines(byline: str, reporter: str) -> None:
    root = paragraphs(byline, f"TRIBUNKOTA.COM, JAMBI - {NEWS}", "Petani senang.")
    facts = take_credits(root)
    assert facts.reporters == (reporter,)
    assert rules(facts) == ["byline", "dateline"]
    assert text_of(root) == f"{NEWS}\nPetani senang."


def test_people_before_the_text() -> None:
    root = read(
        "<p><img src=/i></p><p><em>Kebun karet (Sumber: Dok/kabar.com)</em></p>"
        "<p><b>Reporter:</b> Rina Putri | <b>Editor:</b>"
        f" Budi Santoso</p><p>EKONOMI</p><p>POSKABAR.CO.ID- {NEWS}</p>"
    )
    facts = take_credits(root)
    assert (facts.reporters, facts.editors) == (("Rina Putri",), ("Budi Santoso",))
    assert (facts.image_credit, facts.agency) == ("Dok/kabar.com", "POSKABAR.CO.ID")
    assert text_of(root) == f"Kebun karet (Sumber: Dok/kabar.com)\nEKONOMI\n{NEWS}"


def test_a_byline_and_a_dateline_on_one_line() -> None:
    root = paragraphs(
        f"Laporan Wartawan Tribunkota.com, Rina Putri TRIBUNKOTA.COM, JAMBI - {NEWS}", "Petani senang."
    )
    facts = take_credits(root)
    assert facts.cuts == (
        Cut("byline", "Laporan Wartawan Tribunkota.com, Rina Putri"),
        Cut("dateline", "TRIBUNKOTA.COM, JAMBI -"),
    )
    assert text_of(root) == f"{NEWS}\nPetani senang."


@pytest.mark.parametrize(
    "lines",
    [
        ("Laporan Keuangan Bank Kota", f"TRIBUNKOTA.COM, JAMBI - {NEWS}"),
        ("Laporan Keuangan Bank Kota menunjukkan laba.", NEWS),
        ("Laporan Rina Putri", NEWS),
        ("Laporan Rina Putri", f"JAMBI – {NEWS}"),
        ("Laporan Wartawan itu menyebut harga naik.", NEWS),
        ("Laporan Wartawan Tribunkota.com, Rina Putri",),
    ],
)
def test_reports_that_are_news_stay(lines: tuple[str, ...]) -> None:
    root = paragraphs(*lines)
    assert take_credits(root).reporters == ()
    assert text_of(root).startswith(lines[0])


# --- the tail ---


@pytest.mark.parametrize(
    ("tail", "rule", "reporters", "editors"),
    [
        # C1
        ("(tra)", "credit-initials", (), ("tra",)),
        ("(as/ed)", "credit-initials", (), ("as", "ed")),
        ("(as)", "credit-initials", (), ("as",)),
        ("( Ito )", "credit-initials", (), ("Ito",)),
        ("(WIN)", "credit-initials", (), ("WIN",)),
        # C2
        ("(*)", "credit-stars", (), ()),
        ("(**)", "credit-stars", (), ()),
        ("***", "credit-stars", (), ()),
        ("(*/rilis)", "credit-stars", (), ("rilis",)),
        ("(**/tra)", "credit-stars", (), ("tra",)),
        # C3
        ("(Rina Putri)", "credit-name", ("Rina Putri",), ()),
        ("(Rina Putri/tra)", "credit-name", ("Rina Putri",), ("tra",)),
        ("(Kabarkota.com/Budi Santoso)", "credit-name", ("Budi Santoso",), ()),
        ("(Jambi Seru/tra)", "credit-initials", (), ("tra",)),
    ],
)
@pytest.mark.parametrize("place", ["line", "end", "break", "emphasis"])
def test_signatures(
    tail: str, rule: str, reporters: tuple[str, ...], editors: tuple[str, ...], place: str
) -> None:
    html = {
        "line": f"<p>{NEWS}</p><p>{tail}</p>",
        "end": f"<p>{NEWS} {tail}</p>",
        "break": f"<p>{NEWS}<br>{tail}</p>",
        "emphasis": f"<p>{NEWS} <strong><em>{tail}</em></strong></p><figure><img src=/i.jpg></figure>",
    }[place]
    root = read(html)
    facts = take_credits(root)
    assert text_of(root) == NEWS
    assert (facts.reporters, facts.editors) == (reporters, editors)
    assert facts.cuts == (Cut(rule, tail),)


@pytest.mark.parametrize(
    "text",
    [
        "Dua orang itu ditahan Komisi Pemberantasan Korupsi (KPK)",
        "Dua orang itu ditahan. (KPK)",
        "Ia berangkat ke Amerika Serikat (AS)",
        "Ia berangkat ke Amerika Serikat (as)",
        "Ia berangkat ke Amerika Serikat (AS).",
        "Saham itu dimiliki perusahaan induknya. (PT Contoh Tbk)",
        "Saham itu dimiliki perusahaan induknya (Contoh Raya)",
        "Hadis itu sahih. (HR Bukhari)",
        "Gempa terasa di pantai. (Jawa Barat)",
        "Ia memaki dengan kata ters****",
        "Ia memaki dengan kata ****",
        "Pertandingan digelar 13 Juli 2026*",
        "Advertorial ini dibuat bersama dinas. (ADV)",
        "Advertorial ini dibuat bersama dinas. (adv/kominfo)",
        "Advertorial ini dibuat bersama dinas. (*/adv)",
        "Harga naik. (Belum Terverifikasi)",
        "Beratnya 12. (kg)",
        "Ia membawa buku, pensil, dll. (dll)",
        "(Berita ini belum terverifikasi; redaksi masih menghubungi pihak terkait.)",
        "[Berita ini belum terverifikasi]",
        "Ralat: Pada berita sebelumnya tertulis dua orang, yang benar tiga orang.",
        "Penulis: Rina Putri, Budi Santoso, Tono Sutrisno, dan Wati Lestari",
        "Penulis: orang yang paling dirugikan oleh pembajakan",
        "Editor: kami memeriksa setiap naskah",
        "Sumber: Timnas Indonesia",
        "Baca selengkapnya di halaman berikutnya",
        "(Jambi Seru)",
        "(ANTARA)",
        # advertising labels
        "(Konten Berbayar)",
        "(Branded Content)",
        "(Paid Content)",
        "(Publikasi Berbayar)",
        "(*/Konten Mitra)",
        "(Advetorial)",
        "(advt)",
        "(ad)",
        "Penulis: Advertorial",
        "Penulis: adv",
        "Editor: Iklan",
        "Oleh: Sponsored",
        "Reporter: Rina Putri/Adv",
        # notes that it is uncertain, one side's, or a correction
        "(Tidak Terkonfirmasi)",
        "(Data Sementara)",
        "(Dugaan Sementara)",
        "(Akan Diperbarui)",
        "(Menunggu Keterangan Polisi)",
        "(Keterangan Sepihak)",
        "(Kabar Burung)",
        "(HOAX)",
        "(*/hoaks)",
        "(Tim Kuasa Hukum)",
        "Penulis: Ralat",
    ],
)
def test_what_is_no_signature_stays(text: str) -> None:
    for root in (paragraphs(NEWS, text), read(f"<p>{NEWS}</p><p><em>{escape(text)}</em></p>")):
        facts = take_credits(root)
        assert facts.cuts == ()
        assert text_of(root) == f"{NEWS}\n{text}"


@pytest.mark.parametrize("quotation", ["“Hidup adalah perjuangan.”", '"Hidup adalah perjuangan."'])
def test_who_is_named_behind_a_quotation_said_it(quotation: str) -> None:
    root = paragraphs(NEWS, f"{quotation} (Rina Putri)")
    assert take_credits(root).cuts == ()
    assert rules(take_credits(paragraphs(NEWS, f"{quotation} (tra)"))) == ["credit-initials"]


def test_a_bracket_before_the_last_sentence_stays() -> None:
    root = paragraphs(f"{NEWS} (tra) Petani senang.", f"{NEWS}\n(tra)", "Petani senang.")
    assert take_credits(root).cuts == ()


@pytest.mark.parametrize(
    ("lines", "reporters", "editors"),
    [
        (["Penulis: Rina Putri"], ("Rina Putri",), ()),
        (["Editor : tra"], (), ("tra",)),
        (["Reporter: Rina Putri dan Budi Santoso"], ("Rina Putri", "Budi Santoso"), ()),
        (["Penulis: Rina Putri | Editor: Budi Santoso"], ("Rina Putri",), ("Budi Santoso",)),
        (["Penulis: Rina Putri", "Editor: Budi Santoso"], ("Rina Putri",), ("Budi Santoso",)),
        (
            ["Pewarta: Rina Putri Editor: Budi Santoso Copyright © ANTARA 2026"],
            ("Rina Putri",),
            ("Budi Santoso",),
        ),
        (["Pewarta: Rina Putri", "Uploader: Budi", "Copyright © ANTARA 2026"], ("Rina Putri",), ("Budi",)),
        (["Editor: Redaksi", "(tra)"], (), ("Redaksi", "tra")),
    ],
)
def test_lines_of_people(lines: list[str], reporters: tuple[str, ...], editors: tuple[str, ...]) -> None:
    root = paragraphs(NEWS, *lines)
    facts = take_credits(root)
    assert text_of(root) == NEWS
    assert (facts.reporters, facts.editors) == (reporters, editors)
    assert sorted(cut.text for cut in facts.cuts) == sorted(lines)


def test_the_writer_of_a_book_is_no_writer_of_the_article() -> None:
    root = paragraphs(NEWS, "Judul: Kebun Karet", "Penerbit: Pustaka Kota", "Penulis: Rina Putri")
    assert take_credits(root).reporters == ()
    assert text_of(root).endswith("Penulis: Rina Putri")


def test_initials_before_a_list_of_tags() -> None:
    root = paragraphs(NEWS, "(ara/mib) harga karet jambi")
    assert take_credits(root).editors == ("ara", "mib")
    assert text_of(root) == f"{NEWS}\nharga karet jambi"


@pytest.mark.parametrize("html", [f"<p>{NEWS} (*) (tra)</p>", f"<p>{NEWS}</p><p>(*) (tra)</p>"])
def test_signatures_in_a_row(html: str) -> None:
    root = read(html)
    assert rules(take_credits(root)) == ["credit-initials", "credit-stars"]
    assert text_of(root) == NEWS


def test_credits_among_what_stays() -> None:
    root = read(
        f"<p>{NEWS} (*)</p><p>(tra)</p><p>Sumber: Dinas Perkebunan</p><p><a href=/a>Harga karet</a></p><p>***</p>"
    )
    assert rules(take_credits(root)) == ["credit-stars", "credit-initials", "credit-stars"]
    assert text_of(root) == f"{NEWS}\nSumber: Dinas Perkebunan\nHarga karet"


@pytest.mark.parametrize("html", ["<p>(tra)</p>", "<p>(tra)</p><p>***</p>", "<p>Sumber: kabar.com</p>", ""])
def test_a_text_of_nothing_but_credits_is_left(html: str) -> None:
    root = read(html)
    before = text_of(root)
    assert take_credits(root).cuts == ()
    assert text_of(root) == before


# --- credits of a source ---


@pytest.mark.parametrize(
    ("tail", "host"),
    [
        ("Penulis: Kompas.com", "kompas.com"),
        ("Oleh: Antara", "antaranews.com"),
        ("Editor: detikcom", "detik.com"),
        ("(Rina Putri/detik.com)", "detik.com"),
        ("(*/www.antaranews.com)", "antaranews.com"),
        ("(tra/kompas.com)", "kompas.com"),
        ("Copyright © ANTARA 2026", "antaranews.com"),
        ("Pewarta: Rina Putri Editor: Budi Copyright © ANTARA 2026", "antaranews.com"),
    ],
)
def test_a_publisher_that_goes_with_a_signature_is_credited(tail: str, host: str) -> None:
    refers = f"{NEWS} Kajian yang dilansir kabar.com berjudul Harga Naik. Petani senang."
    for lines in ((NEWS,), (refers,)):
        root = paragraphs(*lines, tail)
        _, credit = take_credited(root)
        assert text_of(root) == "\n".join(lines)
        assert credit == Provenance(host, "", form="source")


@pytest.mark.parametrize(
    "lines",
    [
        (NEWS, "Penulis: Tribun Jambi"),
        (NEWS, "(tra/bmkg.go.id)"),
        (NEWS, "(tra/kompas.com/detik.com)"),
        (NEWS, "Penulis: Kompas.com", "(tra/detik.com)"),
        ("Laporan Wartawan Kompas.com, Rina Putri", NEWS, "(tra/detik.com)"),
    ],
)
def test_a_publisher_that_cannot_be_credited_stays(lines: tuple[str, ...]) -> None:
    root = paragraphs(*lines)
    assert take_credits(root).cuts == ()
    assert text_of(root) == "\n".join(lines)


def test_where_the_source_is_another_than_who_signed_both_stay() -> None:
    root = paragraphs(NEWS, "(tra/kompas.com)", "Sumber: detik.com")
    facts, credit = take_credited(root)
    assert credit == Provenance("detik.com", "", form="source")
    assert facts.cuts == ()


def test_who_reports_at_the_head_is_credited() -> None:
    root = paragraphs("Laporan Wartawan Tribunkota.com, Rina Putri", NEWS, "Petani senang.")
    facts, credit = take_credited(root)
    assert (facts.reporters, credit) == (("Rina Putri",), Provenance("tribunkota.com", "", form="source"))


@pytest.mark.parametrize(
    "lines",
    [
        ["Sumber: kabar.com"],
        ["(Sumber: https://www.kabar.com/ekonomi/1)"],
        ['Artikel ini telah tayang di Kabar.com dengan judul "Harga Karet Naik".'],
        ["Artikel ini telah tayang di Kabar.com dengan judul Harga Karet Naik"],
        ["Artikel ini telah tayang di Kabar.com dengan judul Harga Karet Naik, Klik untuk baca: https://kabar.com/1"],
        ["Sebagian artikel ini telah tayang di Kabar.com dengan judul Harga Karet Naik",
         "Klik untuk baca: https://www.kabar.com/1"],
        ["Sumber: kabar.com", "Baca Selengkapnya di Kabar.com", "Sumber: kabar.com"],
        ["Artikel ini disadur dari Kabar.com dengan judul Harga Karet Naik"],
        ["Artikel ini telah tayang di Kabar.com dengan judul Naik, https://kabar.com/1.Penulis: Rina | Editor: Budi"],
    ],
)  # fmt: skip
def test_source_credits_go_where_we_credit_the_source(lines: list[str]) -> None:
    root = paragraphs(NEWS, *lines)
    facts = take_credits(root)
    assert text_of(root) == NEWS
    assert facts.cuts == tuple(Cut("source-credit", line) for line in reversed(lines))


def test_a_repost_line_above_other_lines() -> None:
    repost = (
        "Artikel ini telah tayang di Kabar.com dengan judul Harga Naik. Penulis: Rina Putri | Editor: Budi"
    )
    root = paragraphs(NEWS, repost, "Petani senang.")
    facts = take_credits(root)
    assert facts.cuts == (Cut("source-credit", repost),)
    assert (facts.reporters, facts.editors) == (("Rina Putri",), ("Budi",))


def test_a_repost_on_several_lines() -> None:
    lines = [
        "Artikel ini sudah tayang di KABAR.co.id pada hari Kamis, 16 Juni 2026 - 05:59 WIB",
        "Judul Artikel : Harga Karet Naik",
        "Link Artikel : https://www.kabar.co.id/1",
        "Oleh : Rina Putri",
    ]
    root = paragraphs(NEWS, *lines)
    facts = take_credits(root)
    assert text_of(root) == NEWS
    assert facts.reporters == ("Rina Putri",)


@pytest.mark.parametrize(
    "lines",
    [
        [
            "Artikel ini telah tayang di kabar.com dengan judul Bupati Ditangkap dan telah diralat pada 3 Maret "
            "karena nama tersangka keliru"
        ],
        ["Artikel ini telah tayang di kabar.com dan mengalami ralat pada judul."],
        ["Artikel ini pertama kali terbit di kabar.com dengan judul Sungai Mati di bawah lisensi CC BY-ND."],
        ["Sumber: Antara"],
        ["Sumber: BMKG.go.id"],
        ["Sumber: a.com", "Sumber: b.com"],
        ["Baca Selengkapnya di Kabar.com"],
        ["Artikel ini telah tayang di Kabar.com dengan judul Harga Naik. Petani senang. Pedagang untung."],
        ["Artikel ini telah tayang di majalah kami."],
        [f"{NEWS} Begitu dilansir kabar.com."],
        ["Dilansir kabar.com dengan judul Harga Naik, petani senang.", "Sumber: a.com"],
    ],
)
def test_source_credits_that_are_not_ours_to_give_stay(lines: list[str]) -> None:
    root = paragraphs(NEWS, *lines)
    assert take_credits(root).cuts == ()
    assert text_of(root) == "\n".join([NEWS, *lines])


def test_a_credit_that_stands_twice_stands_once() -> None:
    root = paragraphs(NEWS, "Sumber: Antara", "(tra)", "SUMBER: Antara", "Sumber: Antara")
    facts = take_credits(root)
    assert text_of(root) == f"{NEWS}\nSumber: Antara"
    assert rules(facts) == ["credit-initials", "repeated-credit", "repeated-credit"]


# --- pictures ---


@pytest.mark.parametrize(
    ("html", "credit"),
    [
        ("<figure><img src=/i><figcaption>Kebun karet (ist)</figcaption></figure>", "ist"),
        ("<figure><img src=/i><figcaption>Kebun. (Foto: Humas Kota)</figcaption></figure>", "Humas Kota"),
        ("<figure><img src=/i><figcaption>Kebun. Foto: Rina Putri</figcaption></figure>", "Rina Putri"),
        ("<figure><img src=/i><figcaption>Kebun /Dok. Humas Kota/</figcaption></figure>", "Dok. Humas Kota"),
        ("<figure><img src=/i><figcaption>Kebun. /Dok. Humas Kota</figcaption></figure>", "Dok. Humas Kota"),
        ("<p><img src=/i><br>Kebun (dok. polisi)</p>", "dok. polisi"),
        ("<p>Foto: Rina Putri</p>", "Rina Putri"),
        ("<p><img src=/i></p><p>Kebun karet. (Sumber: Humas)</p>", "Humas"),
        ("<p>Kebun karet. (Sumber: Humas)</p>", ""),
        ("<p>Kebun itu (ist) milik warga.</p>", ""),
        ("<figure><img src=/i><figcaption>Kebun karet di Jambi</figcaption></figure>", ""),
    ],
)
def test_image_credits_stay_readable(html: str, credit: str) -> None:
    root = read(html + f"<p>{NEWS}</p>")
    before = text_of(root)
    facts = take_credits(root)
    assert facts.image_credit == credit
    assert (facts.cuts, text_of(root)) == ((), before)


# --- doubts ---


@pytest.mark.parametrize(
    "text",
    [
        "Menurut AlAMerika exander, harga naik.",
        "Dana dari KeBerita menterian Keuangan cair.",
        "Warga KeJAmbi camatan Kota resah.",
        "Ia dari InBerita donesia timur.",
        "Warga PeNasional rumahan resah. Perumahan itu baru.",
        "Harga karet di Jambi naik lagi Harga karet di Jambi naik lagi pada pekan ini.",
        "Harga karet di tingkat petani Jambi, kata Budi. Harga karet di tingkat petani Jambi naik.",
    ],
)
def test_pasted_words_are_shown_and_left(text: str) -> None:
    root = paragraphs(text, NEWS)
    facts = clean(root)
    assert [doubt.kind for doubt in facts.doubts] == ["pasted-in"]
    assert text_of(root) == f"{text}\n{NEWS}"


@pytest.mark.parametrize(
    "word",
    [
        "iPhone", "KompasTV", "BUMDes", "PeduliLindungi", "McDonald", "detikNews", "GoTo", "MPASI", "PLTMh", "YouTube",
        "LaNyalla", "AirAsia", "TikTok", "WhatsApp", "MotoGP", "LeBron", "DeepSeek", "BeritaSatu", "TransJakarta",
        "eFishery", "diJakarta", "keIndonesia", "dariAmerika", "MyPertamina", "GoPay", "PayLater", "SeaBank",
        "InJourney",
        "@kabarJambi", "kabarBerita.com", "DiJambi", "DPRnya", "HargaBitcoindan", "JakartaHari", "ShopeePay",
    ],
)  # fmt: skip
def test_true_spellings_are_no_doubt(word: str) -> None:
    assert clean(paragraphs(f"Menurut {word} terbaru, {word.upper()} naik. {NEWS}")).doubts == ()
    assert clean(paragraphs(f"Lalu {word} menyebut warga.", NEWS)).doubts == ()


def test_names_that_come_again_are_no_doubt() -> None:
    text = "Ketua Umum Dewan Pimpinan Nasional Asosiasi Petani Karet menolak."
    assert clean(paragraphs(f"Harga naik. {text} Rina, {text}", text, text)).doubts == ()


@pytest.mark.parametrize(
    "text",
    [
        "Artikel ini telah mengalami perubahan pada judul.",
        "Berita ini sudah dikoreksi pada Senin (1/6/2026).",
        "Berita ini diralat karena salah menyebut nama.",
        "Berita ini telah dicabut.",
        "Redaksi mohon maaf atas kekeliruan itu.",
        "Ralat: Tertulis dua orang, yang benar tiga orang.",
        "Koreksi: Judul berita semula menyebut dua orang.",
        "Hak Jawab: Pemberitaan Kabar Kota tidak benar.",
        "Kami menarik berita tersebut dan meminta maaf.",
        "Ada kesalahan penulisan nama pada berita sebelumnya.",
    ],
)
def test_corrections_are_shown_and_left(text: str) -> None:
    for lines in ((text, NEWS), (NEWS, text)):
        root = paragraphs(*lines)
        facts = clean(root)
        assert [doubt.kind for doubt in facts.doubts] == ["correction"]
        assert facts.cuts == ()
        assert text_of(root) == "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        "Koreksi harga saham berlanjut hingga sore.",
        "Koreksi: Indeks turun dua persen hingga sore.",
        "Klarifikasi artis itu ditonton jutaan orang.",
        "Guru itu mengoreksi ujian muridnya.",
        "Izin tambang ini telah dicabut bupati.",
        "Ia diminta membuat permohonan maaf kepada warga.",
        "Pejabat itu meminta maaf. Redaksi kalimatnya diubah.",
        "Warga menuntut hak jawab.",
        "Pemimpin redaksi meminta maaf kepada warga kota itu.",
        "Polisi meminta berita ini dicabut.",
    ],
)
def test_other_corrections_are_no_doubt(text: str) -> None:
    assert clean(paragraphs(NEWS, text, NEWS)).doubts == ()


def test_a_doubt_shows_its_place() -> None:
    behind = " ".join(f"Kalimat ke-{number} tentang kebun." for number in range(9))
    (doubt,) = clean(paragraphs(f"{NEWS} Menurut AlAMerika exander, harga naik. {behind}")).doubts
    assert doubt.kind == "pasted-in"
    assert "Menurut AlAMerika exander, harga naik." in doubt.text
    assert doubt.text.endswith("…")


# --- laws ---

PIECES = st.sampled_from([
    "JAMBI – ", "TRIBUNKOTA.COM, JAMBI - ", "Jakarta (ANTARA) - ", "Liputan6.com, Jakarta", "JAMBI SERU, Jakarta – ",
    "JAMBI SERU – ", "Laporan Wartawan Kabar.com, Rina Putri", "Laporan Rina Putri", "Harga karet naik lagi.", "Harga",
    " ", ". ", "(tra)", "(*)", "***", "(Rina Putri)", "Penulis: Rina Putri", "Editor: Budi", "Judul: Kebun", "(ist)",
    "Sumber: a.com", "Sumber: b.com", "Sumber: Antara", "dikutip dari a.com dengan judul Harga Naik. ", "Foto: Rina",
    "Artikel ini telah tayang di a.com dengan judul Harga Naik", "Baca Selengkapnya di a.com",
    "Judul Artikel : Harga Naik",
    "Artikel ini telah tayang di a.com", "Reporter: Rina | Editor: Budi", "KABAR.COM, JAMBI - ", "(Sumber: Humas)",
    "(ara/mib) ", "(KPK)", "(tra/a.com)", "(Rina Putri/b.com)", "Penulis: ANTARA", "Laporan Wartawan b.com, Rina Putri",
    "</p><p>", "</p><p>", "</p><p>", "<br>", "<br>", "<b>", "</b>", "<i>", "</i>", "<img src=/i>", "<a href=/a>",
    "</a>",
    "<h2>Harga</h2>", "<ul><li>Harga</ul>", "<hr>", "<figure><figcaption>Kebun (ist)</figcaption></figure>", "\u00a0",
])  # fmt: skip
MARKUP = st.lists(PIECES, max_size=14).map("".join)


def letters(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


@settings(max_examples=400, deadline=None)
@given(MARKUP, st.sampled_from(["", "JAMBI SERU", None]))
@example("Sumber: b.com. (tra)</p><p>Sumber: a.com", "")
@example("JAMBI – Laporan Wartawan Kabar.com, Rina Putri<h2>Harga</h2>. (tra/a.com)", "")
@example("JAMBI – </p><p>TRIBUNKOTA.COM, JAMBI - Sumber: a.com", "")
@example("JAMBI – </p><p>(tra/a.com)<hr>Sumber: b.com", "")
@example(
    "JAMBI – <h2>Harga</h2>Artikel ini telah tayang di a.com</p><p>TRIBUNKOTA.COM - TRIBUNKOTA.COM - ", ""
)
@example(
    "<p>JAMBI – JAMBI – TRIBUNKOTA.COM - Harga karet naik</p><p>TRIBUNKOTA.COM - Harga karet naik</p>",
    "JAMBI SERU",
)
def test_taking_twice_is_taking_once(html: str, own: str | None) -> None:
    root = read(f"<p>{html}</p>")
    take_credits(root, own)
    once = text_of(root)
    assert take_credits(root, own).cuts == ()
    assert text_of(root) == once


@settings(max_examples=400, deadline=None)
@given(MARKUP, st.sampled_from(["", None]))
def test_what_is_kept_and_what_is_recorded_is_what_came(html: str, own: str | None) -> None:
    root = read(f"<p>{html}</p>")
    before = letters(text_of(root))
    facts = take_credits(root, own)
    assert letters(text_of(root)) + letters("".join(cut.text for cut in facts.cuts)) == before


@pytest.mark.parametrize(
    "unit",
    [
        "JAMBI – ",
        "JAMBI, ",
        "a.",
        "A ",
        "(",
        "(a",
        "* ",
        "(*) ",
        "Ke",
        "KeB",
        "Al Am",
        "Editor: ",
        "Foto: ",
        "Sumber: ",
        "-",
    ],
)
def test_long_lines_take_no_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    root = read(f"<p>{escape(text)}</p><p>{NEWS} {escape(text)}</p>")
    started_s = time.process_time()
    take_credits(root)
    assert time.process_time() - started_s < 3
