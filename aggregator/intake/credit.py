"""Whom a picture's caption names as its source."""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.intake.clean import MAX_NAME, clean_line

_WORDS = r"(?:foto|photo|sumber(?: foto)?|source|credits?|kredit|ilustrasi)"
_NAME = r"((?:[^\s:]+\s+){0,5}[^\s:]+?)"  # longer ones are the caption itself: "Foto: Gubernur meninjau pasar ..."
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?i)\(\s*{_WORDS}\s*[:/]\s*([^()]{{2,80}}?)\s*\)",  # (Foto: Antara/Budi)
        r"(?i)\(\s*(ist(?:imewa)?|net|dok(?:umen(?:tasi)?)?\b[^()]{0,60}?)\s*\)",  # (ist), (Dok. Polri)
        r"/\s*([Dd]ok\b[^/\n]{2,50}?)\s*/",  # /Dok. Polda Jambi/
        r"\(\s*(?=[^()\d]*\w/\w)([A-Z][^()\d]*+)\)\s*\.?\s*$",  # (ANTARA FOTO/Budi Santoso), not (26/11/2026)
        rf"(?i)(?:^|[.!?|)”\"-]\s*){_WORDS}\s*:\s*{_NAME}\s*\.?\s*$",  # ... pagi. Foto: Antara/Budi
        rf"(?i)(?:^|[.!?|)”\"-]\s*)(?:photo|foto|image)\s+(?:by|oleh|via)\s+{_NAME}\s*\.?\s*$",
    )
)


@lru_cache(256)  # asked two or three times of each caption, and captions such as "Foto: Istimewa" come again
def caption_credit(caption: str) -> str:
    """The credit in a caption as the partner words it ('ist', 'Antara/Budi'); '' where it has none."""
    line = clean_line(caption, 1_000)
    for form in _FORMS:
        if match := form.search(line):
            return clean_line(match[1], MAX_NAME)
    return ""
