"""Our schemas of Atom, RSS and OPML pass what is right, by each of three validators, and find each fault of a table."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from required import skip_unless_required
from validators_mutants import BY_FAMILY, MUTANTS
from validators_schemas import FAMILIES, SCHEMAS, mutated, reference, schema_problems

GOLDEN = sorted(
    path
    for path in (Path(__file__).parents[1] / "outputs" / "golden").iterdir()
    if path.suffix.removeprefix(".") in FAMILIES
)
COMMANDS = {"xmllint": ("--noout", "--nonet", "--relaxng"), "jing": ()}


def run(command: str, family: str, path: Path) -> tuple[int, str]:
    """The exit code of a validator, and what it says."""
    if shutil.which(command) is None:
        skip_unless_required("AGGREGATOR_REQUIRE_CLIENTS", f"{command} is not installed")
    call = [command, *COMMANDS[command], str(SCHEMAS / f"{family}.rng"), str(path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("family", FAMILIES)
def test_the_reference_document_is_right(family: str) -> None:
    assert schema_problems(family, reference(family).encode()) == []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_golden_documents_are_right(path: Path) -> None:
    assert schema_problems(path.suffix.removeprefix("."), path.read_bytes()) == []


@pytest.mark.parametrize(
    ("family", "old", "new"),
    [(family, old, new) for family, _name, old, new in MUTANTS],
    ids=[f"{family}-{name}" for family, name, _old, _new in MUTANTS],
)
def test_a_fault_is_found(family: str, old: str, new: str) -> None:
    assert schema_problems(family, mutated(family, old, new))


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted(COMMANDS))
@pytest.mark.parametrize("family", FAMILIES)
def test_others_say_the_same(family: str, command: str, tmp_path: Path) -> None:
    right = tmp_path / "right"
    right.write_text(reference(family), "utf-8")
    code, words = run(command, family, right)
    assert code == 0, words
    names = []
    for number, (_name, old, new) in enumerate(BY_FAMILY[family]):
        path = tmp_path / str(number)
        path.write_bytes(mutated(family, old, new))
        names.append(path)
    if command == "jing":  # takes a second to start, and all documents at once
        call = [command, str(SCHEMAS / f"{family}.rng"), *map(str, names)]
        said = subprocess.run(call, capture_output=True, text=True, check=False).stdout
        assert [path.name for path in names if f"{path}:" not in said] == []
    else:
        assert [path.name for path in names if run(command, family, path)[0] == 0] == []


def test_each_family_has_twenty_faults_and_more() -> None:
    assert {family: len(mutants) >= 20 for family, mutants in BY_FAMILY.items()} == dict.fromkeys(
        FAMILIES, True
    )
    assert len({(family, name) for family, name, _old, _new in MUTANTS}) == len(MUTANTS)
