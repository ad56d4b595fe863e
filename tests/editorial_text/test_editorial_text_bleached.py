"""The second opinion: what is taken for plain without asking bleach is what bleach would have given back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.editorial.bleached import bleached, is_plain, reparsed

URL = "https://a.example/b?c=1&amp;copy=2#d"

# --- markup as it might be written, and what damage may make of it ---

_texts = st.lists(
    st.sampled_from([
        "kata ", "x", "\n", "\t", "&amp;", "&lt;", "&gt;", "&amp;amp;", "&amp;copy;", "copy;", "lt;", "#x27;", '"', "'",
        "=", "/", "`", "é", "\u0301", "\u2028", "\xa0", "\ufffe", "\U0001f600",
    ]),
    max_size=5,
).map("".join)  # fmt: skip
_values = st.lists(
    st.sampled_from(["kata ", "&amp;", "&quot;", "&#x27;", "&lt;", "copy;", "'", "=", "`", "javascript:", "\xa0"]),
    max_size=4,
).map("".join)  # fmt: skip
_addresses = st.sampled_from([
    URL, "https://a.example", "http://a.example:80/x", "https://a.example?b", "https://a.example/&#x27;", "http://1/",
    "https://a.example/?u=javascript:x&amp;&amp;lt=1", "https://a_b/", "https://a..example/", "https://a.example:0/",
    "https://a.example:99999/", "https://a.example/[x]", "https://[::1]/", "mailto:a@b.example", "//a.example/",
])  # fmt: skip
_numbers = st.sampled_from(["1", "40", "9999", "0", ""])
_ATTRIBUTES = {
    "a": {"href": _addresses, "rel": st.just("nofollow noopener")},
    "q": {"cite": _addresses},
    "blockquote": {"cite": _addresses},
    "ol": {"start": _numbers},
    "img": {"src": _addresses, "alt": _values, "width": _numbers, "loading": st.just("lazy")},
}


def _start(tag: str) -> st.SearchStrategy[str]:
    attributes = st.fixed_dictionaries({}, optional=_ATTRIBUTES.get(tag, {}))
    return attributes.map(lambda found: f"<{tag}{''.join(map(_attribute, found.items()))}>")


def _attribute(pair: tuple[str, str]) -> str:
    return f' {pair[0]}="{pair[1]}"'


def _elements(tags: list[str], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of([_element(tag, inner) for tag in tags])


def _element(tag: str, inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(_start(tag), inner).map(lambda parts: f"{parts[0]}{parts[1]}</{tag}>")


_PHRASES = ["a", "b", "em", "strong", "i", "u", "s", "small", "q", "cite", "code", "sub", "sup"]
_lines = st.recursive(
    _texts | st.just("<br>") | _start("img"),
    lambda inner: st.lists(inner | _elements(_PHRASES, inner), max_size=4).map("".join),
    max_leaves=8,
)
_blocks = st.recursive(
    _lines | _elements(["p", "h2", "h3", "h6"], _lines) | st.just("<hr>"),
    lambda inner: st.lists(
        inner
        | _elements(["blockquote", "figure", "figcaption"], inner)
        | _elements(["ul", "ol"], _elements(["li"], inner) | inner),
        max_size=4,
    ).map("\n".join),
    max_leaves=12,
)


@st.composite
def _damaged(draw: st.DrawFn) -> str:
    markup = draw(_blocks)
    start = draw(st.integers(0, len(markup)))
    end = draw(st.integers(start, min(len(markup), start + 8)))
    strays = ["", "<p>", "</p>", "<li>", "</a>", "<b>", f'<a href="{URL}">', "&", "<", markup[start:end]]
    return markup[:start] + draw(st.sampled_from(strays)) + markup[draw(st.sampled_from([start, end])) :]


@pytest.mark.parametrize("markups", [_blocks, _damaged()], ids=["as written", "damaged"])
def test_bleach_changes_nothing_plain(markups: st.SearchStrategy[str]) -> None:
    met = {True: 0, False: 0}

    @settings(max_examples=300, deadline=None)
    @given(markups)
    def check(markup: str) -> None:
        met[is_plain(markup)] += 1
        if is_plain(markup):
            assert reparsed(markup) == markup

    check()
    assert min(met.values()) > 0, "both kinds were met"


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "Kata &amp; kata",
        "<p>satu<br>dua</p>\n<p><b>tiga <i>empat</i></b></p>",
        f'<p><a href="{URL}" rel="nofollow noopener">tautan</a></p>',
        '<ul><li>satu</li><li><ol start="3"><li>dua</li></ol></li></ul>',
        f'<figure><img src="{URL}" alt="Foto: &quot;x&quot;" width="10" height="20" loading="lazy">'
        "<figcaption>Foto</figcaption></figure>",
    ],
)
def test_what_articles_are_made_of_is_plain(markup: str) -> None:
    assert is_plain(markup)
    assert bleached(markup) == reparsed(markup) == markup


@pytest.mark.parametrize(
    "markup",
    [
        "<p>satu",
        "satu</p>",
        "<p>satu<p>dua</p></p>",
        "<b>satu<p>dua</p></b>",
        "<b>satu<i>dua</b></i>",
        f'<a href="{URL}">satu <b><a href="{URL}">dua</a></b></a>',
        "<li>satu</li>",
        "<p>a &nbsp; b</p>",
        "<p>a & b</p>",
        "<p>a < b</p>",
        "<p>a > b</p>",
        "<p>a\x00b</p>",
        "<p>a\rb</p>",
        "<pre>\na</pre>",
        "<table><tbody><tr><td>a</td></tr></tbody></table>",
        "<script>a</script>",
        "<svg></svg>",
        "<!-- a -->",
        "<P>a</P>",
        "<p >a</p>",
        '<p id="a">a</p>',
        '<p>a</p id="a">',
        '<a href="javascript:a()">a</a>',
        '<a href="https://[::1]/">a</a>',
        f'<a href="{URL}" href="{URL}">a</a>',
        f"<a href='{URL}'>a</a>",
        f'<img src="{URL}" onerror="a()">',
    ],
)
def test_anything_else_is_not(markup: str) -> None:
    assert not is_plain(markup)
    assert bleached(markup) == reparsed(markup)
