"""Whom an article's own text credits: the site it was taken from, and the headline it had there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from aggregator.editorial.blocks import has_any, lowered
from aggregator.editorial.names import HOST, OUTLETS, is_fact_site
from aggregator.editorial.signatures import signature_line
from aggregator.model.entry import Provenance


def _address(group: str) -> str:
    return rf"(?:https?://)?(?:www\.)?(?P<{group}>{HOST})"


_KIND = r"(?:(?:laman|situs|portal|kanal|media|website|web)\s+(?:berita\s+)?)?"
_BEHIND = r"(?:\s+|(?=(?-i:[A-Z])))"  # links lose the space before them: "dikutip dariKompas.com"
_NAME = r"(?-i:[A-Z][\w.-]{1,20}(?:\s[A-Z][\w.-]{0,20}){0,3})"
_THIS = r"(?:artikel|berita|tulisan)\s+ini\s+"
_SHOWN = r"(?:tayang|terbit|dimuat|naik|dipublikasikan|diterbitkan|ditayangkan|rilis)"

_QUOTED = (
    r"\b(?:(?:di(?:kutip|lansir|sadur|nukil|sitat)|me(?:ngutip|lansir|nukil|nyadur))"
    r"|(?:seperti|sebagaimana)\s+(?:yang\s+)?di(?:beritakan|laporkan|tulis))"
    rf"(?:\s+oleh)?(?:\s+dari)?{_BEHIND}{_KIND}"
)
_CREDIT = re.compile(
    rf"{_QUOTED}(?:{_address('host')}|(?P<name>{_NAME})(?=\s+(?:dari|dalam)\s+(?:artikel|berita|tulisan)\b|\s+berjudul\b))"
    rf"|\b{_THIS}(?:(?:telah|sudah|pernah|juga)\s+)?(?:(?:lebih\s+dulu|pertama\s+kali)\s+)?{_SHOWN}\s+"
    rf"(?:(?:di|pada|oleh)\s+)?{_KIND}(?:{_address('reposted')}|(?P<reposted_name>{_NAME})(?=\s+dengan\s+judul\b))"
    rf"|^\W{{0,3}}sumber(?:\s+(?:berita|artikel))?\s*:\s*{_KIND}{_address('source')}(?:/\S*)?(?=\W{{0,3}}$)",
    re.IGNORECASE,
)  # fmt: skip
_FROM = re.compile(
    rf"\s+dari\s+(?!(?:sebuah\s+)?(?:artikel|berita|tulisan)\b){_KIND}(?:{_address('host')})?", re.IGNORECASE
)
_VALUE = rf"(?:www\.)?(?:{HOST}|{_NAME})"
_CHAIN = re.compile(
    rf"\s*\((?:(?:jaringan(?:\s+media)?|media\s+jaringan|grup)\s+(?P<network>{_VALUE})[,;]?\s*)?"
    rf"(?:(?:media\s+)?partner\s+(?P<partner>{_VALUE}))?\s*\)",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"(?:\bdengan\s+judul|(?:\b(?:artikel|berita|tulisan)(?:nya)?\s+)?(?:yang\s+)?(?:asli(?:nya)?\s+)?\b(?:berjudul|bertajuk))\s*:?\s*"
    r"(?:[\"“](?P<quoted>[^\"“”]{5,300})[\"”]|['‘](?P<single>[^\"“”]{5,300}?)['’](?!\w)"
    r"|[\"“'‘]?(?P<bare>(?-i:[A-Z0-9])[^\"“”]{4,300}))",
    re.IGNORECASE,
)
_STATED_TITLE = re.compile(
    r"\W{0,3}judul\s+(?:artikel|berita)\s*:\s*[\"“]?(?P<title>\S.{3,250}?)[\"”.\s]*", re.IGNORECASE
)
# A sentence ends here; "Dr. Budi" and "No. 5" go on.
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b[A-Z][a-z]\.)[\"”'’)]*\s+(?=[A-Z\"“])")
_BARE_END = re.compile(
    r"[\s,(|]+(?:klik\b|baca\s+(?:juga|selengkapnya)\b|selengkapnya\b|https?://|(?:penulis|editor|reporter|sumber)\s*:)",
    re.IGNORECASE,
)
_REMARK = re.compile(  # on the article, which is no part of the headline: a correction, a licence
    r",?\s+(?:di\s*bawah\s+lisensi\b|(?:(?:dan|namun|tetapi|lalu|kemudian|serta|yang)\s+)?(?:(?:telah|sudah|kini|kemudian)\s+)?"
    r"(?:diralat|dikoreksi|direvisi|mengalami\s+(?:ralat|koreksi|perubahan|revisi))\b)",
    re.IGNORECASE,
)
_FALSE_NEWS = re.compile(r"\b(?:hoaks|hoax|palsu|tidak\s+benar|disinformasi)\b", re.IGNORECASE)
_BACKGROUND = re.compile(r",?\s+sebelumnya\b", re.IGNORECASE)  # what the writer's own site said earlier
_TRIGGERS = (
    "kutip", "ngutip", "lansir", "sadur", "nyadur", "nukil", "sitat", "diberitakan", "dilaporkan", "ditulis", " ini ",
    "sumber",
)  # fmt: skip
# What a credit cannot do without: a verb, or that "this article" has appeared, or "Sumber:".
_VERBS = (
    "utip", "lansir", "adur", "nukil", "sitat", "diberitakan", "dilaporkan", "ditulis",
)  # fmt: skip
_THIS_HOLDS = ("artikel", "berita", "tulisan")
_SHOWN_HOLDS = ("tayang", "terbit", "dimuat", "naik", "dipublikasikan", "rilis")
_NO_OUTLETS = frozenset({
    "akun", "buku", "facebook", "film", "google", "instagram", "jurnal", "laporan", "lagu", "makalah", "netflix",
    "podcast", "skripsi", "telegram", "threads", "tiktok", "twitter", "unggahan", "video", "whatsapp", "wikipedia", "x",
    "youtube",
})  # fmt: skip
_BEFORE_CREDIT = re.compile(
    r"\W{0,3}(?:sebagian\s+)?(?:(?:artikel|berita|tulisan)\s+ini\s+(?:telah\s+)?"
    r"|(?:demikian\s*,?\s+)?(?:seperti|sebagaimana)\s+(?:yang\s+)?)?",
    re.IGNORECASE,
)
_BEHIND_CREDIT = re.compile(
    r"[\s,.;:\"”'’)\]]*(?:pada\s+(?:hari\s+|tanggal\s+)?[\w,./: -]{4,60})?(?:(?:klik\s+untuk\s+baca|klik\s+di\s?sini|baca\s+selengkapnya)?\s*:?\s*(?:https?://\S+)?)\W{0,3}",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\b(?:penulis|reporter|editor)\s*:", re.IGNORECASE)
# What may stand below a formula that ends the article.
_BELOW = re.compile(
    r"\W*(?:(?:sumber|judul|link|foto|editor|penulis|reporter|pewarta|kontributor|oleh|baca|simak|lihat|klik|tags?)\b|©|#|$)",
    re.IGNORECASE,
)
_MAX_BELOW_CHARS = 300
_OF_ITSELF = re.compile(r"\b(?:demikian|begitu|(?:seperti|sebagaimana)(?:\s+yang)?)\W*$", re.IGNORECASE)
# The article answers what it names: it is the partner's own.
_ANSWERS = re.compile(
    r"\b(?:(?:mem|di)?bantah\w*|menanggap\w*|ditanggap\w*|tanggap\w*|menuding|dituding|tuding\w*|menuduh|dituduh|tuduh\w*"
    r"|(?:meng|di)?klarifikasi|menepis|ditepis|tepis|menyangkal|disangkal|sangkal|meluruskan|pemberitaan|hak\s+jawab"
    r"|somasi|menggugat|digugat|gugat\w*)\b",
    re.IGNORECASE,
)
_REACH_CHARS = 600  # behind the site, past a partner chain in brackets


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit in a line, from ``start`` to ``end`` (the headline included, its closing quotation mark too)."""

    start: int
    end: int
    provenance: Provenance


def provenance(full_text: str) -> Provenance | None:
    """The credit in a text of one paragraph a line; None when it credits no site.

    Read are ``dikutip dari HOST``, ``Artikel ini telah tayang di HOST``, ``Sumber: HOST``, each with ``berjudul T`` or
    ``dengan judul T`` behind it, or a line ``Judul Artikel: T`` below. A credit that says where the article comes from
    beats a mere reference, then one with a headline one without; of equals the last counts. A headline without a site
    is somebody's quotation, not a credit, unless an outlet is named: then the host is ''. Sites that give facts and
    pictures count only with a headline. The host is in lower case, without ``www.``.
    """
    if not _may_credit(lowered(full_text)):
        return None
    found = None
    lines = full_text.split("\n")
    below = takewhile(_may_be_below, reversed(lines))
    ends_at = len(lines) - sum(1 for _ in below) - 1  # the last line that is the article's
    for number, line in enumerate(lines):
        for credit in credits_in(line):
            credited = credit.provenance
            if _is_carried(line, credit, is_end=number >= ends_at):
                credited = replace(credited, form="carried")
            if found is None or _rank(credited) >= _rank(found):
                found = _with_chain(credited, found)
        if (
            found
            and found.form == "reposted"
            and not found.title
            and (stated := _STATED_TITLE.fullmatch(line))
        ):
            found = replace(found, title=stated["title"])
    return found


def _rank(credited: Provenance) -> tuple[bool, bool]:
    return credited.form != "quoted", bool(credited.title)


def _is_carried(line: str, credit: Credit, *, is_end: bool) -> bool:
    """Whether a credit with a headline is said of the article itself: with a chain of partners, or as what ends it.

    ``Bupati membantah tudingan yang dikutip dari X dalam artikel berjudul T`` is news about another site's article.
    """
    credited = credit.provenance
    if credited.form != "quoted" or not credited.title:
        return False
    before = _SENTENCE_END.split(line[max(0, credit.start - _REACH_CHARS) : credit.start])[-1]
    if _ANSWERS.search(before):
        return False
    if credited.network or credited.partner:
        return True
    if is_whole(line, credit):
        return is_end
    begins = line[credit.start : credit.start + 20].lower().startswith(("seperti", "sebagaimana"))
    says_so = begins or _OF_ITSELF.search(before)
    return is_end and bool(says_so) and _ends(line, credit)


def is_whole(line: str, credit: Credit) -> bool:
    """Whether a line is nothing but a credit and what goes with it: a date, a link, people."""
    return bool(_BEFORE_CREDIT.fullmatch(line, 0, credit.start)) and _ends(line, credit)


def _ends(line: str, credit: Credit) -> bool:
    return bool(_BEHIND_CREDIT.fullmatch(line, credit.end, people_at(line, credit.end)))


def people_at(line: str, start: int) -> int:
    """Where ``Penulis: A | Editor: B`` begins behind a source credit; the end of the line if nowhere."""
    people = _PEOPLE.search(line, start)
    return people.start() if people and signature_line(line[people.start() :]) else len(line)


def _may_be_below(line: str) -> bool:
    """Whether an article has ended above this line."""
    if len(line) > _MAX_BELOW_CHARS:
        return False
    is_credit = any(is_whole(line, credit) for credit in credits_in(line))
    return is_credit or bool(_BELOW.match(line)) or signature_line(line) is not None


def _with_chain(credited: Provenance, earlier: Provenance | None) -> Provenance:
    """The chain in brackets is named once, however often the site is."""
    if earlier is None or earlier.host != credited.host or credited.network or credited.partner:
        return credited
    return replace(credited, network=earlier.network, partner=earlier.partner)


def credits_in(line: str) -> Iterator[Credit]:
    """The credits in one paragraph, in order."""
    if not (_may_credit(lowered(line)) and has_any(line.lower(), _TRIGGERS)):
        return
    matches = list(_CREDIT.finditer(line))
    ends = [match.start() for match in matches[1:]] + [len(line)]
    for match, end in zip(matches, ends, strict=False):
        credit = _credit(line, match, min(end, match.end() + _REACH_CHARS))
        if credit is not None:
            yield credit


def _may_credit(line: str) -> bool:
    return (
        has_any(line, _VERBS)
        or (":" in line and "sumber" in line)
        or (has_any(line, _THIS_HOLDS) and has_any(line, _SHOWN_HOLDS))
    )


def _credit(line: str, match: re.Match[str], reach: int) -> Credit | None:
    """The credit that begins with a match, if it is one; nothing beyond ``reach`` belongs to it."""
    host = match["host"] or match["reposted"] or match["source"] or ""
    name = match["name"] or match["reposted_name"] or ""
    form = "quoted"
    if match["reposted"] or match["reposted_name"]:
        form = "reposted"
    elif match["source"]:
        form = "source"
    if name and not _is_outlet(name):
        return None
    end = match.end()
    taken_from = _FROM.match(line, end, reach) if match["host"] else None
    if taken_from:  # "dikutip A.com dari B.com": A.com is who quotes
        if not taken_from["host"]:
            return None
        host, end = taken_from["host"], taken_from.end()
    chain = _CHAIN.match(line, end, reach)
    end = chain.end() if chain else end
    title, title_end = _title(line, end, reach)
    host = host.lower()
    if not title and (not host or is_fact_site(host) or (form == "quoted" and _BACKGROUND.match(line, end))):
        return None
    network, partner = (_chained(chain[key]) for key in ("network", "partner")) if chain else ("", "")
    return Credit(match.start(), title_end or end, Provenance(host, title, network, partner, form))


def _is_outlet(name: str) -> bool:
    """Whether a capitalised name without a host may be a publisher: social networks, books and studies are none."""
    return name.casefold() in OUTLETS or name.split(maxsplit=1)[0].casefold() not in _NO_OUTLETS


def _chained(value: str | None) -> str:
    value = (value or "").strip(" .,")
    return value.lower().removeprefix("www.") if "." in value else value


def _title(line: str, start: int, reach: int) -> tuple[str, int]:
    """The headline stated in the same sentence behind a site, and where it ends; '' and 0 when there is none."""
    match = _TITLE.search(line, start, reach)
    if match is None or _SENTENCE_END.search(line, start, match.start() + 1):
        return "", 0
    key = match.lastgroup or ""
    title = match[key]
    if key == "bare":
        title = _bare_title(title)
    end = match.start(key) + len(title) + (key != "bare")
    if _FALSE_NEWS.search(line, max(0, start - 200), match.start(key)) or _FALSE_NEWS.search(
        line, end, end + 60
    ):
        return "", 0
    return title.strip(" .,;:'‘’"), end


def _bare_title(text: str) -> str:
    """A headline without quotation marks ends with its sentence; "Gaji Naik? Ini Faktanya" is one headline."""
    for ending in (_BARE_END, _REMARK):
        if cut := ending.search(text):
            text = text[: cut.start()]
    for sentence_end in _SENTENCE_END.finditer(text):
        following = text[sentence_end.end() :]
        if text[sentence_end.start() - 1] == "." or not _is_headline(
            _SENTENCE_END.split(following, maxsplit=1)[0]
        ):
            return text[: sentence_end.start()]
    return text


def _is_headline(text: str) -> bool:
    """Whether most of its longer words are capitalised."""
    words = [word for word in re.findall(r"\w+", text) if len(word) > 3]
    return 3 * len([word for word in words if word[0].isupper()]) > 2 * len(words)
