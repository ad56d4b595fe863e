"""The attributes that each element is to have: addresses absolute and decent, no styles, no names, no source sets."""

from __future__ import annotations

import re

from aggregator.editorial.addresses import absolute, mail_address, secure, without_tracking
from aggregator.editorial.embeds import embed_of

# Links are the partner's, not ours to recommend: partners sell some, and sites that were broken into carry others.
REL = "nofollow noopener"
SANDBOX = "allow-popups allow-presentation allow-same-origin allow-scripts"
MAX_ALT_CHARS = 1_000

# Lazy loading keeps the address here, and a placeholder in src.
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-cfsrc")
_SOURCE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_CANDIDATE = re.compile(r"([^\s,]\S*)(?:\s+(\d{1,5}(?:\.\d{1,3})?)[wx])?\s*(?:,|$)")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_SIDE = re.compile(r"\s*([1-9][0-9]{0,3})(?:\.[0-9]*)?(?:px)?\s*", re.ASCII)
_PLACEHOLDER = re.compile(
    r"/(?:1x1|blank|spacer|pixel|transparent|placeholder|lazy|loading)[\w-]*\.(?:gif|png|svg|jpe?g|webp)(?:[?#]|$)",
    re.IGNORECASE | re.ASCII,
)
_PIXEL = re.compile(
    r"//(?:[\w-]+\.)*(?:pixel\.wp\.com|stats\.wordpress\.com|scorecardresearch\.com|google-analytics\.com|doubleclick\.net"
    r"|feedsportal\.com|feedburner\.com/~r)(?:[/:?]|$)|//www\.facebook\.com/tr\b"
    r"|/(?:pixel|spacer|blank|transparent|1x1|clear)\.(?:gif|png)(?:[?#]|$)",
    re.IGNORECASE | re.ASCII,
)
_PIXEL_STYLE = re.compile(r"(?:^|[;\s])(?:width|height)\s*:\s*[01](?:px)?\s*(?:!|;|$)", re.IGNORECASE)


def dressed(tag: str, attrs: dict[str, str], base_url: str, *, images: bool) -> dict[str, str] | None:
    """The attributes an element is to have; None leaves the element out.

    Relative addresses are resolved against ``base_url``. A frame that may be none but has a page of its own gets that
    page's ``href`` instead of ``src``. ``images=False`` leaves out images and posters.
    """
    if tag == "a":
        return _link(attrs, base_url)
    if tag == "img":
        return _image(attrs, base_url) if images else None
    if tag == "iframe":
        return _frame(attrs, base_url)
    if tag in ("video", "audio", "source"):
        return _player(tag, attrs, base_url, images=images)
    kept = {
        name: attrs[name]
        for name in ("start", "colspan", "rowspan")
        if _NUMBER.fullmatch(attrs.get(name, ""))
    }
    if cite := absolute(attrs.get("data-instgrm-permalink") or attrs.get("cite", ""), base_url):
        embed = embed_of(cite)
        kept["cite"] = embed.page if embed else without_tracking(cite)
    return kept


def _link(attrs: dict[str, str], base_url: str) -> dict[str, str] | None:
    address = without_tracking(absolute(attrs.get("href", ""), base_url))
    href = address or mail_address(attrs.get("href", ""))
    return {"href": href, "rel": REL} if href else None


def _sizes(attrs: dict[str, str]) -> dict[str, str]:
    sides = {name: _SIDE.fullmatch(attrs.get(name, "")) for name in ("width", "height")}
    return {name: side[1] for name, side in sides.items() if side}


def _image(attrs: dict[str, str], base_url: str) -> dict[str, str] | None:
    """The picture that lazy loading will show, else the one that is shown, else the widest of the source set."""
    stated = [attrs.get(name, "") for name in (*_LAZY, "src")] + [_widest(attrs)]
    addresses = [secure(address) for value in stated if (address := absolute(value, base_url))]
    pictures = [address for address in addresses if not _PIXEL.search(address)]
    is_dot = any(re.fullmatch(r"\s*[01](?:px)?\s*", attrs.get(name, "")) for name in ("width", "height"))
    if not pictures or is_dot or _PIXEL_STYLE.search(attrs.get("style", "")):
        return None
    src = next((address for address in pictures if not _PLACEHOLDER.search(address)), pictures[0])
    alt = " ".join(attrs.get("alt", "").split())[:MAX_ALT_CHARS].rstrip()
    return {"src": src, "alt": alt, **_sizes(attrs), "loading": "lazy"}


def _widest(attrs: dict[str, str]) -> str:
    source_set = next((attrs[name] for name in _SOURCE_SETS if attrs.get(name)), "")
    candidates = _CANDIDATE.findall(source_set)
    return max(candidates, key=lambda candidate: float(candidate[1] or 1), default=("", ""))[0]


def _frame(attrs: dict[str, str], base_url: str) -> dict[str, str] | None:
    for name in ("src", *_LAZY):
        embed = embed_of(absolute(attrs.get(name, ""), base_url))
        if embed and embed.frame:
            return {"src": embed.frame, "sandbox": SANDBOX, "allowfullscreen": "", **_sizes(attrs)}
        if embed:
            return {"href": embed.page}
    return None


def _player(tag: str, attrs: dict[str, str], base_url: str, *, images: bool) -> dict[str, str] | None:
    src = secure(absolute(attrs.get("src", ""), base_url))
    kept = {"src": src} if src else {}
    if tag == "source":
        media_type = attrs.get("type", "")
        if re.fullmatch(r"(?:audio|video)/[\w.+-]{1,60}", media_type, re.ASCII):
            kept["type"] = media_type
        return kept if src else None
    kept["controls"] = ""
    if tag == "video":
        kept |= _sizes(attrs)
        poster = secure(absolute(attrs.get("poster", ""), base_url)) if images else ""
        if poster:
            kept["poster"] = poster
    return kept
