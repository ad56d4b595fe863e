"""plain_text and full_text."""

from __future__ import annotations

import pytest

from aggregator.editorial.blocks import one_line
from aggregator.editorial.plain_text import full_text, plain_text, read_credited


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p>Satu  <b>du</b>a\n tiga</p><p>empat</p>", "Satu dua tiga\nempat"),
        ("<div>satu</div><div>dua</div>tiga<br>empat", "satu\ndua\ntiga\nempat"),
        ("<table><tr><td>Karet<td>10</table>", "Karet\n10"),
        ("<p>AT&amp;T &lt;b&gt; &nbsp; 5 &#8211; 6</p>", "AT&T <b> 5 – 6"),
        ("<script>x()</script><style>p{}</style><p>isi<noscript>tidak</noscript></p>", "isi"),
        ("<p>cafe\u0301</p>", "café"),
        ("tanpa tanda\nbaris dua", "tanpa tanda\nbaris dua"),
        ("<pre>satu\n  dua</pre>", "satu dua"),
        ("<img alt='keterangan'><p>a\x07b\u202ec</p>", "abc"),
        ("<iframe><p>bukan isi</p></iframe><video><p>bukan</p></video>isi", "isi"),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_full_text_keeps_the_boilerplate() -> None:
    html = "<p>Isi.</p><p>Baca juga: Harga Karet Naik</p>"
    assert (full_text(html), plain_text(html)) == ("Isi.\nBaca juga: Harga Karet Naik", "Isi.")


def test_one_line() -> None:
    assert one_line("  Judul\x1b[31m\r\n dua\u202e \xa0 e\u0301 ") == "Judul[31m dua é"


def test_the_credit_is_read_without_boilerplate() -> None:
    news = "Sebanyak 350 petani karet di Batang Hari menerima bantuan bibit unggul."
    more = "Baca juga: Ini Kata Bupati, Artikel ini telah tayang di kompas.com dengan judul Bantuan Bibit"
    text, _, credit = read_credited(f"<p>{news}</p><p>{more}</p><p>Sumber: detik.com</p>")
    assert text == news
    assert credit is not None
    assert (credit.host, credit.form) == ("detik.com", "source")


def test_a_correction_that_boilerplate_holds_is_shown() -> None:
    label = "ADVERTISEMENT Berita ini telah dicabut. Baca juga: Harga Karet Naik"
    _, facts, _ = read_credited(f"<p>Harga karet naik.</p><p>{label}</p>")
    assert [doubt.kind for doubt in facts.doubts] == ["correction"]


def test_a_caption_that_a_cut_label_stood_beside_is_a_figure() -> None:
    assert plain_text("<p>[caption]<img src=https://a.example/1.jpg>[/caption]Baca juga:</p>") == ""
