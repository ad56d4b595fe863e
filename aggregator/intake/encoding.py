"""Bytes to text that any XML parser may see: the right encoding, and no character that XML forbids.

What is checked must be what is parsed, so the encoding is decided here, once, and never again further in.
"""

from __future__ import annotations

import codecs
import re

from aggregator.errors import RefusedDocumentError

# XML 1.0, appendix F: a byte order mark, else how "<" or "<?xm" would look. The longer signature comes first.
_SIGNATURES = (
    (codecs.BOM_UTF32_BE, "utf-32-be", 4),
    (codecs.BOM_UTF32_LE, "utf-32-le", 4),
    (codecs.BOM_UTF8, "utf-8", 3),
    (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    (codecs.BOM_UTF16_LE, "utf-16-le", 2),
    (b"\0\0\0<", "utf-32-be", 0),
    (b"<\0\0\0", "utf-32-le", 0),
    (b"\0<", "utf-16-be", 0),
    (b"<\0", "utf-16-le", 0),
    (b"\x4c\x6f\xa7\x94", "cp037", 0),
)
_EBCDIC = re.compile(r"cp(037|273|424|500|875|1026|1140)")
# Python's names of the encodings that documents on the web are written in. Others that Python knows
# (punycode, idna, unicode_escape, utf-7, rot13, ...) turn harmless bytes into markup, and no partner has a
# reason to use them.
_WEB_CODECS = re.compile(
    r"ascii|utf-(8|16|32)(-be|-le|-sig)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|tis-620|johab"
    r"|gb2312|gbk|gb18030|big5(hkscs)?|euc_\w+|shift_jis\w*|hz|iso2022_\w+"
)
# The name that a document uses, and what its bytes are: browsers read the wider one in its place
# (https://encoding.spec.whatwg.org/#names-and-labels), and software writes it under the narrower name.
_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
_SEVEN_BIT = re.compile(r"hz|iso2022_\w+")  # written in ASCII bytes, so that they would pass for UTF-8
_DECLARED = re.compile(r"""\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_LATE_DECLARATION = re.compile(r"\s+<\?xml\b")
_CHARSET = re.compile(r"""\bcharset\s*=\s*["']?([A-Za-z][A-Za-z0-9._-]*)""", re.IGNORECASE)

# XML 1.0, production 2, Char: everything else makes a document unreadable.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Bytes that are no UTF-8, as Python's surrogateescape shows them; alone between others, those of the range
# of windows-1252's quotation marks and dashes are these.
_STRAY = re.compile("[\udc80-\udcff]")
_LONE_C1 = re.compile("(?<![\udc80-\udcff])[\udc80-\udc9f](?![\udc80-\udcff])")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def decode(body: bytes, content_type: str) -> tuple[str, tuple[str, ...]]:
    """The text of a document and what had to be mended in it, in words.

    A byte order mark or signature decides; else valid UTF-8 is UTF-8, whatever is claimed (wrong claims are
    common, accidental UTF-8 is not); else the ``charset`` of ``content_type``, then the XML declaration
    (RFC 7303, section 3), unless all but a few bytes are UTF-8; else UTF-8 or windows-1252, whichever loses
    less. Characters and character references that XML 1.0 forbids are dropped. Raises RefusedDocumentError
    for encodings that only Python knows.
    """
    problems: list[str] = []
    signature, start = _signature(body)
    head = body[start : start + 4096].decode(signature or "latin-1", "ignore")
    claims = _claims(head, content_type, problems)
    text = _decode_as(body[start:], signature, claims, problems)
    text, dropped = _FORBIDDEN.subn("", text)
    if dropped:
        problems.append(f"{dropped} characters that XML forbids were dropped")
    text, references = _REFERENCE.sub(_allowed_reference, text), text
    if text != references:
        problems.append("references to characters that XML forbids were dropped")
    if _LATE_DECLARATION.match(text):
        problems.append("white space stands before the XML declaration")
    return text, tuple(problems)


def _signature(body: bytes) -> tuple[str, int]:
    """The encoding that the first bytes show ('' when they do not), and how many of them are no text."""
    for mark, codec, length_bytes in _SIGNATURES:
        if body.startswith(mark):
            return codec, length_bytes
    return "", 0


def _claims(head: str, content_type: str, problems: list[str]) -> list[str]:
    """The encodings that HTTP header and XML declaration name, in this order, as Python names them."""
    claims = []
    for match in (_CHARSET.search(content_type), _DECLARED.match(head)):
        if not match:
            continue
        try:
            codec = codecs.lookup(match[1]).name
        except LookupError:
            problems.append(f"the document names an unknown encoding, {match[1]}")
            continue
        if not _WEB_CODECS.fullmatch(codec):
            raise RefusedDocumentError(
                f"the document names {match[1]} as its encoding, which no feed is written in"
            )
        claims += [_WIDER[codec], codec] if codec in _WIDER else [codec]
    return claims


def _decode_as(body: bytes, signature: str, claims: list[str], problems: list[str]) -> str:
    """Try the encodings in order of trust; the last resort loses characters and says so."""
    if signature == "cp037":
        candidates = [claim for claim in claims if _EBCDIC.fullmatch(claim)] + ["cp037"]
    elif signature:
        candidates = [signature]
    elif claims and _SEVEN_BIT.fullmatch(claims[-1]):
        candidates = [claims[-1], "utf-8"]
    else:
        candidates = ["utf-8", *claims]
    for codec in candidates:
        if not signature and not codec.startswith("utf-") and _is_nearly_utf8(body):
            return _decode_around(body, codec, problems)
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return _decode_lossy(body, signature, problems)


def _is_nearly_utf8(body: bytes) -> bool:
    """Whether so much is UTF-8 that a few bytes are damage: a text in another encoding is none at all."""
    text = body.decode("utf-8", "surrogateescape")
    strays = len(_STRAY.findall(text))
    return strays * 10 < sum(character > "\x7f" for character in text) - strays


def _decode_around(body: bytes, codec: str, problems: list[str]) -> str:
    """UTF-8, and bytes that are not it in the encoding that the document names."""
    text = body.decode("utf-8", "surrogateescape")
    text, strays = _STRAY.subn(lambda stray: _byte_of(stray).decode(codec, "replace"), text)
    problems.append(f"the document is in UTF-8 and not in {codec} as it says; {strays} bytes are in {codec}")
    return text


def _decode_lossy(body: bytes, signature: str, problems: list[str]) -> str:
    """Read around broken bytes. A document that is mostly not UTF-8 is taken for windows-1252."""
    text = body.decode(signature or "utf-8", "replace")
    lost = text.count("\ufffd")
    if not signature and lost > sum(character > "\x7f" for character in text) / 2:
        problems.append("the document is in no encoding that it names; it was read as windows-1252")
        return body.decode("windows-1252", "replace")
    if not signature:
        text = body.decode("utf-8", "surrogateescape")
        text = _LONE_C1.sub(lambda stray: _byte_of(stray).decode("windows-1252", "replace"), text)
        text, lost = _STRAY.subn("\ufffd", text)
    if lost:
        problems.append(f"{lost} bytes that are not {signature or 'utf-8'} were replaced")
    else:
        problems.append("quotation marks and dashes in windows-1252 stand in a text in UTF-8")
    return text


def _byte_of(stray: re.Match[str]) -> bytes:
    return stray[0].encode("utf-8", "surrogateescape")


def _allowed_reference(match: re.Match[str]) -> str:
    """The character reference as it stands, or '' where it names no character that XML allows."""
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    significant = digits.lstrip("0")
    if not significant or len(significant) > 7:
        return ""
    code = int(significant, base)
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else match[0]
