"""Which rule says that a line, or a piece of one, is no part of the article: the house's rules and a partner's own.

The house's rules stand in ``boilerplate.yaml`` with an example of what each cuts and keeps; a partner's own rules stand
in feeds.yaml under ``partners[].cut``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import regex
import yaml

from aggregator.config.types import compile_cut_pattern, cut_line_words
from aggregator.editorial.blocks import has_any
from aggregator.model.reading import CutRule

MAX_LINE_CHARS = 400  # longer lines are never boilerplate as a whole
# Partners' disclaimers are whole paragraphs, and an own rule is written for the very line; longer ones are articles.
MAX_OWN_LINE_CHARS = 2_000
OWN_TIMEOUT_S = 0.05  # of the process's time, for one line; ordinary expressions take microseconds
WHOLE_KINDS = ("line", "label", "linked")
PIECE_KINDS = ("link", "tail", "piece")

_SENTENCE_END = r"""(?<=[.!?…"”'’)\]])"""
_FRAMES = {  # what stands around a rule's pattern
    **dict.fromkeys(WHOLE_KINDS, r"\W{0,4}(?:RULES)"),
    "link": rf"(?:^|{_SENTENCE_END})\s*[(\[]?(?:RULES)\s*",
    "tail": rf"{_SENTENCE_END}\s*(?:RULES)\s*\Z",
    "piece": r"(?:RULES)",
}
# A headline: every word begins with a capital or a digit, but for those that headlines write small. Where a picture's
# credit or a writer's name is glued to it, its end is uncertain.
_SMALL_WORDS = (
    "agar|akan|ala|antara|atau|bagi|bak|buat|dalam|dan|dari|demi|dengan|di|gegara|hingga|ini|itu|jadi|kala|karena|ke|"
    "lewat|meski|oleh|pada|para|per|sampai|saat|sebagai|sejak|serta|si|soal|tak|tanpa|tapi|tentang|terhadap|untuk|usai|"
    "via|vs|yang"
)
_CREDIT_WORD = r"(?:foto|sumber|editor|penulis|reporter|pewarta)\b\s?[:/]|\S{1,20}/dok"
_HEADLINE_WORD = (
    rf"""(?:(?!{_CREDIT_WORD})["'“‘]?(?-i:[A-Z0-9])\S*(?<![.…])|(?-i:{_SMALL_WORDS})[,:]?|[-–—&|])"""
)
# "Pasal 27 Ayat 3 UU ITE", "Surat Al-Baqarah Ayat 183": a headline that begins so has a comma.
_REFERENCE = (
    r"""["'“‘(]?(?:pasal|ayat|surat|surah|qs|hr|hadis|hadits|bab|lampiran|uu|undang-undang|peraturan|perda|pergub|perbup|perwal|"""
    r"""perpres|permen\w*|pp|keputusan|keppres|instruksi|inpres|putusan|maklumat|fatwa|kitab)\b[^,]*(?:\d|\bayat\b)[^,]*\Z"""
)
_HEADLINE = rf"(?!{_REFERENCE})(?-i:(?=\W?[A-Z0-9])){_HEADLINE_WORD}(?:\s+{_HEADLINE_WORD}){{2,24}}(?<![,:;])"


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of boilerplate.yaml; ``holds`` are words, in lower case, that each piece has in it."""

    id: str
    kind: str
    pattern: str
    cut: tuple[str, ...]
    keep: tuple[str, ...]
    holds: tuple[str, ...] = ()


def load_rules() -> tuple[Rule, ...]:
    """The rules as shipped."""
    entries = yaml.safe_load(files(__package__).joinpath("boilerplate.yaml").read_text("utf-8"))
    return tuple(
        Rule(**{**entry, **{name: tuple(entry.get(name, ())) for name in ("cut", "keep", "holds")}})
        for entry in entries
    )


class Matcher:
    """The rules of one kind as one expression. The group that matched tells the rule."""

    def __init__(self, kind: str, rules: Sequence[Rule]) -> None:
        of_kind = [rule for rule in rules if rule.kind == kind]
        patterns = (
            rule.pattern.replace("{headline}", _HEADLINE).replace("{reference}", _REFERENCE)
            for rule in of_kind
        )
        alternatives = "|".join(f"(?P<r{number}>{pattern})" for number, pattern in enumerate(patterns))
        self._ids = {f"r{number}": rule.id for number, rule in enumerate(of_kind)}
        self._expression = re.compile(
            _FRAMES[kind].replace("RULES", alternatives), re.IGNORECASE | re.VERBOSE
        )
        self._holds = {rule.holds for rule in of_kind}

    def rule_of(self, text: str) -> str:
        """The id of the rule that matches the whole text, '' if none does."""
        found = self._expression.fullmatch(text)
        return self._ids[found.lastgroup or ""] if found else ""

    def find(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Each place within a text that a rule matches: its id, begin and end."""
        lowered = text.lower()
        if any(all(map(lowered.__contains__, words)) for words in self._holds):
            for found in self._expression.finditer(text):
                yield self._ids[found.lastgroup or ""], found.start(), found.end()


RULES = load_rules()
MATCHERS = {kind: Matcher(kind, RULES) for kind in _FRAMES}
_RAREST = {rule.holds[0] for rule in RULES if rule.holds}


def may_hold_pieces(text: str) -> bool:
    """Whether the rarest word of some piece stands in the text: in most lines none does."""
    return has_any(text.lower(), _RAREST)


class OwnRules:
    """A partner's own rules while one article is read: a rule that took too long is not tried again in it."""

    def __init__(self, rules: Sequence[CutRule]) -> None:
        self._lines, self._patterns = _compiled(tuple(rules))
        self.too_long: list[int] = []  # the numbers of the rules
        self._found: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._lines or self._patterns)

    def rule_of(self, text: str) -> str:
        """``cut[N]``, counted as in feeds.yaml, of the first rule for a line of clean text; '' if there is none."""
        if text not in self._found:
            self._found[text] = self._first(text)
        return self._found[text]

    def _first(self, text: str) -> str:
        if len(text) > MAX_OWN_LINE_CHARS:
            return ""
        number = self._lines.get(cut_line_words(text)) if self._lines else None
        if number is None:
            number = next((number for number in self._patterns if self._matches(number, text)), None)
        return "" if number is None else f"cut[{number}]"

    def _matches(self, number: int, text: str) -> bool:
        if number in self.too_long:
            return False
        try:
            return self._patterns[number].fullmatch(text, timeout=OWN_TIMEOUT_S) is not None
        except TimeoutError:
            self.too_long.append(number)
            return False


@lru_cache(maxsize=256)
def _compiled(rules: tuple[CutRule, ...]) -> tuple[dict[str, int], dict[int, regex.Pattern[str]]]:
    """The rules of plain text by their words, the others by their number."""
    lines = {cut_line_words(rule.line): number for number, rule in reversed([*enumerate(rules)]) if rule.line}
    patterns = {
        number: compile_cut_pattern(rule.pattern) for number, rule in enumerate(rules) if rule.pattern
    }
    return lines, patterns
