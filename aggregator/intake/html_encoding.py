"""The bytes of an HTML page to text, as browsers read them: https://html.spec.whatwg.org/#determining-the-character-encoding"""

from __future__ import annotations

import codecs
import re

import webencodings

from aggregator.intake.clean import clean_markup

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le"))
_HTTP_CHARSET = re.compile(r"""\bcharset\s*=\s*["']?\s*([^\s"';]+)""", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"""<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([^\s"'/>;]{1,40})""", re.IGNORECASE
)
_PRESCANNED_BYTES = 1024
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|([0-9]{1,8}));?", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)


def decode_html(body: bytes, content_type: str) -> str:
    """The text of a page, without characters that break documents and without references to them.

    A byte order mark decides, else the ``charset`` of ``content_type``, else that of a ``<meta>`` within the first
    1024 bytes, by the labels of the Encoding Standard; else UTF-8 where it is valid and windows-1252 where it is not.
    Bytes that mean nothing become U+FFFD.
    """
    return _REFERENCE.sub(_harmless, clean_markup(_decoded(body, content_type)))


def _decoded(body: bytes, content_type: str) -> str:
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    for encoding in (_of_http(content_type), _of_meta(body)):
        if encoding is not None:
            return str(encoding.codec_info.decode(body, "replace")[0])
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("windows-1252", "replace")


def _of_http(content_type: str) -> webencodings.Encoding | None:
    match = _HTTP_CHARSET.search(content_type)
    return webencodings.lookup(match[1]) if match else None


def _of_meta(body: bytes) -> webencodings.Encoding | None:
    """UTF-16 named in ASCII bytes cannot be true, and means UTF-8."""
    match = _META_CHARSET.search(_COMMENT.sub(b"", body[:_PRESCANNED_BYTES]))
    encoding = webencodings.lookup(match[1].decode("latin-1")) if match else None
    is_sixteen_bit = encoding is not None and encoding.name.startswith("utf-16")
    return webencodings.UTF8 if is_sixteen_bit else encoding


def _harmless(reference: re.Match[str]) -> str:
    """The reference as it stands, or '' for a control character, a surrogate and what is no character.

    Those from 128 to 159 mean windows-1252's characters.
    """
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    if 0x80 <= code < 0xA0:
        return reference[0]
    return reference[0] if code <= 0x10FFFF and clean_markup(chr(code)) else ""
