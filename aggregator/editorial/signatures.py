"""How articles are signed at their end: ``(tra)``, ``(Nama Orang)``, ``(*)``, ``Penulis: X | Editor: Y``.

What could as well be the article's is no signature: acronyms and companies in brackets, advertising labels, notes that
news is unverified, the writers of a book.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.editorial.blocks import has_any
from aggregator.editorial.names import PLACES, is_outlet, outlet_host

_MAX_WRITERS = 2  # more are a list of writers in the news
_MAX_PEOPLE = 3
_MAX_LINE_CHARS = 400
MAX_SIGNATURES = 20
_REACH_CHARS = 160  # of a signature and the end of the sentence before it

_SENTENCE_END = re.compile(r"(?:[.!?…][\"”'’»)\]]*|\(\s?\*{1,5}\s?\))\s*$")  # or a signature already
_BRACKET = re.compile(r"\(\s*(?P<content>[^()]{1,60}?)\s*\)\.?\s*$")
_INITIALS_AT_START = re.compile(r"\s*\((?P<content>[a-z]{2,4}/[a-z]{2,4})\)\s+(?=\S)")
_STARS_AT_END = re.compile(r"(?<=[.!?…\"”'’)\s])\*{2,10}\s*$")
_STARS_LINE = re.compile(r"\W{0,2}\*{2,10}|\*(?:\s\*){1,5}|\(\s*\*{1,5}\s*\)")
_STARS = re.compile(r"\*{1,5}")
_BESIDE_STARS = re.compile(r"[\w ]{2,20}")  # (*/rilis)
_INITIALS = re.compile(r"[a-z]{2,4}|[A-Z][a-z]{1,3}|[A-Z]{2,4}")
_NAME = re.compile(r"[A-Z][\w'’.-]*(?: (?:[A-Z][\w'’.-]*|bin|binti|al|de|van)){1,4}")
_ONE_NAME = re.compile(r"[A-Z][\w'’.-]+(?: (?:[A-Z][\w'’.-]*|bin|binti|al|de|van)){0,4}|[a-z]{2,4}")
_DESKS = frozenset({"redaksi", "tim redaksi"})
_MARKS = "*(:©"  # every line that is a signature has one of these
# What a text ends with that is signed there: brackets, which a full stop may follow, or stars.
_ENDS_SIGNED = ("*", ")", ").")
_AND = re.compile(r"\s*(?:,|&|\bdan\b)\s*")

_NO_INITIALS = frozenset({
    # advertising labels and notes stay, and so do units and abbreviations
    "adv", "ads", "ad", "advt", "inf", "iklan", "adve", "pro", "hoax", "ott",
    "dll", "dst", "dkk", "dsb", "ist", "net", "foto", "dok", "wib", "wita",
    "wit", "alm", "kg", "km", "cm", "mm", "ml", "gr", "ha", "rp", "usd", "tbk", "am", "pm", "sic", "ini", "itu", "ya",
    "dan", "atau",
    # acronyms that news writes in brackets
    "as", "ri", "kpk", "tni", "bps", "bmkg", "dpr", "dprd", "mpr", "dpd", "ma", "mk", "pbb", "bi", "ojk", "bei", "pln",
    "kai", "uu", "who", "nato", "ue", "usa", "uk", "uea", "pdip", "pks", "pkb", "pan", "ppp", "psi", "kpu", "lpsk",
    "ky", "bin", "bnn", "bnpb", "bpbd", "bpk", "bpkp", "pns", "asn", "pppk", "sma", "smk", "smp", "sd", "saw", "swt",
    "qs", "hr", "ra", "aji", "pwi", "idi", "mui", "nu", "hiv", "tbc", "pssi", "fifa", "afc", "uefa", "var", "psg",
    "itb", "ui", "ugm", "ipb", "unja", "thr", "bbm", "lpg", "spbu", "ikn", "dki", "diy", "ntt", "ntb", "ai", "it",
    "pt", "cv", "ceo", "ihsg", "idr", "kua", "pkk", "bumn", "bumd", "umkm", "tki", "wni", "wna", "odgj", "kdrt", "tppo",
    "tppu", "kuhp", "apbd", "apbn", "ham", "jht", "bpjs", "kip", "pkh", "bpnt", "blt", "polri", "imf", "the",
})  # fmt: skip
# Single acronyms that are initials as well when they are written small: "(as)" signs many an article.
_SMALL_INITIALS = frozenset({"as", "ma", "ra", "ri", "ha", "bin", "aji", "nu", "hr", "ui", "ai"})
_NO_PERSON = frozenset({
    "pt", "cv", "tbk", "persero", "bank", "badan", "dinas", "komisi", "kementerian", "partai", "universitas", "lembaga",
    "majelis", "dewan", "polda", "polres", "polsek", "polri", "tni", "kota", "kabupaten", "provinsi", "piala", "liga",
    "undang", "surat", "qs", "hr", "hadis", "ayat", "pasal", "rumah", "sekolah", "yayasan", "asosiasi", "organisasi",
    "negara", "republik", "presiden", "menteri", "gubernur", "bupati", "stadion", "bandara", "pelabuhan", "jalan",
    "pengadilan", "mahkamah", "kejaksaan", "masjid", "gereja", "grup", "group", "fc", "united", "city", "indonesia",
    "dunia", "asia", "amerika", "eropa", "serikat", "jawa", "sumatera", "kalimantan", "sulawesi", "papua", "timur",
    "barat", "utara", "selatan", "tengah", "januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus",
    "september", "oktober", "november", "desember", "senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu",
    "baca", "lihat", "simak", "klik", "selesai", "tamat", "lanjutan", "bagian", "opini", "update", "foto", "video",
    "ilustrasi", "istimewa", "kerja", "sama", "siaran", "pers", "sumber",
})  # fmt: skip
# What is said of the news itself, and what it must be labelled with: in no place is it a person.
_NOTES = frozenset({
    "belum", "tidak", "berita", "informasi", "kabar", "burung", "rumor", "isu", "catatan", "ralat", "koreksi",
    "klarifikasi", "verifikasi", "terverifikasi", "diverifikasi", "dikonfirmasi", "konfirmasi", "terkonfirmasi",
    "masih", "dalam", "menunggu", "keterangan", "sepihak", "pihak", "dugaan", "diduga", "sementara", "data", "akan",
    "perkembangan", "bersambung", "hoaks", "hoax", "fiktif", "fiksi", "satire", "satir", "parodi", "hak", "jawab",
    "permohonan", "maaf", "dicabut", "diperbarui", "diralat", "penafian", "disclaimer", "anonim", "kuasa", "hukum",
    "pengacara", "konten", "content", "berbayar", "paid", "brand", "branded", "native", "sponsored", "sponsor",
    "disponsori", "mitra", "partnership", "kerjasama", "iklan", "beriklan", "adv", "ads", "ad", "advt", "adve",
    "promosi", "promo", "promoted", "pariwara", "inforial", "infotorial", "advetorial", "publikasi", "endorse",
    "endorsement", "berlangganan",
})  # fmt: skip
_ADVERTS = ("advert", "advet")  # and what is spelt like them
_QUOTED_AT_END = re.compile(r"[\"”’»]\s*$")

_BYLINE = re.compile(
    r"Laporan\s+(?i:wartawan|reporter|kontributor|jurnalis|koresponden)\s*:?\s+"
    r"(?:(?P<outlet>(?:[\w-]+\.)+\w{2,4}\s*[,:/]?\s+|[A-Z][\w ]{2,30}?\s*[,:/]\s*))?"
    r"(?P<name>[A-Z][\w.'’]*(?:\s+[A-Z][\w.'’]*){0,4})\W{0,2}"
)
_BARE_BYLINE = re.compile(r"Laporan\s*:?\s+(?P<name>[A-Z][a-z'’]+(?:\s+[A-Z][a-z'’.]*){1,3})\W{0,2}")
_REPORTS = frozenset({  # reports that news is about
    "keuangan", "tahunan", "kinerja", "hasil", "polisi", "akhir", "khusus", "utama", "pertanggungjawaban", "warga",
    "masyarakat", "harta", "realisasi", "bulanan", "palsu", "dugaan", "terbaru", "survei", "harian", "mingguan",
})  # fmt: skip
_ROLE = re.compile(
    r"\b(?P<role>penulis|oleh|reporter|pewarta|kontributor|jurnalis|wartawan|editor|redaktur|penyunting|uploader)\s*:\s*",
    re.IGNORECASE,
)
_EDITING = frozenset({"editor", "redaktur", "penyunting", "uploader"})
_ANTARA = outlet_host("ANTARA")
_COPYRIGHT = re.compile(
    r"\W{0,3}(?:copyright\s*)?(?:©|\(c\))\s*(?:lkbn\s+)?antara(?:\s+\d{4})?\W{0,3}$", re.IGNORECASE
)
# The lines beside "Penulis: ..." where a book, a film or a song is described.
_OF_A_WORK = re.compile(
    r"\W{0,3}(?:judul(?!\s+(?:artikel|berita)\b)|penerbit|penerjemah|tebal|isbn|(?:jumlah\s+)?halaman|cetakan|tahun(?:\s+terbit)?|genre|sutradara"
    r"|produser|produksi|pemain|pemeran|durasi|rilis|label|pencipta|harga)\b[^:]{0,20}:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and the rule that says so. ``outlets`` are the hosts of the publishers that are named."""

    rule: str
    reporters: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()


def byline(text: str, *, is_before_dateline: bool) -> Signature | None:
    """The reporter in ``Laporan Wartawan Kabar.com, Nama``; a bare ``Laporan Nama`` counts only before a dateline.

    None for other texts, among them reports that are news: ``Laporan Keuangan ...``.
    """
    if not text.startswith("Laporan") or len(text) > _MAX_LINE_CHARS:
        return None
    match = _BYLINE.fullmatch(text) or (_BARE_BYLINE.fullmatch(text) if is_before_dateline else None)
    if match is None or _REPORTS & {word.casefold() for word in match["name"].split()}:
        return None
    outlet = (match.groupdict().get("outlet") or "").strip(" ,:/")
    host = outlet_host(outlet)
    if _is_note(match["name"]) or (is_outlet(outlet) and not host):
        return None
    return Signature("byline", (match["name"].strip(),), (), (host,) if host else ())


def may_be_signed(text: str) -> bool:
    """Whether a line may hold a signature or a byline: most hold nothing that one cannot do without."""
    return has_any(text, _MARKS) or text.startswith("Laporan")


def signature_line(text: str) -> Signature | None:
    """A line that is nothing but a signature."""
    if len(text) > _MAX_LINE_CHARS or not has_any(text, _MARKS):
        return None
    if _STARS_LINE.fullmatch(text):
        return Signature("credit-stars")
    if _COPYRIGHT.fullmatch(text):
        return Signature("credit-copyright", outlets=(_ANTARA,))
    bracket = _BRACKET.fullmatch(text)
    return _bracketed(bracket["content"]) if bracket else _people(text)


def signatures_at_end(text: str) -> list[tuple[int, int, Signature]]:
    """The signatures behind the last sentence of a text, last first, each with where it begins and ends.

    A bracket that belongs to the sentence, such as "(KPK)", stands before its full stop, or there is none; a name right
    behind a quotation is who said it. More than MAX_SIGNATURES in a row are none: nobody signs like that.
    """
    found: list[tuple[int, int, Signature]] = []
    end = len(text)
    while one := _signature_at_end(text[max(0, end - _REACH_CHARS) : end]):
        length, signature = one
        found.append((end - length, end, signature))
        end -= length
        if len(found) > MAX_SIGNATURES:
            return []
    return found


def _signature_at_end(text: str) -> tuple[int, Signature] | None:
    if not text.rstrip().endswith(_ENDS_SIGNED):
        return None
    if stars := _STARS_AT_END.search(text):
        begins_at, found = stars.start(), Signature("credit-stars")
        is_signature = bool(_SENTENCE_END.search(text[:begins_at]))
    elif (bracket := _BRACKET.search(text)) and (signature := _bracketed(bracket["content"])):
        begins_at, found = bracket.start(), signature
        before = text[:begins_at]
        is_speaker = found.rule == "credit-name" and bool(_QUOTED_AT_END.search(before))
        is_signature = found.rule == "credit-stars" or bool(_SENTENCE_END.search(before) and not is_speaker)
    else:
        return None
    return (len(text) - begins_at, found) if is_signature else None


def signature_at_start(text: str) -> tuple[int, Signature] | None:
    """Two initials before what a site lists under an article, ``(ara/mib) harga karet jambi``, and where they end."""
    match = _INITIALS_AT_START.match(text)
    found = _bracketed(match["content"]) if match else None
    return (match.end(), found) if match and found else None


def is_about_a_work(text: str) -> bool:
    """Whether a line describes a book, a film or a song: ``Penerbit: ...``."""
    return bool(_OF_A_WORK.match(text))


def is_role_line(text: str) -> bool:
    """``Penulis: ...`` and the like, whoever is named."""
    match = _ROLE.search(text) if ":" in text else None
    return match is not None and not re.search(r"\w", text[: match.start()])


def _bracketed(content: str) -> Signature | None:
    """What stands in brackets, if each of its parts is a person, initials, an outlet whose host is known, or stars."""
    parts = [part.strip() for part in content.split("/")]
    has_stars = any(_STARS.fullmatch(part) for part in parts)
    reporters: list[str] = []
    editors: list[str] = []
    outlets: list[str] = []
    for part in parts:
        if is_outlet(part):
            outlets.append(outlet_host(part))
        elif _are_initials(part):
            editors.append(part)
        elif _is_person(part):
            reporters.append(part)
        elif part.casefold() in _DESKS or (has_stars and _is_beside_stars(part)):
            editors.append(part)
        elif not _STARS.fullmatch(part):
            return None
    if not all(outlets) or not (reporters or editors or has_stars):
        return None
    named = (tuple(reporters), tuple(editors), tuple(outlets))
    if reporters:
        return Signature("credit-name", *named)
    return Signature("credit-stars", *named) if has_stars else Signature("credit-initials", *named)


def _are_initials(part: str) -> bool:
    if not _INITIALS.fullmatch(part):
        return False
    return part in _SMALL_INITIALS or part.casefold() not in _NO_INITIALS


def _is_person(part: str) -> bool:
    words = [word.casefold().strip(".") for word in part.split()]
    is_place = part.casefold() in PLACES
    is_thing = not _NO_PERSON.isdisjoint(words) or _is_note(part)
    return bool(_NAME.fullmatch(part)) and not is_place and not is_thing


def _is_note(text: str) -> bool:
    """Whether a label or a note stands where a person would."""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
    return any(word in _NOTES or word.startswith(_ADVERTS) for word in words)


def _is_beside_stars(part: str) -> bool:
    words = {word.casefold() for word in part.split()}
    return (
        bool(_BESIDE_STARS.fullmatch(part)) and not words & (_NO_PERSON | _NO_INITIALS) and not _is_note(part)
    )


def _people(text: str) -> Signature | None:
    """``Pewarta: A Editor: B Copyright © ANTARA 2026``: every value must be a name or two."""
    if not is_role_line(text):
        return None
    outlets = [_ANTARA] if _COPYRIGHT.search(text) else []
    text = _COPYRIGHT.sub("", text)
    roles = list(_ROLE.finditer(text))
    reporters: list[str] = []
    editors: list[str] = []
    for role, end in zip(roles, [role.start() for role in roles[1:]] + [len(text)], strict=True):
        names = _AND.split(text[role.end() : end].strip(" \t|/,;•·–-"))
        key = role["role"].lower()
        if len(names) > (_MAX_WRITERS if key == "penulis" else _MAX_PEOPLE) or not all(map(_is_named, names)):
            return None
        (editors if key in _EDITING else reporters).extend(name for name in names if not is_outlet(name))
        outlets += [outlet_host(name) for name in names if is_outlet(name)]
    return (
        Signature("credit-people", tuple(reporters), tuple(editors), tuple(outlets)) if all(outlets) else None
    )


def _is_named(value: str) -> bool:
    return is_outlet(value) or (bool(_ONE_NAME.fullmatch(value)) and not _is_note(value))
