"""What it costs to sort an article: topics, places, genre and language, in CPU of one core.

    .venv/bin/python bench/classify.py FOLDER [--json]

FOLDER holds ``articles.jsonl`` as ``labelled.py`` describes it. Each article is sorted as a settled story is, after a
first round that fills the caches of word forms. The reference of the ratios is to split the same text into words.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from labelled import FolderError, read_articles
from sorting import shipped_topics

from aggregator.editorial.genres import genres_of
from aggregator.editorial.languages import language_of
from aggregator.editorial.lexicon import words_of
from aggregator.editorial.places import places_of
from aggregator.editorial.plain_text import plain_text
from aggregator.editorial.topics import topics_of
from aggregator.model.entry import Entry

ROUNDS = 5


def cost_ms(work: Callable[[Entry, str], object], articles: Sequence[tuple[Entry, str]]) -> list[float]:
    """CPU of each article, the best of ROUNDS."""
    best = [float("inf")] * len(articles)
    for _ in range(ROUNDS + 1):  # the first fills caches
        for index, (entry, text) in enumerate(articles):
            began_s = time.process_time()
            work(entry, text)
            best[index] = min(best[index], 1000 * (time.process_time() - began_s))
    return best


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        found = read_articles(arguments.folder / "articles.jsonl")
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    articles = [
        (Entry(guid="", url=one.url, title=one.title, html=""), plain_text(one.html)) for one in found
    ]
    topics = shipped_topics()
    works: dict[str, Callable[[Entry, str], object]] = {
        "words (reference)": lambda _, text: words_of(text),
        "topics": lambda entry, text: topics_of(entry, text, {}, topics),
        "places": lambda entry, text: places_of("", entry.title, text),
        "genres": lambda entry, text: genres_of(entry.categories, entry.url, entry.title, text),
        "language": lambda entry, text: language_of(entry.title, text, "id"),
    }
    costs = {name: cost_ms(work, articles) for name, work in works.items()}
    reference = statistics.fmean(costs["words (reference)"])
    figures = {
        name: {
            "median_ms": round(statistics.median(of), 3),
            "mean_ms": round(statistics.fmean(of), 3),
            "p99_ms": round(statistics.quantiles(of, n=100)[98], 3),
            "ratio": round(statistics.fmean(of) / reference, 1),
        }
        for name, of in costs.items()
    }
    words = statistics.fmean(len(words_of(text)) for _, text in articles)
    if arguments.json:
        print(json.dumps({"articles": len(articles), "words": round(words), **figures}, indent=1))
        return 0
    print(f"{len(articles)} articles of {words:.0f} words on average")
    for name, one in figures.items():
        print(
            f"  {name:18} median {one['median_ms']:.3f} ms, mean {one['mean_ms']:.3f}, p99 {one['p99_ms']:.3f}, "
            f"{one['ratio']:.1f} times the reference"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
