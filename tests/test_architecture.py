"""Laws about the code itself that no import contract can say."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "aggregator").rglob("*.py"))

MAKERS_OF_SAFE_HTML = {"editorial/sanitize.py", "editorial/attribution.py", "store/reads.py"}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home)/")


def relative(path: Path) -> str:
    return path.relative_to(ROOT / "aggregator").as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_safe_html_is_made_in_three_places_only(path: Path) -> None:
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "SafeHtml"
    ]
    assert not calls or relative(path) in MAKERS_OF_SAFE_HTML


def test_the_three_places_do_make_it() -> None:
    for place in MAKERS_OF_SAFE_HTML:
        assert "SafeHtml(" in (ROOT / "aggregator" / place).read_text("utf-8")


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 450
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.body[0].lineno + 1
            assert lines <= 60, f"{node.name} has {lines} lines"


def test_nothing_committed_names_this_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if (
            path.suffix not in {".png", ".gz", ".br"}
            and path.is_file()
            and path.name != "test_architecture.py"
        ):
            assert not MACHINE_PATHS.search(path.read_text("utf-8", errors="replace")), name
