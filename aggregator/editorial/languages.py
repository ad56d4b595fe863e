"""In which language a story is written: by its script, or by the small words that every sentence needs.

Indonesian and Malay share most of those; between the two only words decide that one of them writes otherwise (karena,
kerana). Words count as they are written here, so that names do not: NU and AS, Wang and Dina. Quotations are passed
over where there is enough beside them. What is too short, or torn between two languages, has the default.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from heapq import nsmallest

# About 220 words.
READ_CHARS = 1600
_TITLE_CHARS = 200
# So many small words, of them so many different ones, and so large a share of all words speak for a language.
MIN_WORDS = 5
MIN_DIFFERENT = 3
MIN_SHARE = 0.12
# Times as many as speak for the next one.
LEAD = 1.5
# Malay where the default is not: one such word may be a name (polis, hospital).
MIN_MALAY = 2
# Beside quotations.
_MIN_UNQUOTED = 25

# What Indonesian and Malay both have, and what one of them writes otherwise.
_BOTH = """
yang dan di ke dari untuk dengan pada dalam ini itu adalah akan tidak telah sudah juga oleh kepada atau ada tersebut
lebih bukan masih belum sebagai antara setelah ketika serta mereka ia dia kita kami saya anda dapat boleh perlu harus
hanya lagi banyak setiap semua melalui terhadap agar jika kalau namun tetapi maka bagi apabila walaupun meski sepanjang
supaya para masing semalam seorang sebuah beberapa seperti sangat pun sejak hingga sehingga menjadi secara berkata
daripada beliau kata turut lain tahun hari orang satu dua tiga empat lima atas bawah luar selama sekitar bersama
kembali baru besar kecil sedang pernah apa siapa mana cara hal lalu kemudian pula begitu demikian bahkan jadi tak rumah
jalan dekat warga
"""
_INDONESIAN = """
karena bahwa uang bisa yaitu usai saat kemarin besok Senin Jumat Minggu polisi kantor ujar ujarnya katanya mengatakan
maupun saja beda berbeda coba mencoba ujung kualitas universitas aktivitas perusahaan menit resmi persen miliar triliun
Maret Juni Juli Agustus Desember dilakukan memiliki pria mobil internasional sejumlah gimana nggak enggak gak jadwal
tim tewas gubernur bupati pemerintah kecelakaan terkait jelang kapan soal tutur tuturnya jelasnya ungkapnya imbuhnya
dimulai diduga
"""
_MALAY = """
kerana bahawa wang iaitu manakala sahaja Isnin Khamis Jumaat Ahad kelmarin esok polis hospital mahupun beza berbeza
cuba mencuba hujung kualiti universiti aktiviti syarikat minit rasmi peratus bilion Julai Ogos Disember ialah menerusi
susulan sebarang setakat dijangka antarabangsa mesyuarat pengerusi pejabat memaklumkan mempunyai seramai justeru jadual
gabenor kemalangan jurulatih pesakit kes suspek ekoran berikutan lapan timbalan ubat pelaburan pelabur cukai terbabit
membabitkan disyaki siasatan menyiasat seksyen difahamkan agensi notis sekiranya mangsa peguam dinasihatkan
"""
# Of none of the others, or rarely.
_WORDS = {
    "jv": """
lan sing ing kang ingkang ora iku iki kuwi saka menyang wis durung karo kanggo amarga amargi yen nanging uga wong
dheweke punika menika saking dhateng kaliyan boten mboten sampun panjenengan kula marang minangka akeh gedhe cilik
utawa nalika dadi dados kanthi ana wonten saged tumrap luwih lumantar kabeh sedaya kanca nyambut sajrone ngenani mung
isih kudu ndadekake bocah omah banjur padha
""",
    "su": """
jeung nu anu teh teu henteu ieu eta ka kana tina ti keur pikeun kudu geus parantos mah oge sareng dina aya urang sabab
lamun upami kacida loba ku jalma abdi anjeun manehna nyaeta kitu kieu rek bade tiasa poe leuwih ngan saurna saur salaku
ayeuna jadi sok teuing deui sangkan kalawan pisan tuluy hiji sadaya anjeunna boga
""",
    "en": """
the of and to is was that for with by from were has have had which their this these are been would said will not it its
he she his they we you as at be but after before who when what about into more than there in on a one two over under
while during within between saying could should may can because how if some other new officials people
""",
}  # fmt: skip


def _by_word(lists: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, words in lists.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), code)
    return found


# Indonesian and Malay are one language here: "id".
_SPEAKS_FOR = _by_word({"id": f"{_BOTH} {_INDONESIAN} {_MALAY}", **_WORDS})
_CODES = ("id", *_WORDS)
_ONLY_INDONESIAN, _ONLY_MALAY = frozenset(_INDONESIAN.split()), frozenset(_MALAY.split())

# As bytes, which is five times quicker; small words are written in ASCII but for the Sundanese é.
_BETWEEN_WORDS = bytes(sign if chr(sign).isalpha() else 32 for sign in range(128)) + b" " * 128
_QUOTATION = re.compile('["“][^"“”\n]{1,600}["”]')
_OTHER_LETTERS = re.compile("[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufaff]+")
# The first that has so large a share of them: Japanese writes Chinese characters too, but never them alone.
_SCRIPTS = tuple(
    (code, script, re.compile(f"[{letters}]"), share)
    for code, script, letters, share in (
        ("ja", "Japanese kana", "\u3041-\u30ff", 0.1),
        ("zh", "Chinese characters", "\u3400-\u4dbf\u4e00-\u9fff", 0.5),
        ("ko", "Hangul", "\uac00-\ud7af", 0.5),
        ("ar", "Arabic letters", "\u0600-\u06ff", 0.5),
        ("ru", "Cyrillic letters", "\u0400-\u04ff", 0.5),
        ("th", "Thai letters", "\u0e00-\u0e7f", 0.5),
        ("ta", "Tamil letters", "\u0b80-\u0bff", 0.5),
        ("hi", "Devanagari", "\u0900-\u097f", 0.5),
    )
)
_UNDECIDED = "too little to tell, so the default"


def language_of(title: str, text: str, default: str) -> tuple[str, str]:
    """The code of a story's language, and what says so in plain words.

    ``text`` is the cleaned text, of which the beginning is read. ``default`` is a code of LANGUAGES: what is
    undecided has it.
    """
    sample = f"{title[:_TITLE_CHARS]}\n{text[:READ_CHARS]}"
    if script := _script_of(sample):
        return script
    words = _words(_QUOTATION.sub(" ", sample))
    if len(words) < _MIN_UNQUOTED:
        words = _words(sample)
    found: dict[str, dict[str, int]] = {code: {} for code in _CODES}
    for word, times in Counter(filter(_SPEAKS_FOR.__contains__, words)).items():
        for code in _SPEAKS_FOR[word]:
            found[code][word] = times
    # Of equals neither leads, so their order decides nothing.
    code, following = sorted(_CODES, key=lambda code: -sum(found[code].values()))[:2]
    own = found[code]
    enough = max(MIN_WORDS, MIN_SHARE * len(words), LEAD * sum(found[following].values()))
    if len(own) < MIN_DIFFERENT or sum(own.values()) < enough:
        return default, _UNDECIDED
    return _indonesian_or_malay(own, words, default) if code == "id" else (code, _counted(own, words))


def _words(sample: str) -> list[str]:
    plain = sample.replace("é", "e").encode("ascii", "replace")
    return plain.translate(_BETWEEN_WORDS).decode("ascii").split()


def _script_of(sample: str) -> tuple[str, str] | None:
    """The language of a text of which most is in no Latin letters."""
    if sample.isascii():
        return None
    letters = "".join(_OTHER_LETTERS.findall(sample))
    if len(letters) < MIN_WORDS or len(letters) * 2 < len(sample):
        return None
    for code, script, of_script, share in _SCRIPTS:
        if len(of_script.findall(letters)) >= share * len(letters):
            return code, f"written in {script}"
    return None


def _indonesian_or_malay(own: Mapping[str, int], words: Sequence[str], default: str) -> tuple[str, str]:
    """Different words are counted: one name may stand in each sentence."""
    indonesian, malay = own.keys() & _ONLY_INDONESIAN, own.keys() & _ONLY_MALAY
    if len(malay) > len(indonesian) and (len(malay) >= MIN_MALAY or default == "ms"):
        return "ms", _counted(own, words, malay)
    if len(malay) == len(indonesian) and default == "ms":
        return "ms", _counted(own, words)
    return "id", _counted(own, words, indonesian)


def _counted(own: Mapping[str, int], words: Sequence[str], telling: Set[str] = frozenset()) -> str:
    """Evidence: those that tell it from its neighbour first, then the most frequent."""
    shown = nsmallest(3, own, key=lambda word: (word not in telling, -own[word], word))
    return f"{sum(own.values())} of {len(words)} words, such as {', '.join(shown)}"
