"""What each rule cuts out of articles, so that an editor can read it for wrong cuts.

    .venv/bin/python bench/cuts.py FOLDER [--json]

FOLDER holds ``articles.jsonl``: an article a line with ``id`` and ``text``, a paragraph a line. Each cut is shown with
the words around it; marks, for which nothing was cut, are listed with the last words of their article.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from aggregator.editorial.blocks import one_line
from aggregator.editorial.boilerplate import drop_boilerplate
from aggregator.editorial.reader import read

CONTEXT_CHARS = 60


@dataclass(frozen=True)
class Found:
    """A cut with the words around it; a mark has no text."""

    rule: str
    article: str
    before: str
    text: str
    after: str


def cuts_of(article: str, text: str) -> Iterator[Found]:
    """Every cut of one article, in reading order."""
    lines = [one_line(line) for line in text.split("\n")]
    flat = " ¶ ".join(filter(None, lines))
    place = 0
    for cut in drop_boilerplate(read("".join(f"<p>{escape(line)}</p>" for line in lines))):
        begin = flat.find(cut.text, place) if cut.text else len(flat)
        place = begin + len(cut.text)
        before = flat[max(0, begin - CONTEXT_CHARS) : begin]
        yield Found(cut.rule, article, before, cut.text, flat[place : place + CONTEXT_CHARS])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in (arguments.folder / "articles.jsonl").open(encoding="utf-8")]
    found = [cut for row in rows for cut in cuts_of(row["id"], row["text"])]
    by_rule = {
        rule: list(cuts)
        for rule, cuts in groupby(sorted(found, key=attrgetter("rule")), key=attrgetter("rule"))
    }
    if arguments.json:
        rules = {rule: [asdict(cut) for cut in cuts] for rule, cuts in by_rule.items()}
        json.dump({"articles": len(rows), "rules": rules}, sys.stdout, ensure_ascii=False, indent=1)
        return 0
    for rule, cuts in by_rule.items():
        print(f"\n{rule}: {len(cuts)}")
        for cut in cuts:
            print(f"  {cut.article}  …{cut.before}⟦{cut.text}⟧{cut.after}…")
    print(f"\n{len(rows)} articles, {sum(bool(cut.text) for cut in found)} cuts by {len(by_rule)} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
