"""Text that was encoded twice, made whole where that is certain ("cafÃ©" is "café").

Somebody took UTF-8 for windows-1252 or ISO 8859-1 and encoded it again. What that leaves is recognised run by run:
a run of characters beyond ASCII is repaired as a whole or left as it is. Why this and no library:
docs/decisions/0012-text-repair.md.
"""

from __future__ import annotations

import re
import unicodedata

# A character that XML permits and that no text of ours keeps (model.characters): see `shielded`.
_SHIELD = "\ufdd0"
_BYTE_OF = {
    **{chr(byte): byte for byte in range(0x80, 0x100)},
    # Where windows-1252 has no character, software keeps the control character of that number.
    **{bytes([byte]).decode("windows-1252", "ignore"): byte for byte in range(0x80, 0xA0)},
}
_BYTE_OF.pop("")
_C1 = {
    byte: character for character, byte in _BYTE_OF.items() if 0x80 <= byte < 0xA0 and character > "\u00ff"
}
_C1_CHARACTER = re.compile("[\x80-\x9f]")
_RUN = re.compile(f"[{re.escape(''.join(_BYTE_OF))}]{{2,}}")
_REFERENCE = "&#(?:x[0-9a-f]{2}|[12][0-9]{2});"
_LIKE_UTF8 = re.compile(f"(?:[\xc2-\xf4]|{_REFERENCE})(?=[\x80-\xbf]|{_REFERENCE})", re.IGNORECASE)
# What may stand behind a word in capitals that ends with Ã or Â ("AMANHÃ”"), so that it proves nothing.
_PUNCTUATION = frozenset("‘’“”‚„–—…›»")
_JOINS_WORDS = frozenset("’–—")
_SIGNS = frozenset("™©®°ªº¹²³·\u00a0\u00ad")
_LAYERS = 3


def shielded(text: str) -> str:
    """The document so that feedparser leaves its text alone; ``repair`` takes out what is put in here.

    feedparser decodes each element a second time that happens to allow it, and makes "SANTɠ: le plan" of
    "SANTÉ : le plan" with a no-break space (feedparser/mixin.py, "address common error").
    """
    return _LIKE_UTF8.sub(rf"\g<0>{_SHIELD}", text)


def repair(text: str) -> str:
    """The text as its author wrote it, as far as that is certain; C1 controls are read as windows-1252."""
    if text.isascii():
        return text
    text = text.replace(_SHIELD, "")
    for _layer in range(_LAYERS):
        once = _RUN.sub(_decoded, text)
        if once == text:
            break
        text = once
    return _C1_CHARACTER.sub(lambda match: _C1.get(ord(match[0]), match[0]), text)


def is_damaged(text: str) -> bool:
    """Whether ``repair`` would change what a reader sees."""
    return repair(text) != text.replace(_SHIELD, "")


def _decoded(match: re.Match[str]) -> str:
    run = match[0]
    try:
        decoded = bytes(_BYTE_OF[character] for character in run).decode()
    except UnicodeDecodeError:
        return run
    text, start, end = match.string, match.start(), match.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    return decoded if _is_certain(run, decoded, before, after) else run


def _is_certain(run: str, decoded: str, before: str, after: str) -> bool:
    """Three characters in a row are no accident; fewer must be impossible as they stand."""
    if any(unicodedata.category(character) in ("Cn", "Co", "Cs") for character in decoded):
        return False
    if len(decoded) >= 3:
        return True
    position = 0
    for character in decoded:
        length = len(character.encode())
        if not _is_impossible(run[position : position + length], character, before, after):
            return False
        position += length
    return True


def _is_impossible(written: str, meant: str, before: str, after: str) -> bool:
    """Whether nobody writes these two to four characters for themselves, in the languages that we read."""
    lead, second = written[0], written[1]
    inside_a_word = before.islower() or (
        after.islower() and not (before.isalpha() and second in _JOINS_WORDS)
    )
    if lead == "Â":
        return inside_a_word or not (before.isupper() and second in _PUNCTUATION | _SIGNS)
    if lead == "Ã":
        return inside_a_word or not (second in _PUNCTUATION or (second in _SIGNS and before.isupper()))
    if lead in "ÄÅ":  # œ, š and the like
        return inside_a_word
    if lead == "â":  # quotation marks, dashes, signs: "â€œ"
        return not (_PUNCTUATION | _SIGNS).issuperset(written[1:])
    return (lead == "ï" and meant in "\ufeff\ufffd") or (lead == "ð" and second in "Ÿ\x9f")
