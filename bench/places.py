"""Which places articles are given, so that an editor can judge each.

    .venv/bin/python bench/places.py FOLDER [--json] [--all]

FOLDER holds ``articles.jsonl`` as ``labelled.py`` describes it. Shown is of each article that has a dateline: the
dateline as printed, the city read, and every place found with its evidence; ``--all`` adds the articles without one.
Exit status 2: the file cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from labelled import Article, FolderError, read_articles

from aggregator.editorial.places import places_of
from aggregator.editorial.plain_text import read_article
from aggregator.model.gazetteer import place_of


@dataclass(frozen=True)
class Placed:
    """An article and its places, as ``code label (evidence)``."""

    article: str
    title: str
    dateline: str  # as printed, '' for none
    city: str
    places: tuple[str, ...]
    cpu_ms: float


def placed(article: Article) -> Placed:
    text, facts = read_article(article.html)
    printed = next((cut.text for cut in facts.cuts if cut.rule == "dateline"), "")
    began_s = time.process_time()
    found = places_of(facts.city, article.title, text)
    cpu_ms = (time.process_time() - began_s) * 1000
    places = tuple(f"{one.facet.code} {place_of(one.facet.code).label} ({one.evidence})" for one in found)
    return Placed(article.article_id, article.title, printed, facts.city, places, cpu_ms)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    try:
        articles = read_articles(arguments.folder / "articles.jsonl")
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    found = [placed(article) for article in articles]
    shown = [one for one in found if one.dateline or arguments.all]
    if arguments.json:
        json.dump([asdict(one) for one in shown], sys.stdout, ensure_ascii=False, indent=1)
        return 0
    for one in shown:
        print(f"{one.article}  {one.dateline or '-'}  city: {one.city or '-'}\n  {one.title}")
        print("".join(f"  = {place}\n" for place in one.places) or "  = no place")
    with_city = sum(bool(one.city) for one in found)
    cpu_ms = sum(one.cpu_ms for one in found) / len(found)
    print(
        f"{len(found)} articles, {sum(bool(one.dateline) for one in found)} with a dateline, "
        f"{with_city} that names a city; {cpu_ms:.3f} ms CPU an article"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
