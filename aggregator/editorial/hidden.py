"""What no reader of the partner's page sees: read from inline styles before these are lost.

Scripts that guard the clipboard paste a second copy of the lead far outside the page, or clip it to nothing. Only what
is certain counts. ``opacity: 0`` alone is what fades in, ``height: 0`` with a padding is the box of a video that keeps
its proportions, ``aria-hidden`` is shown: all of that stays.
"""

from __future__ import annotations

import re

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_OFFSETS = ("left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top")
_FAR = re.compile(r"-(\d{1,9})(?:\.\d*)?(px|pt|em|rem|%|vw|vh|cm|in)?(?![\w%])")
_FAR_AWAY = {
    "": 400, "px": 400, "pt": 400, "em": 30, "rem": 30, "%": 100, "vw": 100, "vh": 100, "cm": 15, "in": 6,
}  # fmt: skip
_ZERO = re.compile(r"0*\.?0+(?:px|pt|em|rem|%)?")
_TINY = re.compile(r"(?:0*\.?0+|1)(?:px|pt|em|rem|%)?")
_CLIPPED = re.compile(
    r"rect\(\s*(?:[01](?:px)?[\s,]*){4}\)|inset\(\s*(?:50|100)%\s*\)|circle\(\s*0\w*%?\s*\)"
)


def declarations(style: str) -> dict[str, str]:
    """What a style attribute declares, in lower case: the last value of each property, without ``!important``."""
    declared: dict[str, str] = {}
    for one in _COMMENT.sub("", style.lower()).split(";"):
        name, colon, value = one.partition(":")
        if colon:
            declared[name.strip()] = value.replace("!important", "").strip()
    return declared


def is_hidden(attrs: dict[str, str], declared: dict[str, str]) -> bool:
    """Whether an element is shown to nobody, with all that is in it."""
    if "hidden" in attrs or declared.get("display") == "none" or declared.get("visibility") == "hidden":
        return True
    return bool(declared) and (
        any(_is_far(declared.get(name, "")) for name in _OFFSETS)
        or _is_far(declared.get("transform", "").partition("translate")[2])
        or _is_out_and_invisible(declared)
        or _is_squeezed(declared)
    )


def is_mute(declared: dict[str, str], *, within_mute: bool) -> bool:
    """Whether the letters of an element have no size. What is not text in it is still seen."""
    size = declared.get("font-size")
    return within_mute if size is None else _ZERO.fullmatch(size) is not None


def _is_far(value: str) -> bool:
    return any(int(number) >= _FAR_AWAY[unit] for number, unit in _FAR.findall(value))


def _is_out_and_invisible(declared: dict[str, str]) -> bool:
    """Out of the text's flow and transparent or clipped; ``clip-path`` needs no position."""
    is_out = declared.get("position") in ("absolute", "fixed")
    is_clear = _ZERO.fullmatch(declared.get("opacity", "1")) is not None
    is_clipped = _CLIPPED.match(declared.get("clip", "")) is not None
    return (is_out and (is_clear or is_clipped)) or _CLIPPED.match(declared.get("clip-path", "")) is not None


def _is_squeezed(declared: dict[str, str]) -> bool:
    """A box of no height or width that shows nothing outside of it."""
    if not declared.get("overflow", "").startswith(("hidden", "clip")):
        return False
    sizes = (declared.get(name, "") for name in ("height", "max-height", "width", "max-width"))
    has_padding = any(
        re.search("[1-9]", value) for name, value in declared.items() if name.startswith("padding")
    )
    return not has_padding and any(_TINY.fullmatch(size) for size in sizes)
