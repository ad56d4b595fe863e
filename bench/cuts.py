"""What each rule cuts out of articles, so that an editor can read it for wrong cuts.

    .venv/bin/python bench/cuts.py FOLDER [--json]

FOLDER holds ``articles.jsonl`` as ``labelled.py`` describes it. Each cut is shown with the words around it, datelines
and credits too. What was only remarked follows in the same way: ``goes on elsewhere``, and each ``doubt`` for a person.
Exit status 2: the file cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from labelled import Article, FolderError, read_articles

from aggregator.editorial.plain_text import full_text, read_article

CONTEXT_CHARS = 60


@dataclass(frozen=True)
class Found:
    """A cut, or a remark, with the words around it; ``before`` alone where it has no place of its own."""

    rule: str
    article: str
    before: str
    text: str
    after: str


def found_in(article: Article) -> Iterator[Found]:
    """Every cut of one article, then what was remarked."""
    _, facts = read_article(article.html)
    remarks = [(f"doubt: {doubt.kind}", doubt.text) for doubt in facts.doubts]
    if facts.is_partial:
        remarks.append(("goes on elsewhere", ""))
    whole = full_text(article.html).replace("\n", " ¶ ")
    places: dict[str, int] = {}  # where to look for a text that was cut before
    for rule, text in (*((cut.rule, cut.text) for cut in facts.cuts), *remarks):
        begin = whole.find(text, places.get(text, 0)) if text else len(whole)
        end = begin + len(text)
        places[text] = end
        yield Found(
            rule,
            article.article_id,
            whole[max(0, begin - CONTEXT_CHARS) : begin] if begin >= 0 else "",
            text,
            whole[end : end + CONTEXT_CHARS] if begin >= 0 else "",
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        articles = read_articles(arguments.folder / "articles.jsonl")
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    found = [one for article in articles for one in found_in(article)]
    by_rule = {
        rule: list(cuts)
        for rule, cuts in groupby(sorted(found, key=attrgetter("rule")), key=attrgetter("rule"))
    }
    if arguments.json:
        rules = {rule: [asdict(cut) for cut in cuts] for rule, cuts in by_rule.items()}
        json.dump({"articles": len(articles), "rules": rules}, sys.stdout, ensure_ascii=False, indent=1)
        return 0
    for rule, cuts in by_rule.items():
        print(f"\n{rule}: {len(cuts)}")
        for cut in cuts:
            print(f"  {cut.article}  …{cut.before}⟦{cut.text}⟧{cut.after}…")
    print(f"\n{len(articles)} articles, {len(found)} cuts and remarks by {len(by_rule)} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
