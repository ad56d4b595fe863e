"""What a person should look at: words pasted into words, text that stands twice, corrections. Nothing is repaired."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from aggregator.editorial.blocks import has_any, lowered, one_line
from aggregator.editorial.names import PLACES
from aggregator.model.reading import Doubt

_AROUND_CHARS = 80

# "AlAMerika exander", "KeBerita menterian": the first letters of a word, another word, and the rest of the first.
_PASTED = re.compile(
    r"(?<![\w.@#/])(?P<begun>[A-Za-z][a-z]{1,2})(?P<pasted>[A-Z]{1,2}[a-z]{2,20}) (?P<rest>[a-z]{3,20})\b"
)
_CAPITAL_WITHIN = re.compile(r"[A-Z](?<=[a-z][A-Z])")  # as all of those have
_ODD_CASE = re.compile(r"[A-Z]{2}[a-z]{3,}")
_SECTIONS = frozenset({
    "berita", "nasional", "indonesia", "internasional", "politik", "hukum", "ekonomi", "bisnis", "olahraga",
    "sepakbola", "daerah", "kriminal", "hiburan", "selebriti", "teknologi", "otomotif", "kesehatan", "pendidikan",
    "wisata", "amerika",
})  # fmt: skip
# Before a name these have lost their space ("diJakarta"), or are its first part ("AirAsia").
_WORDS_OF_THEIR_OWN = frozenset(
    {"di", "ke", "se", "dan", "via", "pro", "eks", "air", "my", "go", "we", "all", "ini", "itu"}
)
_MIN_JOINED = 6  # letters of a word that stands elsewhere in the text
_WORD = re.compile(r"[^\W\d_]+")

_MIN_REPEATED_WORDS = 6
_MIN_REPEATED_CHARS = 30
_MAX_LEAD_CHARS = 4_000

_SPEAK_OF_CORRECTIONS = (
    "ralat", "koreksi", "revisi", "cabut", "menarik", "ditarik", "dihapus", "diubah", "perba", "perubahan",
    "penyesuaian", "maaf", "jawab", "kekeliruan", "kesalahan", "klarifikasi", "catatan",
)  # fmt: skip
# A line, or a link, about one: it stays whatever it looks like (press code: corrections are linked).
_CORRECTS = re.compile(
    r"\b(?:(?:me|di)?ralat|(?:di)?koreksi|mengoreksi|hak\s+(?:jawab|koreksi)|(?:meng|di)?klarifikasi|(?:per)?mohon(?:an)?\s+maaf"
    r"|pencabutan|(?:me(?:n?cabut)|dicabut|menarik|ditarik)\s+(?:berita|artikel)|(?:berita|artikel)\s+(?:ini\s+)?(?:telah\s+)?di(?:cabut|tarik))\b",
    re.IGNORECASE,
)
# One of these words, parts of words, is in each.
_CORRECTS_HOLDS = ("ralat", "oreksi", "jawab", "klarifikasi", "maaf", "cabut", "menarik", "ditarik")
# Each names the article, or the desk, or stands for both.
_ARTICLE_HOLDS = ("berita", "artikel", "tulisan", "naskah", "judul", "redaksi", "ralat", "tertulis")
_CORRECTION = re.compile(
    r"\b(?:berita|artikel|tulisan|naskah|judul)\s+ini\s+(?:(?:sudah|telah|juga|kami)\s+){0,2}"
    r"(?:mengalami\s+(?:ralat|perubahan|koreksi|penyesuaian|perbaikan|revisi)"
    r"|diperbarui|diperbaiki|dikoreksi|diralat|direvisi|diubah)\b"
    r"|\b(?:berita|artikel)\s+ini\s+(?:sudah|telah|resmi|kami)\s+(?:dicabut|ditarik|dihapus)\b"
    r"|\b(?:kami|redaksi)\s+(?:\w+\s+)?(?:mencabut|menarik)\s+(?:berita|artikel)\s+(?:ini|tersebut|berjudul)\b"
    r"|(?<!pemimpin )(?<!dewan )\bredaksi\s+(?:(?:telah|kami|dengan\s+ini)\s+)?"
    r"(?:mohon|meminta|memohon|menyampaikan\s+permohonan)\s+maaf\b"
    r"|\b(?:kesalahan|kekeliruan)\s+(?:\w+\s+){0,3}(?:pada|dalam|di)\s+(?:\w+\s+){0,2}(?:berita|artikel)\s+(?:ini|sebelumnya)\b"
    r"|^\W{0,3}ralat\s*(?:redaksi|berita)?\s*[:–—-]"
    r"|^\W{0,3}(?:koreksi|catatan\s+redaksi|hak\s+jawab|permohonan\s+maaf|pencabutan\s+berita|klarifikasi)"
    r"(?:\s+(?:redaksi|berita))?\s*[:–—-](?=.{0,300}\b(?:berita|artikel|judul|pemberitaan|tertulis)\b)",
    re.IGNORECASE,
)


def pasted(lines: Sequence[str]) -> tuple[Doubt, ...]:
    """``pasted-in``: another word within a word, or the lead's words twice in a row.

    ``lines`` are an article of one paragraph a line, blank ones too.
    """
    return tuple(dict.fromkeys([*_pasted_words(lines), *_repeated(next(filter(str.strip, lines), ""))]))


def speaks_of_correction(text: str) -> bool:
    """Whether a line mentions a correction, a reply or a withdrawal, of this article or of another."""
    return has_any(lowered(text), _CORRECTS_HOLDS) and bool(_CORRECTS.search(text))


def corrections(lines: Sequence[str]) -> tuple[Doubt, ...]:
    """``correction``: the article speaks of a correction, withdrawal or apology that concerns itself."""
    whole = lowered("\n".join(lines))
    named = [word for word in _ARTICLE_HOLDS if word in whole]
    if not named:
        return ()
    found = []
    for line in lines:
        if (
            has_any(lowered(line), named)
            and has_any(line.lower(), _SPEAK_OF_CORRECTIONS)
            and (match := _CORRECTION.search(line))
        ):
            found.append(Doubt("correction", _around(line, match.start(), match.end())))
    return tuple(dict.fromkeys(found))


def _pasted_words(lines: Sequence[str]) -> Iterator[Doubt]:
    odd = [line for line in lines if _CAPITAL_WITHIN.search(line)]
    candidates = [(line, match) for line in odd for match in _PASTED.finditer(line)]
    if not candidates:
        return
    words = Counter(word.casefold() for line in lines for word in _WORD.findall(line))
    for line, match in candidates:
        if _is_pasted(match, words):
            yield Doubt("pasted-in", _around(line, match.start(), match.end()))


def _is_pasted(match: re.Match[str], words: Counter[str]) -> bool:
    """A pasted word is one that the text or the site's menu knows; names such as LaNyalla and YouTube are whole."""
    begun, pasted, rest = match["begun"], match["pasted"], match["rest"]
    joined = (begun + rest).casefold()
    if len(joined) >= _MIN_JOINED and joined in words:
        return True
    if words[(begun + pasted).casefold()] > 1 or not begun[0].isupper():
        return False
    if pasted.casefold() == "berita" or _ODD_CASE.fullmatch(pasted):
        return True
    is_known = pasted.casefold() in _SECTIONS or pasted.casefold() in PLACES
    return is_known and begun.casefold() not in _WORDS_OF_THEIR_OWN


def _repeated(lead: str) -> Iterator[Doubt]:
    """Words of the lead that stand twice in a row, or its first words again: a headline or a sentence was pasted in."""
    words = [word.casefold() for word in re.findall(r"\w+", lead[:_MAX_LEAD_CHARS])]
    first_at: dict[tuple[str, ...], int] = {}
    for index in range(len(words) - _MIN_REPEATED_WORDS + 1):
        window = tuple(words[index : index + _MIN_REPEATED_WORDS])
        before = first_at.setdefault(window, index)
        if before == index or len(" ".join(window)) < _MIN_REPEATED_CHARS:
            continue
        if before == 0 or words[before:index] == words[index : 2 * index - before]:
            yield Doubt("pasted-in", " ".join(window))
            return


def _around(line: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND_CHARS), end + _AROUND_CHARS
    before, behind = "…" if first else "", "…" if last < len(line) else ""
    return f"{before}{one_line(line[first:last])}{behind}"
