"""What other sites offer for embedding: which of it may stand in a frame, and which page a link leads to.

Hosts and paths are exact. Frames are for players that work without a script of theirs on the page around; what needs
one (posts of X, Instagram, TikTok, Facebook), or is kept out of frames by many readers' own lists (Spotify), is linked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

_MAX_PARAMETERS = 30


@dataclass(frozen=True, slots=True)
class Embed:
    """``frame`` is the address of a player that may be framed, '' where none may; ``page`` is for people (and an embed
    with itself as its page), ``words`` say what it is.
    """

    page: str
    words: str
    frame: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """``path`` matches the whole path, with ``?name=value&...`` of the named parameters behind it where there are any.

    ``page`` and ``frame`` are templates for its groups.
    """

    hosts: frozenset[str]
    path: re.Pattern[str]
    page: str
    words: str
    frame: str = ""
    parameters: tuple[str, ...] = ()


def _rule(
    hosts: str, path: str, page: str, words: str, *, frame: str = "", parameters: tuple[str, ...] = ()
) -> _Rule:
    return _Rule(frozenset(hosts.split()), re.compile(path, re.ASCII), page, words, frame, parameters)


_YOUTUBE = "www.youtube.com youtube.com m.youtube.com"
_NO_COOKIE = "www.youtube-nocookie.com youtube-nocookie.com"
_WATCH = r"https://www.youtube.com/watch?v=\1"
_PLAYER = r"https://www.youtube.com/embed/\1"
_PLAYED = "Video di YouTube"
_X = "x.com www.x.com twitter.com www.twitter.com mobile.twitter.com"
_FACEBOOK = "www.facebook.com facebook.com m.facebook.com web.facebook.com"
_FACEBOOK_PLUGINS = frozenset(("/plugins/post.php", "/plugins/video.php"))

_RULES = (
    _rule(_YOUTUBE, "/(?:embed/videoseries|playlist)/?[?]list=([\\w-]{1,64})", r"https://www.youtube.com/playlist?list=\1",
          _PLAYED, parameters=("list",)),
    _rule(_YOUTUBE, "/(?:embed|v|shorts|live)/(?!videoseries|live_stream)([\\w-]{1,64})/?", _WATCH, _PLAYED,
          frame=_PLAYER),
    _rule(_YOUTUBE, "/watch/?[?]v=([\\w-]{1,64})", _WATCH, _PLAYED, frame=_PLAYER, parameters=("v",)),
    _rule("youtu.be www.youtu.be", "/([\\w-]{1,64})/?", _WATCH, _PLAYED, frame=_PLAYER),
    _rule(_NO_COOKIE, "/embed/(?!videoseries|live_stream)([\\w-]{1,64})/?", _WATCH, _PLAYED,
          frame=r"https://www.youtube-nocookie.com/embed/\1"),
    _rule("player.vimeo.com vimeo.com www.vimeo.com", "(?:/video)?/(\\d{1,20})/?", r"https://vimeo.com/\1",
          "Video di Vimeo", frame=r"https://player.vimeo.com/video/\1"),
    _rule(_X, "/(\\w{1,20})/status(?:es)?/(\\d{1,20})(?:/(?:photo|video)/\\d)?/?", r"https://x.com/\1/status/\2",
          "Unggahan di X"),
    _rule("platform.twitter.com platform.x.com", "/embed/(?:Tweet|index)[.]html[?]id=(\\d{1,20})",
          r"https://x.com/i/status/\1", "Unggahan di X", parameters=("id",)),
    _rule("www.instagram.com instagram.com",
          "(?:/[\\w.]{1,30})?/(p|reel|tv)/([\\w-]{1,64})(?:/embed(?:/captioned)?)?/?",
          r"https://www.instagram.com/\1/\2/", "Unggahan di Instagram"),
    _rule("www.tiktok.com tiktok.com m.tiktok.com", "/(@[\\w.]{1,32})/(video|photo)/(\\d{1,24})/?",
          r"https://www.tiktok.com/\1/\2/\3", "Unggahan di TikTok"),
    _rule("www.tiktok.com", "/(?:embed(?:/v[23])?|player/v1)/(\\d{1,24})/?", r"https://www.tiktok.com/embed/v2/\1",
          "Unggahan di TikTok"),
    _rule(_FACEBOOK, "/([\\w.-]{1,80})/(posts|videos|photos)/((?:[\\w.-]{1,80}/){0,2}[\\w.-]{1,120})/?",
          r"https://www.facebook.com/\1/\2/\3", "Unggahan di Facebook"),
    _rule(_FACEBOOK, "/(reel|share/[pvr])/(\\w{1,40})/?", r"https://www.facebook.com/\1/\2", "Unggahan di Facebook"),
    _rule(_FACEBOOK, "/(watch/?|video[.]php)[?]v=(\\d{1,30})", r"https://www.facebook.com/\1?v=\2",
          "Unggahan di Facebook", parameters=("v",)),
    _rule(_FACEBOOK, "/(photo/?|photo[.]php)[?]fbid=(\\d{1,30})", r"https://www.facebook.com/\1?fbid=\2",
          "Unggahan di Facebook", parameters=("fbid",)),
    _rule(_FACEBOOK, "/(permalink|story)[.]php[?]story_fbid=(\\w{1,80})&id=(\\d{1,30})",
          r"https://www.facebook.com/\1.php?story_fbid=\2&id=\3", "Unggahan di Facebook",
          parameters=("story_fbid", "id")),
    _rule("open.spotify.com", "(?:/intl-[a-z]{2})?(?:/embed(?:-podcast)?)?/(track|album|artist|playlist|episode|show)/"
          "([A-Za-z0-9]{1,40})(?:/video)?/?", r"https://open.spotify.com/\1/\2", "Audio di Spotify"),
)  # fmt: skip


def embed_of(address: str) -> Embed | None:
    """What stands at an absolute http(s) address without user information; None for what is not on the list."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        stated = dict(parse_qsl(parts.query, max_num_fields=_MAX_PARAMETERS))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port not in (None, 80, 443):
        return None
    if host in _FACEBOOK.split() and parts.path in _FACEBOOK_PLUGINS:
        return embed_of(stated.get("href", ""))
    for rule in _RULES:
        if host in rule.hosts:
            named = "&".join(f"{name}={stated.get(name, '')}" for name in rule.parameters)
            match = rule.path.fullmatch(f"{parts.path}?{named}" if named else parts.path)
            if match:
                return Embed(match.expand(rule.page), rule.words, match.expand(rule.frame))
    return None
