"""An undocumented command, option or environment variable fails here, and documents that name what is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aggregator.cli import app
from aggregator.cli.service import OPS_TOKEN_VARIABLE
from aggregator.net.mail import SMTP_VARIABLE

ROOT = Path(__file__).parent.parent
OPS = (ROOT / "docs" / "ops.md").read_text("utf-8")
WEBSUB = (ROOT / "docs" / "websub.md").read_text("utf-8")


def _commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its name, those of groups as people type them: ``list stories``."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


COMMANDS = dict(_commands(get_command(app)))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_its_options_are_documented(name: str) -> None:
    assert f"`aggregator {name}" in OPS
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            if option.startswith("--") and not parameter.hidden:
                assert option in OPS, f"{name} {option}"
        if variable := getattr(parameter, "envvar", None):
            assert f"`{variable}`" in OPS


@pytest.mark.parametrize("variable", [OPS_TOKEN_VARIABLE, SMTP_VARIABLE])
def test_what_comes_from_the_environment_only_is_documented(variable: str) -> None:
    assert f"`{variable}`" in OPS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_the_three_places(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {"--config", "--database", "--public"} <= options


@pytest.mark.parametrize(
    "path", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=lambda p: p.name
)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def _tests_of(file: str) -> set[str]:
    """The tests in a file of that name, wherever below tests/ it is; names are unique there."""
    (path,) = (ROOT / "tests").rglob(file)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {one.name for one in ast.parse(path.read_text("utf-8")).body if isinstance(one, functions)}


def test_every_requirement_of_websub_names_a_test_that_exists() -> None:
    chapter = WEBSUB.partition("## What the specification asks")[2]
    rows = [line for line in chapter.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) > 60
    for row in rows:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", row)
        assert named, row
        for file, name in named:
            assert name in _tests_of(file), f"{file}::{name}"
