"""plain_text and full_text."""

from __future__ import annotations

import pytest

from aggregator.editorial.blocks import one_line
from aggregator.editorial.plain_text import full_text, plain_text


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
