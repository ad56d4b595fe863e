"""Laws that hold for any text whatever."""

from __future__ import annotations

import re
from html import escape

import editorial_text_dom
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from aggregator.editorial.plain_text import full_text, plain_text
from aggregator.editorial.sanitize import sanitize

BASE = "https://kabar.example/politik/artikel.html"
TAGS = (
    "p", "div", "span", "font", "b", "i", "em", "strong", "a", "q", "u", "s", "del", "h1", "h2", "ul", "ol", "li", "dl",
    "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "figure", "figcaption", "blockquote",
    "pre", "code", "img", "br", "hr", "video", "audio", "source", "iframe", "script", "style", "svg", "math",
    "noscript", "template", "textarea", "title", "select", "option", "form", "plaintext",
)  # fmt: skip
ATTRIBUTES = (
    "",
    " href=/a",
    " href='javascript:alert(1)'",
    " href='https://x.example/?a=1&copy=2&amp;lt;'",
    " href=//h/x",
    " src=/i.jpg",
    " src='https://www.youtube.com/embed/abc'",
    " src=https://x.example/v.mp4",
    " cite=/q",
    " style='display:none'",
    " hidden",
    " width=1",
    ' alt="<b>&quot;"',
    " colspan=2",
    " onclick=x()",
    " data-src=/j.jpg",
    " srcset='/k.jpg 300w, /l.jpg 900w'",
    " src='https://www.tiktok.com/embed/v2/71234'",
    " data-src='https://open.spotify.com/embed/track/4uLU6?utm_source=x'",
    " src='https://player.vimeo.com/video/1'",
    " cite='https://x.com/kabar/status/12?ref_src=a'",
    " data-instgrm-permalink='https://www.instagram.com/p/Ab_1/?igsh=x'",
    " class=fb-post data-href='https://www.facebook.com/kabar/posts/1'",
    " class=wp-caption",
    " class=wp-caption-text",
    " href='https://www.instagram.com/p/Ab_1/?utm_source=ig_embed'",
    " href='https://x.example/?utm_source=a&amp;b=1&amp;fbclid=2#c'",
    " href='HTTPS://X.example/?gclid=1'",
    " style='position:absolute;left:-99999px'",
    " style='font-size:0'",
    " style='font-size:9px'",
)
WORDS = (
    "Baca juga", "Baca juga:", "Bacaan Lainnya", "Pos terkait", ": Harga Emas Naik", "kata", " ", "\n", "\n\n",
    "&nbsp;", "&amp;lt;", "<", ">", '"', "&#x202e;", "&#0;", "\ud800", "\x00", "e\u0301", "\u2028", "Advertisement",
    "<!--", "-->", "<![CDATA[", "]]>", "&", "&copy", "a.", "\t",
    "[caption width=1]", "[/caption]", "[caption id=a]<img src=/i.jpg>Kata [/caption]",
)  # fmt: skip
START_TAGS = st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES))
END_TAGS = st.builds("</{}>".format, st.sampled_from(TAGS))
MARKUP = st.lists(st.one_of(START_TAGS, START_TAGS, END_TAGS, st.sampled_from(WORDS)), max_size=25).map(
    "".join
)
ANY_TEXT = st.one_of(st.text(st.characters(codec=None)), MARKUP, MARKUP)


@settings(max_examples=600, deadline=None)
@given(ANY_TEXT, st.booleans())
@example("<ul><li>a<li></ul><figure><p><a href=/x><img src=/i></a><a href=/x><img src=/j></a>", True)
@example("[caption id=a]<img src=/i.jpg> [/caption][caption id=a]<img src=/i.jpg>x <b> [/caption]</b>", True)
@example(
    "<blockquote cite='https://vimeo.com/1'><pre>a<iframe src='https://x.com/a/status/1'></iframe>b</pre>",
    True,
)
@example("<pre><code>\n\na\n\nb<i>\n</i> </code>\n</pre>", True)
@example("<table>x<tr><td><table><td>y</table><pre>\n\n z", True)
@example(
    "<p>Baca juga <a href=/a>Harga</a><img src=/i.jpg></p><p>Baca juga: <a href='javascript:'>x</a> Polisi",
    True,
)
def test_sanitizing_again_changes_nothing_and_the_result_keeps_the_rules(text: str, images: bool) -> None:
    once = sanitize(text, BASE, images=images).markup
    assert sanitize(once, BASE, images=images).markup == once
    assert sanitize(once, "", images=images).markup == once
    assert editorial_text_dom.problems(once) == []
    assert images or "<img" not in once


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT)
def test_plain_text_of_its_own_escaped_output_is_itself(text: str) -> None:
    assume("<pre" not in text.lower())  # of a line in it no pieces are cut
    plain = plain_text(text)
    assert plain_text(escape(plain)) == plain
    assert plain_text("".join(f"<p>{escape(line)}</p>" for line in plain.split("\n"))) == plain
    assert set(re.findall(r"\w+", plain)) <= set(
        re.findall(r"\w+", full_text(text))
    )  # "rusak.Baca juga:" is cut apart


LINK_OF_AN_EMBED = re.compile(r" ?<a [^>]*>(?:Video|Unggahan|Audio) (?:di|pada) \w+</a> ?")


@settings(max_examples=400, deadline=None)
@given(ANY_TEXT.filter(lambda text: not re.search("<a|<figure|wp-caption", text, re.IGNORECASE)))
def test_sanitized_markup_says_what_the_plain_text_says(text: str) -> None:
    """Both cut the same lines and neither glues words together. Left out: links without an address and captions
    without an image, which are not printed. Put in: the links of embeds."""
    markup = LINK_OF_AN_EMBED.sub("<img src='https://x.example/i.jpg'>", sanitize(text, BASE).markup)
    assert plain_text(markup).split() == plain_text(text).split()


@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=2, max_size=8), st.data())
def test_what_is_left_out_between_two_words_glues_them_only_where_a_browser_does(
    words: list[str], data: st.DataObject
) -> None:
    parting = st.sampled_from([
        "<img src=/1x1.gif>", "<img src=/i.jpg>", "<iframe src=https://iklan.example/></iframe>", "<br>", "<div></div>",
        "<video></video>", "<p hidden>x</p>", "<script>x</script> ", "<b> </b>", "<hr>", "</p><p>", "<table></table>",
    ])  # fmt: skip
    joining = st.sampled_from(
        ["<b></b>", "<span>", "</span>", "<i>", "<!-- x -->", "<wbr>", "<script>x</script>"]
    )
    html, wanted = words[0], words[0]
    for word in words[1:]:
        is_parted = data.draw(st.booleans())
        html += data.draw(parting if is_parted else joining) + word
        wanted += f" {word}" if is_parted else word
    for images in (True, False):
        assert plain_text(sanitize(html, BASE, images=images).markup).split() == wanted.split()
    assert plain_text(html).split() == wanted.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["<div>", "<b>", "<p>x", "<br>", "<ul><li>", "&", "&amp;", "x ", "x\n", "<i a=1>x", "é"]
)
@pytest.mark.parametrize("size", [60_000, 1_000_000])
def test_nothing_is_too_big(unit: str, size: int) -> None:
    once = sanitize(unit * (size // len(unit)), BASE).markup
    assert sanitize(once, BASE).markup == once
    assert editorial_text_dom.problems(once[:20_000].rpartition("<")[0]) == []
