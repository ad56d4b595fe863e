"""Validators of others, each over many documents at once: what they find wrong, a line each."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from clients import toolbox
from required import skip_unless_required
from validators_schemas import SCHEMAS

SCRIPTS = Path(__file__).parent / "validators" / "scripts"
_WARNINGS_OF_DEBIAN = "Unable to locate"  # the launcher of jing misses jars that only other programs need


def require_clients() -> None:
    """Skip, or fail where they are asked for, when packages.toml is not installed."""
    if not toolbox.is_ready():
        skip_unless_required("AGGREGATOR_REQUIRE_CLIENTS", "bench/clients/packages.toml is not installed")


def require(command: str) -> None:
    if shutil.which(command) is None:
        skip_unless_required("AGGREGATOR_REQUIRE_CLIENTS", f"{command} is not installed")


def xmllint(family: str, paths: Sequence[Path]) -> list[str]:
    """libxml2's own command, by our schema."""
    require("xmllint")
    call = ["xmllint", "--noout", "--nonet", "--relaxng", str(SCHEMAS / f"{family}.rng"), *map(str, paths)]
    return [line for line in _said(call) if not line.endswith(" validates")]


def jing(family: str, paths: Sequence[Path]) -> list[str]:
    """James Clark's validator, which shares no code with libxml2, by our schema."""
    require("jing")
    said = _said(["jing", str(SCHEMAS / f"{family}.rng"), *map(str, paths)])
    return [line for line in said if _WARNINGS_OF_DEBIAN not in line]


def ruby_rss(paths: Sequence[Path]) -> list[str]:
    """Ruby's rss with validation, for RSS and Atom."""
    require_clients()
    return _said(["ruby", str(SCRIPTS / "strict.rb"), *map(str, paths)])


def ajv(paths: Sequence[Path]) -> list[str]:
    """The schema of JSON Feed 1.1 from npm, with formats."""
    require_clients()
    return _said(["node", str(SCRIPTS / "ajv.cjs"), str(toolbox.NODE_MODULES), *map(str, paths)])


def shared_check(script: Path, paths: Sequence[Path]) -> list[str]:
    """``check_output.py`` of the shared folder, which needs html5lib."""
    require_clients()
    said = _said([str(toolbox.PYTHON), str(script), *map(str, paths)])
    return [line for line in said if not line.endswith(" ok")]


def redbot(url: str) -> list[tuple[str, str]]:
    """What redbot holds against one address: the levels and ids of its notes, subordinate ones too."""
    require_clients()
    call = [str(toolbox.PYTHON.parent / "redbot"), "-o", "har", url]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    (entry,) = json.loads(done.stdout)["log"]["entries"]
    notes = entry["_red_messages"]
    assert notes, "redbot said nothing at all"
    notes += [note for parent in notes for note in parent.get("subnotes", ())]
    return [(note["level"], note["note_id"]) for note in notes if note["level"] not in ("GOOD", "INFO")]


def _said(call: Sequence[str]) -> list[str]:
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
