"""The forms of Indonesian words: what a word may be a form of.

Prefixes and suffixes are taken off as Indonesian spelling puts them on (the nasal prefixes swallow k, p, s and t:
memukul is of pukul). Nothing here knows words, so much of what it offers is none: a caller keeps what stands in its
list. Source: Nazief and Adriani, "Confix-Stripping: Approach to Stemming Algorithm for Bahasa Indonesia" (1996).
"""

from __future__ import annotations

from collections.abc import Iterator

# Letters that must be left, or pan would be of an.
_MIN_STEM = 4
_PARTICLES = ("nya", "lah", "kah", "pun")
_SUFFIXES = ("kan", "an", "i")
# With what the prefix swallowed.
_PREFIXES = (
    ("memper", ""), ("diper", ""), ("meny", "s"), ("peny", "s"), ("meng", "k"), ("peng", "k"), ("mem", "p"),
    ("pem", "p"), ("men", "t"), ("pen", "t"), ("menge", ""), ("penge", ""), ("ber", ""), ("ter", ""), ("per", ""),
    ("ke", ""), ("se", ""), ("di", ""), ("me", ""), ("pe", ""),
)  # fmt: skip
# Most words begin with none of them, which is asked at once.
_BEGINNINGS = tuple(prefix for prefix, _ in _PREFIXES)


def forms(word: str) -> Iterator[str]:
    """What ``word`` (in small letters) may be a form of, the word itself first."""
    for bare in _without_particle(word):
        yield bare
        for stem in _without_suffix(bare):
            if stem != bare:
                yield stem
            yield from _without_prefix(stem)


def _without_particle(word: str) -> Iterator[str]:
    yield word
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= _MIN_STEM:
            yield word.removesuffix(particle)


def _without_suffix(word: str) -> Iterator[str]:
    yield word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM:
            yield word.removesuffix(suffix)


def _without_prefix(word: str) -> Iterator[str]:
    if not word.startswith(_BEGINNINGS):
        return
    for prefix, swallowed in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _MIN_STEM:
            yield word.removeprefix(prefix)
            if swallowed:
                yield f"{swallowed}{word.removeprefix(prefix)}"
