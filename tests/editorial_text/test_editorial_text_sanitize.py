"""sanitize: one document per file of cases/, and the small rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from bleach._vendor import html5lib  # type: ignore[import-not-found]

from aggregator.editorial.sanitize import sanitize

CASES = sorted((Path(__file__).parent / "cases").glob("*.html"))
BASE = "https://kabar.example/politik/rusia.html"


def tree(markup: str) -> str:
    """Markup with its attributes in one order, so that cases may be written in any."""
    return str(
        html5lib.serialize(
            html5lib.parseFragment(markup), alphabetical_attributes=True, minimize_boolean_attributes=False
        )
    )


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    given, expected = path.read_text("utf-8").split("=== expected\n")
    assert tree(sanitize(given, BASE).markup) == tree(expected.strip())


@pytest.mark.parametrize(
    "image",
    [
        "<img src=/a.gif width=1 height=1>",
        "<img src=/a.gif width=0>",
        "<img src=/a.gif style='width:1px;height:1px'>",
        "<img src=/a.gif style='display:none'>",
        "<img src=/img/spacer.gif>",
        "<img src='https://pixel.wp.com/g.gif?v=1'>",
        "<img src='http://feeds.feedburner.com/~r/kabar/~4/x'>",
        "<img src='https://www.facebook.com/tr?id=1&ev=PageView'>",
        "<img alt='tanpa alamat'>",
        "<img src='data:image/png;base64,AAAA'>",
    ],
)
def test_an_image_that_is_none_goes(image: str) -> None:
    assert sanitize(f"<p>Berita.</p><p>{image}</p>", BASE).markup == "<p>Berita.</p>"


@pytest.mark.parametrize("lazy", ["data-src", "data-lazy-src", "data-original", "data-lazy", "data-cfsrc"])
@pytest.mark.parametrize(
    "src",
    [
        "",
        "src='data:image/gif;base64,R0lGOD='",
        "src=''",
        "src=/lazy-load.svg",
        "src=/1x1.gif",
        "src=/kecil.jpg",
    ],
)
def test_a_lazy_image_gets_its_address(lazy: str, src: str) -> None:
    assert 'src="https://kabar.example/f.jpg"' in sanitize(f"<img {src} {lazy}=/f.jpg>", BASE).markup


@pytest.mark.parametrize(
    ("attributes", "src"),
    [
        ("src=/f.jpg srcset='/g.jpg 900w'", "https://kabar.example/f.jpg"),
        ("srcset='/f-300.jpg 300w, /f-900.jpg 900w, /f-600.jpg 600w'", "https://kabar.example/f-900.jpg"),
        ("data-srcset='/f.jpg 1x,/g.jpg 2x'", "https://kabar.example/g.jpg"),
        ("src=/placeholder.png data-srcset='/w,1/f.jpg 300w'", "https://kabar.example/w,1/f.jpg"),
        ("srcset=/f.jpg", "https://kabar.example/f.jpg"),
        ("src=/loading.gif", "https://kabar.example/loading.gif"),
        ("src='http://foto.example:80/f.jpg'", "https://foto.example/f.jpg"),
        ("src='HTTP://foto.example/f.jpg?a=1'", "https://foto.example/f.jpg?a=1"),
        ("src='http://foto.example:8080/f.jpg'", "https://foto.example:8080/f.jpg"),
    ],
)
def test_the_address_of_an_image(attributes: str, src: str) -> None:
    assert sanitize(f"<img {attributes}>", BASE).markup == f'<p><img src="{src}" alt="" loading="lazy"></p>'


def test_an_image_keeps_its_words_and_sizes_and_nothing_else() -> None:
    html = (
        "<img src=/f.jpg alt=' Rapat \n paripurna ' width='800px' height=450.5 class=x id=y style='float:left' sizes=a "
        "title=judul srcset='/g.jpg 2x' data-id=1>"
    )
    assert sanitize(html, BASE).markup == (
        '<p><img src="https://kabar.example/f.jpg" alt="Rapat paripurna" width="800" height="450" loading="lazy"></p>'
    )


@pytest.mark.parametrize(
    ("href", "printed"),
    [
        ("https://a.example/x?utm_source=fb&id=3&UTM_Medium=x#bab", "https://a.example/x?id=3#bab"),
        ("https://a.example/x?fbclid=1", "https://a.example/x"),
        ("https://a.example/x?a=1&amp;amp;gclid=2", "https://a.example/x?a=1"),
        ("https://a.example/x?b=2&a=1&&c=%2f", "https://a.example/x?b=2&a=1&&c=%2f"),
        (
            "https://a.example/x?ref=master&source=web&utmost=1",
            "https://a.example/x?ref=master&source=web&utmost=1",
        ),
        ("https://a.example/#a?utm_source=x", "https://a.example/#a?utm_source=x"),
    ],
)
def test_a_link_loses_what_tracks_its_reader_and_nothing_else(href: str, printed: str) -> None:
    markup = sanitize(f'<a href="{href}" rel=opener target=_top>teks</a>', BASE).markup
    assert tree(markup) == tree(
        f'<p><a href="{printed.replace("&", "&amp;")}" rel="nofollow noopener">teks</a></p>'
    )


def test_without_images_nothing_of_them_is_left() -> None:
    html = (
        "<figure><img src=/f.jpg><figcaption>Foto: Rahmat</figcaption></figure><p>Berita<img src=/g.jpg>.</p>"
        "<video poster=/p.jpg src=/v.mp4></video>"
        "<figure><blockquote>Kutipan</blockquote><figcaption>Dia</figcaption></figure>"
    )
    markup = sanitize(html, BASE, images=False).markup
    assert "Foto: Rahmat" not in markup
    assert ".jpg" not in markup
    assert "<p>Berita.</p>" in markup
    assert "<figcaption>Dia</figcaption>" in markup


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display: none'><p>rahasia <b>benar</b></p></div>",
        "<span style='VISIBILITY:hidden'>rahasia</span>",
        "<p style='position:absolute;left:-9999px'>rahasia</p>",
        "<section hidden><img src=/r.jpg>rahasia<br></section>",
        "<div style='position:absolute;left:-99999px'>Artikel ini <p>rahasia</p></div>",
        "<div style='position: fixed; top: -1000em'>rahasia</div>",
        "<p style='text-indent:-9999px'>rahasia</p>",
        "<p style='transform:translateX(-9999px)'>rahasia</p>",
        "<div style='height:0;overflow:hidden'>rahasia</div>",
        "<div style='width:1px;height:1px;overflow:hidden;position:absolute'>rahasia</div>",
        "<div style='position:absolute;clip:rect(0 0 0 0)'>rahasia</div>",
        "<div style='clip-path:inset(50%)'>rahasia</div>",
        "<div style='position:absolute;opacity:0'>rahasia</div>",
        "<div style='font-size:0'>rahasia <b>benar</b></div>",
        "<p style='font-size:12px;display:block;display:/* */none!important'>rahasia</p>",
    ],
)
def test_hidden_elements_go_with_what_is_in_them(hidden: str) -> None:
    assert (
        sanitize(f"<p>Sebelum.</p>{hidden}<p>Sesudah.</p>", BASE).markup == "<p>Sebelum.</p>\n<p>Sesudah.</p>"
    )


@pytest.mark.parametrize(
    "style",
    [
        "opacity:0",
        "height:0;padding-bottom:56.25%;overflow:hidden;position:relative",
        "display:none;display:block",
        "margin-left:-36pt;text-indent:-18.0pt",
        "left:-12px;position:relative",
        "overflow:hidden",
        "height:100px;overflow:hidden",
        "position:absolute;top:0",
        "font-size:0.9em",
        "visibility:visible",
        "color:#fff",
        "",
    ],
)
def test_what_may_be_seen_stays(style: str) -> None:
    assert sanitize(f"<p style='{style}' aria-hidden=true>Berita.</p>", BASE).markup == "<p>Berita.</p>"


def test_letters_without_size_hide_no_picture_and_nothing_that_has_a_size() -> None:
    html = "<div style='font-size:0'>rahasia<img src=/f.jpg><span style='font-size:14px'>Berita <b>ini</b></span></div>"
    assert sanitize(html, BASE).markup == (
        '<p><img src="https://kabar.example/f.jpg" alt="" loading="lazy">Berita <b>ini</b></p>'
    )


@pytest.mark.parametrize(
    ("html", "markup"),
    [
        ("", ""),
        ("<p> </p><div></div><ul><li></li></ul><blockquote><p>\xa0</p></blockquote>", ""),
        ("Tanpa tanda\n\nDua < 3 & 4", "<p>Tanpa tanda</p>\n<p>Dua &lt; 3 &amp; 4</p>"),
        ("<p>satu</p>dua<h1>tiga</h1>", "<p>satu</p>\n<p>dua</p>\n<h2>tiga</h2>"),
        ("<b><p>tebal</p></b>", "<p><b>tebal</b></p>"),
        ("<p>a<!-- x --><?php y ?><![CDATA[z]]>b</p>", "<p>ab</p>"),
        ("<p>a\u202eb&#x202e;c\x00d&#0;</p>", "<p>abcd\ufffd</p>"),
        ("<p>lone \ud800 surrogate \ufffe</p>", "<p>lone surrogate</p>"),
        ("<p><del>lama</del> baru</p>", "<p><s>lama</s> baru</p>"),
    ],
)
def test_small_rules(html: str, markup: str) -> None:
    assert sanitize(html, BASE).markup == markup


def test_relative_addresses_go_when_there_is_no_base() -> None:
    assert (
        sanitize("<p><a href=/a>a</a> <a href=//b.example/>b</a><img src=c.jpg></p>", "").markup
        == "<p>a b</p>"
    )


def test_an_image_within_the_markup_does_not_cost_the_article_its_structure() -> None:
    picture = "A" * 900_000
    html = f"<h2>Judul</h2><p>Isi<img src='data:image/png;base64,{picture}'></p>"
    assert sanitize(html, BASE).markup == "<h2>Judul</h2>\n<p>Isi</p>"


def test_a_tag_of_endless_attributes_is_no_tag() -> None:
    html = "<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">Isi.</p><p>Lagi.</p>"
    assert sanitize(html, BASE).markup == "<p>Isi.</p>\n<p>Lagi.</p>"


def test_beyond_the_caps_the_text_stays() -> None:
    html = "<p>Paragraf <b>pertama</b>.</p><p onclick=x()>Kedua &amp; ketiga.</p>" + "<i></i>" * 20_000
    assert sanitize(html, BASE).markup == "<p>Paragraf pertama.</p>\n<p>Kedua &amp; ketiga.</p>"


def test_formatting_that_would_be_opened_over_and_over_goes() -> None:
    fonts = "".join(f"<font color={number}>" for number in range(2000))
    markup = sanitize(f"<p>{fonts}</p>" + "<p>isi</p>" * 2000, BASE).markup
    assert markup == "\n".join(["<p>isi</p>"] * 2000)
