"""Embeds: exact hosts and paths; players in frames, all else as links."""

from __future__ import annotations

import pytest

from aggregator.editorial.embeds import embed_of
from aggregator.editorial.sanitize import sanitize

BASE = "https://kabar.example/politik/artikel.html"
SANDBOX = 'sandbox="allow-popups allow-presentation allow-same-origin allow-scripts" allowfullscreen=""'


@pytest.mark.parametrize(
    ("address", "frame"),
    [
        (
            "https://www.youtube.com/embed/dQw4w9WgXcQ?si=x&autoplay=1",
            "https://www.youtube.com/embed/dQw4w9WgXcQ",
        ),
        ("HTTPS://WWW.YouTube.com/embed/dQw4w9WgXcQ", "https://www.youtube.com/embed/dQw4w9WgXcQ"),
        ("http://youtube.com/embed/a-b_c/", "https://www.youtube.com/embed/a-b_c"),
        ("//www.youtube-nocookie.com/embed/a", "https://www.youtube-nocookie.com/embed/a"),
        ("https://www.youtube.com/watch?t=3&v=a1", "https://www.youtube.com/embed/a1"),
        ("https://youtu.be/a1?si=x", "https://www.youtube.com/embed/a1"),
        ("https://www.youtube.com/shorts/a1", "https://www.youtube.com/embed/a1"),
        ("https://m.youtube.com/live/a1", "https://www.youtube.com/embed/a1"),
        ("https://player.vimeo.com/video/123?h=x", "https://player.vimeo.com/video/123"),
    ],
)
def test_a_player_stands_in_a_frame_of_its_own(address: str, frame: str) -> None:
    player = embed_of(frame)
    assert player is not None
    page = embed_of(player.page)
    assert page is not None
    assert page.page == player.page
    markup = sanitize(f'<iframe width="560" src="{address}" allow="camera" name=x></iframe>', BASE).markup
    assert markup == f'<p><iframe src="{frame}" {SANDBOX} width="560"></iframe></p>'
    assert (
        sanitize(f'<iframe data-src="{address}" src="about:blank"></iframe>', BASE).markup.count(frame) == 1
    )


@pytest.mark.parametrize(
    ("address", "page", "words"),
    [
        ("https://www.youtube.com/embed/videoseries?list=PL1", "https://www.youtube.com/playlist?list=PL1",
         "Video di YouTube"),
        ("https://platform.twitter.com/embed/Tweet.html?dnt=false&id=12", "https://x.com/i/status/12", "Unggahan di X"),
        ("https://www.instagram.com/p/Ab_1-x/embed/captioned/?cr=1", "https://www.instagram.com/p/Ab_1-x/",
         "Unggahan di Instagram"),
        ("https://www.instagram.com/kabar.id/reel/Ab/embed", "https://www.instagram.com/reel/Ab/",
         "Unggahan di Instagram"),
        ("https://www.tiktok.com/embed/v2/7123?lang=id", "https://www.tiktok.com/embed/v2/7123", "Unggahan di TikTok"),
        ("https://www.tiktok.com/@kabar.id/video/7123", "https://www.tiktok.com/@kabar.id/video/7123",
         "Unggahan di TikTok"),
        ("https://www.facebook.com/plugins/video.php?height=3&href=https%3A%2F%2Fwww.facebook.com%2Fkabar%2Fvideos%2F12%2F",
         "https://www.facebook.com/kabar/videos/12", "Unggahan di Facebook"),
        ("https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fpermalink.php%3Fstory_fbid%3Dpf1"
         "%26id%3D2", "https://www.facebook.com/permalink.php?story_fbid=pf1&amp;id=2", "Unggahan di Facebook"),
        ("https://open.spotify.com/embed/episode/4uLU?utm_source=generator", "https://open.spotify.com/episode/4uLU",
         "Audio di Spotify"),
    ],
)  # fmt: skip
def test_what_needs_its_own_page_becomes_a_link(address: str, page: str, words: str) -> None:
    embed = embed_of(address)
    assert embed is not None
    assert embed_of(embed.page) == embed  # so that what was linked is known again
    markup = sanitize(f'<p>Kata<iframe src="{address}"></iframe>kata</p>', BASE).markup
    assert markup == f'<p>Kata <a href="{page}" rel="nofollow noopener">{words}</a> kata</p>'


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com.jahat.example/embed/a",
        "https://www.youtube.com@jahat.example/embed/a",
        "https://jahat.example/www.youtube.com/embed/a",
        "https://www.youtube.com/redirect?q=https://jahat.example/",
        "https://www.youtube.com/embed/../redirect",
        "https://www.youtube.com/embed/a/b",
        "https://www.youtube.com/embed/%2e%2e",
        "https://www.youtube.com/embed/live_stream?channel=x",
        "https://www.youtube.com:8443/embed/a",
        "https://www.youtube.com%2ejahat.example/embed/a",
        "https://music.youtube.com/embed/a",
        "javascript://www.youtube.com/embed/%0ax()",
        "https://www.facebook.com/plugins/post.php?href=https://jahat.example/x/posts/1",
        "https://www.facebook.com/plugins/like.php?href=https://kabar.example/",
        "https://www.facebook.com/login/posts",
        "https://www.instagram.com/kabar/",
        "https://x.com/kabar",
        "https://x.com/i/redirect?url=https://jahat.example/status/1",
        "https://open.spotify.com/embed/iframe-api/v1",
        "https://www.tiktok.com/redirect/v2?target=x",
        "https://iklan.example/banner.html",
        "https://www.google.com/maps/embed?pb=x",
    ],
)
def test_any_other_frame_goes(address: str) -> None:
    assert (
        sanitize(f'<p>Kata<iframe src="{address}">x</iframe> kata.</p>', BASE).markup == "<p>Kata kata.</p>"
    )
    assert embed_of(address) is None


def test_a_post_stays_readable_as_a_quotation_with_its_link() -> None:
    tweet = (
        '<blockquote class="twitter-tweet" data-lang="id"><p lang="in" dir="ltr">Jalan lintas dibuka lagi. '
        '<a href="https://t.co/a?utm_source=x">pic.twitter.com/a</a></p>&mdash; Polres (@polres) '
        '<a href="https://twitter.com/polres/status/12?ref_src=twsrc%5Etfw">1 Mei 2026</a></blockquote>'
        '<script async src="https://platform.twitter.com/widgets.js"></script>'
    )
    assert sanitize(tweet, BASE).markup == (
        '<blockquote><p>Jalan lintas dibuka lagi. <a href="https://t.co/a" rel="nofollow noopener">pic.twitter.com/a'
        '</a></p><p>— Polres (@polres) <a href="https://twitter.com/polres/status/12" rel="nofollow noopener">'
        "1 Mei 2026</a></p></blockquote>"
    )


@pytest.mark.parametrize(
    ("html", "page", "words"),
    [
        ('<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/A/?utm_source=ig">'
         "</blockquote>", "https://www.instagram.com/p/A/", "Unggahan di Instagram"),
        ('<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@a/video/1" data-video-id="1">'
         "<section></section></blockquote>", "https://www.tiktok.com/@a/video/1", "Unggahan di TikTok"),
        ('<div class="fb-post" data-href="https://www.facebook.com/kabar/posts/1" data-width="500"></div>',
         "https://www.facebook.com/kabar/posts/1", "Unggahan di Facebook"),
    ],
)  # fmt: skip
def test_a_post_that_only_its_script_would_show_is_linked(html: str, page: str, words: str) -> None:
    link = f'<a href="{page}" rel="nofollow noopener">{words}</a>'
    assert sanitize(html, BASE).markup == f'<blockquote cite="{page}"><p>{link}</p></blockquote>'


def test_a_quotation_that_links_to_its_post_gets_no_second_link() -> None:
    html = (
        '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@a/video/1"><section>'
        '<a href="https://www.tiktok.com/@a/video/1?refer=embed">@a</a> <p>Banjir surut</p></section></blockquote>'
    )
    assert sanitize(html, BASE).markup.count("<a ") == 1


def test_a_caption_of_wordpress_stands_below_its_picture() -> None:
    html = (
        '<div id="attachment_1" class="wp-caption alignnone" style="width: 810px">'
        '<a href="/f.jpg"><img src="/f.jpg"></a>'
        '<p id="caption-1" class="wp-caption-text">Warga mengungsi. (ist)</p></div><p>Isi.</p>'
        '<p class="wp-caption-text">Bukan keterangan gambar.</p>'
    )
    assert sanitize(html, BASE).markup == (
        '<figure><a href="https://kabar.example/f.jpg" rel="nofollow noopener">'
        '<img src="https://kabar.example/f.jpg" alt="" loading="lazy"></a>'
        "<figcaption>Warga mengungsi. (ist)</figcaption></figure>\n<p>Isi.</p>\n<p>Bukan keterangan gambar.</p>"
    )


FIGURE = '<figure><img src="https://kabar.example/f.jpg" alt="" loading="lazy"><figcaption>{}</figcaption></figure>'


@pytest.mark.parametrize(
    ("html", "caption"),
    [
        ('<p>[caption id="attachment_1" align="aligncenter" width="800"]<img src="/f.jpg"> Warga (ist)[/caption]</p>',
         "Warga (ist)"),
        ('[caption width="8"]<img src=/f.jpg>Foto: <em>Rahmat</em>[/caption]', "Foto: <em>Rahmat</em>"),
        ('[caption width="8"]<img src=/f.jpg /> <b>Warga [/caption]</b>', "<b>Warga</b>"),
    ],
)  # fmt: skip
def test_a_caption_as_it_is_typed_stands_below_its_picture(html: str, caption: str) -> None:
    assert sanitize(html, BASE).markup == FIGURE.format(caption)


@pytest.mark.parametrize(
    "html",
    [
        "<p>[caption id=a]Tanpa gambar[/caption]</p>",
        "<p>[caption id=a]<img src=/f.jpg> Tanpa akhir</p>",
        "<p>Kata [caption id=a]<img src=/f.jpg> di dalam[/caption] kalimat.</p>",
        "<p>[caption id=a] Kata <img src=/f.jpg> sebelumnya[/caption]</p>",
        "<p>[captions]<img src=/f.jpg> lain[/caption]</p>",
    ],
)
def test_what_is_no_whole_shortcode_stays_as_it_is(html: str) -> None:
    markup = sanitize(html, BASE).markup
    assert "<figure" not in markup
    assert "[caption" in markup
