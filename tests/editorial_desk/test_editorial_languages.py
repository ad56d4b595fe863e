"""Languages by small words and scripts; what is short or torn has the default."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.editorial.languages import language_of
from aggregator.model.facet import LANGUAGES

INDONESIAN = (
    "Pemerintah kabupaten menutup jembatan itu karena tiangnya retak. Warga mengatakan bahwa mereka kini harus "
    "memutar sejauh delapan kilometer untuk pergi ke pasar. Perbaikan akan dimulai pada Senin dan membutuhkan uang "
    "sebanyak dua miliar rupiah."
)
MALAY = (
    "Pihak berkuasa tempatan menutup jambatan itu kerana tiangnya retak. Penduduk memberitahu bahawa mereka kini "
    "terpaksa melalui jalan lain sejauh lapan kilometer untuk pergi ke pasar. Kerja pembaikan akan bermula pada Isnin "
    "dan memerlukan wang sebanyak dua juta ringgit."
)
ENGLISH = (
    "The district has closed the bridge because one of its pillars is cracked. Residents said that they would have to "
    "take a detour of eight kilometres to reach the market. The repairs are to begin on Monday."
)
JAVANESE = (
    "Kreteg iku ditutup amarga cagake wis retak. Warga kang arep menyang pasar kudu muter adoh banget, lan akeh sing "
    "ora duwe kendaraan. Miturut pak lurah, kreteg bakal didandani dina Senin nanging durung mesthi rampung sasi iki."
)
SUNDANESE = (
    "Jambatan éta ditutup sabab tihangna geus retak. Warga nu rék ka pasar kudu muter jauh pisan, jeung loba anu teu "
    "boga kandaraan. Saur pa lurah, jambatan téh baris dibebenah poé Senén tapi can tangtu bérés dina bulan ieu."
)


@pytest.mark.parametrize(
    "text, expected",
    [
        pytest.param(INDONESIAN, "id", id="indonesian"),
        pytest.param(MALAY, "ms", id="malay"),
        pytest.param(ENGLISH, "en", id="english"),
        pytest.param(JAVANESE, "jv", id="javanese"),
        pytest.param(SUNDANESE, "su", id="sundanese"),
        pytest.param(
            "Seorang lelaki ditahan polis selepas cuba merompak sebuah kedai emas di sini pagi tadi. Ketua polis "
            "daerah berkata suspek berusia 30 tahun itu akan didakwa di mahkamah esok.",
            "ms",
            id="malay, short",
        ),
        pytest.param(
            "Gubernur rawuh wonten ing acara menika kanthi ngagem busana Jawi. Panjenenganipun ngajak sedaya warga "
            "supados njagi budaya leluhur. Adicara kalajengaken kaliyan wayang ingkang dipunsengkuyung para mudha.",
            "jv",
            id="javanese, polite",
        ),
        pytest.param(
            "Gubernur sumping kana éta acara bari nganggo raksukan Sunda. Anjeunna ngajak ka sadaya warga sangkan "
            "salawasna ngajaga budaya karuhun. Acara diteruskeun ku pintonan wayang golék.",
            "su",
            id="sundanese, polite",
        ),
        pytest.param(
            "Police arrested a man on Tuesday in connection with the robbery of a gold shop in central Jambi, "
            "officials said.",
            "en",
            id="english, one sentence",
        ),
        pytest.param("أغلقت السلطات الجسر بسبب تشقق أحد أعمدته.", "ar", id="arabic"),
        pytest.param("当局因桥墩开裂而关闭了这座桥。", "zh", id="chinese"),
        pytest.param("橋脚にひびが入ったため、当局は橋を閉鎖した。", "ja", id="japanese"),
        pytest.param("교각에 금이 가서 당국이 다리를 폐쇄했다.", "ko", id="korean"),
        pytest.param("Власти закрыли мост из-за трещины в опоре.", "ru", id="russian"),
        pytest.param("เจ้าหน้าที่ปิดสะพานเพราะเสาร้าว", "th", id="thai"),
        pytest.param("தூணில் விரிசல் ஏற்பட்டதால் பாலம் மூடப்பட்டது.", "ta", id="tamil"),
        pytest.param("खंभे में दरार के कारण पुल बंद कर दिया गया।", "hi", id="hindi"),
    ],
)
@pytest.mark.parametrize("default", ["id", "en", "ms"])
def test_languages(text: str, expected: str, default: str) -> None:
    code, evidence = language_of("", text, default)
    assert code == expected
    assert evidence


QUOTED = (
    'Duta besar menulis, "We are sorry that the bridge has been closed, and we hope that it will be open before the '
    'end of the year, as this is what the people of the village have been waiting for."'
)


@pytest.mark.parametrize(
    "title, text, default, expected",
    [
        pytest.param("", f"{QUOTED} {INDONESIAN}", "en", "id", id="long english quotation"),
        pytest.param("", f"“{ENGLISH}”\n{INDONESIAN}", "en", "id", id="english paragraph quoted first"),
        pytest.param("The Art of the Bridge: Behind the News", INDONESIAN, "en", "id", id="english headline"),
        pytest.param("", f"“{MALAY}”\n{INDONESIAN}", "id", "id", id="malay quotation"),
        pytest.param(
            "",
            "Menlu Wang Yi tiba di Jakarta. Wang akan bertemu para menteri dan ketua parlemen, lalu Wang menuju Bali.",
            "id",
            "id",
            id="a chinese name is no malay money",
        ),
        pytest.param(
            "",
            "Nilai tukar yen turun terhadap dolar. Yen yang lemah menekan impor, dan bank sentral menahan suku bunga "
            "karena khawatir akan inflasi. Yen diperdagangkan lebih rendah.",
            "en",
            "id",
            id="yen is no javanese if",
        ),
        pytest.param(
            "",
            "Pengurus NU, PCNU dan warga NU berkumpul di Jombang. Ketua NU mengatakan bahwa NU akan menanam pohon, "
            "lalu warga minum teh bersama. NU juga membagi bibit kepada petani.",
            "en",
            "id",
            id="NU and tea are not sundanese",
        ),
        pytest.param("Breaking News", "", "id", "id", id="short"),
        pytest.param("", "", "ms", "ms", id="nothing"),
        pytest.param("Gempa M 5,2 Guncang Bengkulu", "", "en", "en", id="headline alone"),
        pytest.param("", "1 2 3 4 5 6 7 8 9 10 — 11 12", "id", "id", id="numbers"),
        pytest.param("", "yang yang yang yang yang yang yang", "en", "en", id="one word repeated"),
        pytest.param("", f"{INDONESIAN}\n{ENGLISH}", "jv", "jv", id="torn between two"),
        pytest.param(
            "",
            "La commune a fermé le pont parce que ses piliers sont fissurés et les habitants doivent faire un détour.",
            "id",
            "id",
            id="a language it does not know",
        ),
        pytest.param(
            "",
            "Also so was: In der Stadt will man an der Brücke arbeiten, und her damit. Die Gemeinde hat in einer "
            "Sitzung an die Bürger appelliert, in Ruhe zu warten.",
            "id",
            "id",
            id="german was and will",
        ),
        pytest.param("", f"بسم الله الرحمن الرحيم\n{INDONESIAN}", "en", "id", id="a verse in arabic"),
        pytest.param("", f"Film Korea 기생충 diputar lagi. {INDONESIAN}", "en", "id", id="a name in hangul"),
        pytest.param("", f"{INDONESIAN} {ENGLISH * 9}", "ms", "en", id="mostly english"),
        pytest.param(
            "",
            "Mereka pergi ke pasar dan kembali pada hari itu juga dengan ikan untuk kami semua.",
            "ms",
            "ms",
            id="as well malay: the default decides",
        ),
        pytest.param(
            "",
            "Mereka pergi ke pasar dan kembali pada hari itu juga dengan ikan untuk kami semua.",
            "en",
            "id",
            id="as well malay, with english as the default",
        ),
    ],
)
def test_what_decides(title: str, text: str, default: str, expected: str) -> None:
    assert language_of(title, text, default)[0] == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        (MALAY, "such as Isnin, bahawa, kerana"),
        (INDONESIAN, "such as Senin, bahwa, dimulai"),
        ("Власти закрыли мост.", "written in Cyrillic letters"),
        ("Halo", "too little to tell, so the default"),
    ],
    ids=["malay", "indonesian", "script", "undecided"],
)
def test_evidence_names_what_tells_it_apart(text: str, expected: str) -> None:
    assert language_of("", text, "id")[1].endswith(expected)


@given(st.text(), st.text(), st.sampled_from(sorted(LANGUAGES)))
def test_any_text_has_a_known_language(title: str, text: str, default: str) -> None:
    assert language_of(title, text, default)[0] in LANGUAGES


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=40))
def test_a_long_text_is_not_moved_by_its_end(end: str) -> None:
    assert language_of("", INDONESIAN * 20 + end * 500, "en")[0] == "id"


@pytest.mark.parametrize("sign", ['"', "“", "é", "漢"], ids=["straight", "curly", "accent", "script"])
def test_costs_no_more_for_hostile_texts(sign: str) -> None:
    text = sign * 10_000_000
    begun_at = time.process_time()
    language_of(text, text, "id")
    assert time.process_time() - begun_at < 0.1
