"""Whether two texts are one article: their words decide, and numbers, days and names must agree.

What a copy does to an article: another headline, dateline and credit, spellings, paragraphs parted or left out, a
beginning or an end of its own. What only looks like a copy: yesterday's price list (other numbers, another day), a
round-up that holds the article, a follow-up that ends with it, another report that shares its quotations.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aggregator.editorial.contradictions import headlines_contradict, is_of_the_day, telling_words
from aggregator.editorial.sketch import MIN_TITLE_WORDS, MIN_WORDS
from aggregator.editorial.wording import CALENDAR, LEAD_WORDS, Shingle, Wording, share_of_fewer, wording

MIN_TEASER_WORDS = 8


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is enough to call two texts one article, each from 0 to 1 as in ``Resemblance``."""

    overlap: float
    coverage: float
    lead: float


# Copies of like length; those that begin alike may differ more; an excerpt or a grown copy holds all of the other.
SAME = (Grounds(0.80, 0.0, 0.0), Grounds(0.75, 0.0, 0.6), Grounds(0.0, 0.8, 0.75))
# One partner's columns are alike by nature: within one, all numbers and the first day must agree too.
SAME_WITHIN_PARTNER = (Grounds(0.85, 0.85, 0.4),)
# A day that differs is a slip of the pen only where hardly anything else does.
SAME_ON_ANOTHER_DAY = Grounds(0.85, 0.0, 0.0)
# Beneath one headline less is enough.
SAME_UNDER_ONE_TITLE = Grounds(0.6, 0.8, 0.5)

# Who begins with more than this of its own is a follow-up or a round-up, whatever it quotes behind that.
MAX_OWN_HEAD_WORDS = 60
SHARED_RUN = 8  # words in a row that are no turn of phrase

# Of headlines alike beyond this share the day tells which column it is.
COLUMN_TITLE = 0.5
# Numbers and names that stand instead of others: so many at least, and in such proportion to those that are shared.
MIN_REPLACED_NUMBERS, MAX_REPLACED_NUMBERS = 2, 0.25
MIN_REPLACED_NAMES, MAX_REPLACED_NAMES = 4, 1.0


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How much two texts share, each from 0 to 1, in words that stand in a shared row of three."""

    overlap: float  # of the words of both
    coverage: float  # of the shorter text's words
    lead: float  # of the first words, in the direction that shares less
    own_head: int = 0  # words before the first that are shared, in the text that has more of them


def resemblance(a: str, b: str) -> Resemblance:
    """Compare two cleaned texts; symmetric."""
    short, long = sorted((wording(a), wording(b)), key=lambda one: (len(one.words), one.words))
    in_short = _covered(short.words, long.shingles)
    in_long = _covered(long.words, short.shingles)
    lead_words = min(LEAD_WORDS, len(short.words))
    return Resemblance(
        overlap=_share(sum(in_short) + sum(in_long), len(in_short) + len(in_long)),
        coverage=_share(sum(in_short), len(in_short)),
        lead=min(_share(sum(covered[:lead_words]), lead_words) for covered in (in_short, in_long)),
        own_head=max(map(_own_head, (in_short, in_long))),
    )


def containment(a: str, b: str) -> float:
    """Shared rows of three words, of those of the text that has fewer."""
    return share_of_fewer(wording(a).shingles, wording(b).shingles)


def same_article(
    a_title: str, a_text: str, b_title: str, b_text: str, *, within_partner: bool = False
) -> float | None:
    """The score (0 to 1) with which both are one article, None when they are two.

    ``within_partner``: both are one partner's, and nearly everything must agree.
    """
    titles, texts = (wording(a_title), wording(b_title)), (wording(a_text), wording(b_text))
    title_share = _title_share(*titles)
    # Particulars first, because they are cheap: the days of one column are alike in all else, and many.
    if is_one_form(*titles) or _are_other_particulars(titles, texts, within_partner=within_partner):
        return None
    found = resemblance(a_text, b_text)
    is_column = within_partner or title_share >= COLUMN_TITLE
    if _are_of_two_days(*texts, found, is_column=is_column):
        return None
    if min(len(text.words) for text in texts) < MIN_WORDS:
        return found.coverage if title_share == 1 and _is_teaser(*texts, found, within_partner) else None
    if not _are_enough(found, title_share, within_partner=within_partner):
        return None
    if headlines_contradict(titles, texts, found.overlap):
        return None
    return found.overlap if found.overlap >= SAME[1].overlap else (found.coverage + found.lead) / 2


def _are_other_particulars(
    titles: tuple[Wording, Wording], texts: tuple[Wording, Wording], *, within_partner: bool
) -> bool:
    short, long = sorted(texts, key=lambda text: len(text.words))
    if len(short.words) < MIN_WORDS and _digits(short) - _digits(long):
        return True
    if within_partner and (_replaced(short.numbers, long.numbers) or _replaced(*map(_digits, titles))):
        return True
    # One partner's column returns under its headline with a word or two changed.
    is_column = within_partner and titles[0].words == titles[1].words and texts[0].words != texts[1].words
    return is_column or (within_partner and any(map(is_of_the_day, titles))) or particulars_differ(*texts)


def _is_teaser(a: Wording, b: Wording, found: Resemblance, within_partner: bool) -> bool:
    is_long_enough = min(len(a.words), len(b.words)) >= MIN_TEASER_WORDS
    return is_long_enough and not within_partner and found.coverage >= SAME_UNDER_ONE_TITLE.coverage


def _are_enough(found: Resemblance, title_share: float, *, within_partner: bool) -> bool:
    if within_partner:
        grounds: Sequence[Grounds] = SAME_WITHIN_PARTNER
    else:
        grounds = (*SAME, SAME_UNDER_ONE_TITLE) if title_share == 1 else SAME
    return any(_suffices(found, one) for one in grounds)


def _are_of_two_days(a: Wording, b: Wording, found: Resemblance, *, is_column: bool) -> bool:
    if is_column and None not in (a.first_day, b.first_day) and a.first_day != b.first_day:
        return True
    return is_another_day(a, b) and not _suffices(found, SAME_ON_ANOTHER_DAY)


def particulars_differ(a: Wording, b: Wording) -> bool:
    """Whether both have numbers or names where the other has others: a form that was filled in anew."""
    return _exceeds(a.numbers, b.numbers, MIN_REPLACED_NUMBERS, MAX_REPLACED_NUMBERS) or _exceeds(
        a.names, b.names, MIN_REPLACED_NAMES, MAX_REPLACED_NAMES
    )


def _own_head(covered: Sequence[bool]) -> int:
    run = 0
    for at, is_shared in enumerate(covered):
        run = run + 1 if is_shared else 0
        if run == SHARED_RUN:
            return at + 1 - run
    return len(covered)


def _suffices(found: Resemblance, grounds: Grounds) -> bool:
    return (
        found.own_head <= MAX_OWN_HEAD_WORDS
        and found.overlap >= grounds.overlap
        and found.coverage >= grounds.coverage
        and found.lead >= grounds.lead
    )


def _covered(words: Sequence[str], shingles: frozenset[Shingle]) -> list[bool]:
    """For each word whether it stands in a row of three that is among ``shingles``."""
    covered = [False] * len(words)
    for at, shingle in enumerate(zip(words, words[1:], words[2:], strict=False)):
        if shingle in shingles:
            covered[at] = covered[at + 1] = covered[at + 2] = True
    return covered


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _replaced(a: Collection[str], b: Collection[str]) -> int:
    """How many of either stand where the other has others."""
    return min(len(set(a) - set(b)), len(set(b) - set(a)))


def _exceeds(a: frozenset[str], b: frozenset[str], at_least: int, share: float) -> bool:
    replaced = _replaced(a, b)
    return replaced >= at_least and replaced > share * len(a & b)


def is_another_day(a: Wording, b: Wording) -> bool:
    """Whether both name days of the calendar, and none is the same."""
    return bool(a.days and b.days and not a.days & b.days)


def _title_share(a: Wording, b: Wording) -> float:
    """Shared words of the shorter headline; 1 only where the headlines are the same and long enough to tell."""
    if a.words == b.words:
        return float(len(a.words) >= MIN_TITLE_WORDS)
    in_a, in_b = (telling_words(title.words) for title in (a, b))
    return min(share_of_fewer(in_a, in_b), 0.99)


def is_one_form(a: Wording, b: Wording) -> bool:
    """Headlines that differ in nothing but numbers and days: two days of one column."""
    return a.words != b.words and _without_calendar(a.words) == _without_calendar(b.words)


def _without_calendar(words: Sequence[str]) -> list[str]:
    return [word for word in words if not CALENDAR.fullmatch(word)]


def _digits(text: Wording) -> set[str]:
    return {word for word in text.words if word.isdigit()}
