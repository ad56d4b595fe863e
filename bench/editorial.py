"""How well the desk knows copies and topics: labelled articles, judged by the desk's own functions.

    .venv/bin/python bench/editorial.py FOLDER [--json] [--page FILE]

FOLDER holds labelled news as ``labelled.py`` describes it; how pairs are judged stands in ``judging.py``, how topics
are in ``sorting.py``. Every error is written to FILE (bench/out/editorial.html), the texts of a pair side by side. Exit
status 1: below a threshold; 2: the folder cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from editorial_page import page
from judging import Judged, judge
from labelled import Folder, FolderError, Pair, read_folder
from sorting import Sorted, by_channel_alone, shipped_topics, sort_all
from sorting import figures as topic_figures

MIN_PRECISION, MIN_RECALL = 0.97, 0.92
MIN_MACRO_F1 = 0.85
# Of fewer articles a figure by topic says nothing.
MIN_LABELLED = 50
PAGE = Path(__file__).parent / "out" / "editorial.html"


def figures(judged: Sequence[Judged], found: Sequence[Sorted], by_words: Sequence[Sorted]) -> dict[str, Any]:
    """What ``--json`` prints. Shares are from 0 to 1; of nothing they are 1."""
    apart = [one for one in judged if not one.is_one_partners]
    same = [one for one in apart if one.pair.is_same]
    others = [one for one in apart if not one.pair.is_same]
    kinds = defaultdict(list)
    for one in apart:
        kinds[one.pair.kind].append(one)
    return {
        "same": _precision_and_recall(apart),
        "same_without_grey": _precision_and_recall([one for one in apart if not one.pair.is_grey]),
        "topics": topic_figures(found) | {"channel_alone": by_channel_alone(found)},
        "topics_by_words_alone": topic_figures(by_words),
        "same_within_one_partner": _precision_and_recall([one for one in judged if one.is_one_partners]),
        "templates_joined": sum(one.is_joined for one in judged if _is_template(one.pair)),
        "candidate_recall": _share(sum(one.shares_mark for one in same), len(same)),
        "linked": {label: _linked_of(apart, label) for label in ("event", "different")},
        "depend_on_order": sum(one.depends_on_order for one in judged),
        "right_by_kind": {kind: _right_of(kinds[kind]) for kind in sorted(kinds)},
        "missed_for": _reasons(same),
        "kept_apart_for": _reasons(others),
    }


def _reasons(judged: Sequence[Judged]) -> dict[str, int]:
    return dict(Counter(one.reason for one in judged if not one.is_joined).most_common())


def _precision_and_recall(judged: Sequence[Judged]) -> dict[str, Any]:
    right = sum(one.is_joined and one.pair.is_same for one in judged)
    joined, same = sum(one.is_joined for one in judged), sum(one.pair.is_same for one in judged)
    return {
        "precision": _share(right, joined),
        "recall": _share(right, same),
        "joined_rightly": right,
        "joined": joined,
        "same": same,
    }


def _right_of(judged: Sequence[Judged]) -> dict[str, int]:
    return {"right": sum(one.is_right for one in judged), "of": len(judged)}


def _linked_of(judged: Sequence[Judged], label: str) -> dict[str, int]:
    """How many were linked as other articles on the same event."""
    of_label = [one for one in judged if one.pair.label == label]
    return {"linked": sum(one.is_linked for one in of_label), "of": len(of_label)}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _is_template(pair: Pair) -> bool:
    return pair.label == "different" and any("template" in note for note in pair.notes)


def shortfalls(found: dict[str, Any]) -> list[str]:
    """Thresholds that are not met, in words."""
    missed = []
    for name in ("same", "same_without_grey"):
        for measure, least in (("precision", MIN_PRECISION), ("recall", MIN_RECALL)):
            if found[name][measure] < least:
                missed.append(f"{name}: {measure} {found[name][measure]:.4f}, at least {least} is asked for")
    if found["templates_joined"]:
        missed.append(f"{found['templates_joined']} pairs of a template were joined, none may be")
    for name in ("topics", "topics_by_words_alone"):
        one = found[name]
        if one["of"] >= MIN_LABELLED and one["macro_f1"] < MIN_MACRO_F1:
            missed.append(f"{name}: macro-F1 {one['macro_f1']:.4f}, at least {MIN_MACRO_F1} is asked for")
    return missed


def _report(found: dict[str, Any]) -> None:
    for name in ("same", "same_without_grey", "same_within_one_partner"):
        one = found[name]
        print(
            f"{name.replace('_', ' ')}: precision {one['precision']:.4f}, recall {one['recall']:.4f} "
            f"({one['joined_rightly']} of {one['same']} joined, {one['joined'] - one['joined_rightly']} wrongly)"
        )
    print(f"pairs of templates joined: {found['templates_joined']}")
    print(f"copies that the database finds (a shared mark): {found['candidate_recall']:.4f}")
    for label, one in found["linked"].items():
        print(f"linked as related: {one['linked']} of {one['of']} pairs labelled {label}")
    print(f"pairs whose answer depends on the order of arrival: {found['depend_on_order']}")
    for name in ("missed_for", "kept_apart_for"):
        print(
            f"{name.replace('_', ' ')}: {', '.join(f'{n} {why}' for why, n in found[name].items()) or 'none'}"
        )
    print("right, by kind:")
    for kind, one in found["right_by_kind"].items():
        print(f"  {one['right']:4} of {one['of']:4}  {kind}")

    _report_topics(found)


def _report_topics(found: dict[str, Any]) -> None:
    for name in ("topics", "topics_by_words_alone"):
        one = found[name]
        beside = one["given_beside"]
        print(
            f"{name.replace('_', ' ')}: macro-F1 {one['macro_f1']:.4f} "
            f"({one['macro_f1_by_first_choice']:.4f} by the first label alone), {one['right']} of {one['of']} right; "
            f"{beside['of']} more given beside, {beside['right']} of them right"
        )
    channel = found["topics"]["channel_alone"]
    print(
        f"the channel alone: right for {channel['right']} of the {channel['covered']} of {channel['of']} it covers"
    )
    print("  precision  recall      F1  labelled")
    for topic, one in found["topics"]["by_topic"].items():
        print(
            f"  {one['precision']:9.4f}  {one['recall']:.4f}  {one['f1']:.4f}  {one['labelled']:8}  {topic}"
        )
    print("labelled (rows) and taken for (columns):")
    confusion = found["topics"]["confusion"]
    topics = sorted({topic for answers in confusion.values() for topic in answers})
    print(" " * 16 + "".join(f"{topic[:8]:>9}" for topic in topics))
    for meant, answers in confusion.items():
        print(f"  {meant:14}" + "".join(f"{answers.get(topic, 0) or '.':>9}" for topic in topics))


def _sorted(folder: Folder) -> tuple[list[Sorted], list[Sorted]]:
    """With all that is known of each article, and by headline and text alone."""
    topics = shipped_topics()
    return (
        sort_all(folder, topics),
        sort_all(folder, topics, by_words_alone=True),
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--page", type=Path, metavar="FILE", default=PAGE)
    arguments = parser.parse_args()
    try:
        folder = read_folder(arguments.folder)
    except FolderError as error:
        print(error, file=sys.stderr)
        return 2
    judged, (sorted_all, by_words) = judge(folder), _sorted(folder)
    found = figures(judged, sorted_all, by_words)
    missed = shortfalls(found)
    if arguments.json:
        json.dump({**found, "shortfalls": missed}, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _report(found)
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text(page(judged, sorted_all), encoding="utf-8")
    print(f"every error with its texts: {arguments.page}", file=sys.stderr)
    for words in missed:
        print(words, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
