from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import RefusedDocumentError
from aggregator.intake.encoding import decode


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("café".encode(), "", "café"),
        ("café".encode("latin-1"), "text/xml; charset=ISO-8859-1", "café"),
        ("café".encode(), "application/xml; charset=iso-8859-1", "café"),
        ("\ufeffcafé".encode("utf-16-le"), "text/xml; charset=utf-8", "café"),
        ("<a>é</a>".encode("utf-16-be"), "", "<a>é</a>"),
        ("<a>é</a>".encode("utf-32-le"), "", "<a>é</a>"),
        ("日本".encode("iso2022_jp"), "text/xml; charset=iso-2022-jp", "日本"),
        ("\x93kutip\x94 caf\xe9".encode("latin-1"), "", "“kutip” café"),
        (
            "“kutip” caf\xe9 \x81".encode("windows-1252", "ignore"),
            "text/xml; charset=iso-8859-1",
            "“kutip” café ",
        ),
        ("ğ €".encode("windows-1254"), "text/xml; charset=iso-8859-9", "ğ €"),
        ("①한".encode("cp949"), "text/xml; charset=euc-kr", "①한"),
        (
            b'<?xml version="1.0" encoding="windows-1251"?>\xe9',
            "text/xml; charset=windows-1252",
            '<?xml version="1.0" encoding="windows-1251"?>é',
        ),
    ],
)
def test_the_encoding_is_found(body: bytes, content_type: str, text: str) -> None:
    assert decode(body, content_type)[0] == text


@pytest.mark.parametrize(
    "encoding", ["windows-1251", "koi8-r", "shift_jis", "gb2312", "big5", "euc-kr", "cp500", "utf-16"]
)
def test_the_declaration_is_believed(encoding: str) -> None:
    sample = {
        "koi8-r": "Новости",
        "windows-1251": "Новости",
        "cp500": "Berita é",
        "euc-kr": "뉴스",
        "big5": "新聞",
    }.get(encoding, "中国")
    text = f'<?xml version="1.0" encoding="{encoding}"?><a>{sample}</a>'
    assert decode(text.encode(encoding), "") == (text, ())


@pytest.mark.parametrize(
    "name", ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "utf-7", "rot13", "hex", "zlib"]
)
@pytest.mark.parametrize("where", ["header", "declaration"])
def test_encodings_that_only_python_knows_are_refused(name: str, where: str) -> None:
    body = b"<a/>" if where == "header" else f'<?xml version="1.0" encoding="{name}"?><a/>'.encode()
    with pytest.raises(RefusedDocumentError, match=name):
        decode(body, f"text/xml; charset={name}" if where == "header" else "")


@pytest.mark.parametrize(
    ("body", "text", "problem"),
    [
        (
            b'<?xml version="1.0" encoding="x-evil"?>\xc3\xa9',
            '<?xml version="1.0" encoding="x-evil"?>é',
            "unknown encoding, x-evil",
        ),
        ("é".encode() * 20 + b"\xc0\xbc", "é" * 20 + "\ufffd\ufffd", "2 bytes that are not utf-8"),
        (b"a\x00b\x01c", "abc", "2 characters that XML forbids"),
        (b"a&#1;b", "ab", "references to characters that XML forbids"),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?>", " \n<?xml version='1.0'?>", "before the XML declaration"),
        (b"\x93" + "éééé".encode() + b"\x94 \x96", "“éééé” –", "stand in a text in UTF-8"),
        ("é".encode() + b" terpotong \xe2\x80", "é terpotong \ufffd\ufffd", "2 bytes that are not utf-8"),
    ],
)
def test_damage_is_mended_and_named(body: bytes, text: str, problem: str) -> None:
    mended, problems = decode(body, "")
    assert mended == text
    assert [problem in message for message in problems] == [True]


@pytest.mark.parametrize("claim", ["iso-8859-1", "windows-1252", "gbk"])
def test_a_document_that_is_nearly_all_utf8_is_not_what_it_says(claim: str) -> None:
    body = "sø".encode() * 30 + b" bes\xf8g"
    text, problems = decode(body, f"text/xml; charset={claim}")
    assert text.startswith("søsø")
    assert text.endswith(" besøg" if claim != "gbk" else " bes\ufffdg")
    assert ["in UTF-8 and not in" in message for message in problems] == [True]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("&#65;&#x41;&#10;&#x1F600;", "&#65;&#x41;&#10;&#x1F600;"),
        ("&#0;&#1;&#xB;&#xD800;&#xFFFE;&#x110000;&#99999999999999999999;", ""),
        (f"&#{'0' * 5000}65;&#{'9' * 5000};", f"&#{'0' * 5000}65;"),
        ("&#x110000 &amp;#1;", " &amp;#1;"),
    ],
)
def test_references_to_forbidden_characters_are_dropped(text: str, left: str) -> None:
    assert decode(text.encode(), "")[0] == left


@given(
    st.binary(max_size=200), st.sampled_from(["", "text/xml; charset=utf-16", "text/xml; charset=shift_jis"])
)
def test_any_bytes_become_text_that_xml_allows(body: bytes, content_type: str) -> None:
    text, _problems = decode(body, content_type)
    assert not [character for character in text if character < " " and character not in "\t\n\r"]
    text.encode()
