"""Derive weights of the topic lexicon from labelled articles: what stands under [derived] in topics.toml.

    .venv/bin/python bench/topic_weights.py FOLDER [--write]

FOLDER holds labelled news as ``labelled.py`` describes it; how weights are derived stands in ``deriving.py``. What they
are worth, cross-validated, is told by ``editorial.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from deriving import Corrections, Learner, examples_of
from labelled import FolderError, read_folder

LEXICON = Path(__file__).parents[1] / "aggregator" / "editorial" / "topics.toml"
MARK = "\n[derived]\n"


def written(lexicon: str, article_ids: Sequence[str], corrections: Corrections) -> str:
    """The lexicon with these corrections instead of those it had."""
    by_topic: dict[str, dict[str, float]] = defaultdict(dict)
    for (phrase, topic), value in corrections.items():
        by_topic[topic][" ".join(phrase)] = value
    head, mark, _ = lexicon.partition(MARK)
    ids = ", ".join(f'"{one}"' for one in sorted(article_ids))
    tables = [
        f"\n[derived.weights.{topic}]\n"
        + "".join(f'"{words}" = {value}\n' for words, value in sorted(found.items()))
        for topic, found in sorted(by_topic.items())
    ]
    return f"{head}{mark}articles = [{ids}]\n\n[derived.weights]\n{''.join(tables)}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    try:
        examples = examples_of(read_folder(arguments.folder))
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    corrections = Learner().learn(examples)
    print(f"{len(corrections)} corrections from {len(examples)} articles")
    for (phrase, topic), value in sorted(corrections.items(), key=lambda one: (-abs(one[1]), one[0])):
        print(f"  {value:+.1f}  {topic:14}  {' '.join(phrase)}")
    if arguments.write:
        ids = [one.article_id for one in examples]
        LEXICON.write_text(written(LEXICON.read_text("utf-8"), ids, corrections), encoding="utf-8")
        print(f"written to {LEXICON.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
