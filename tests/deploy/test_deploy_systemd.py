"""The systemd units: accepted without a warning, and no more exposed than they were."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from deploy_tools import DEPLOY, adapted, program

UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
# As `systemd-analyze security` counts: 0 is nothing, 10 is everything. What remains is the network, which the desk
# is for, and a root folder of its own.
EXPOSURE = {"aggregator.service": 1.3, "aggregator-backup.service": 1.2}


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A copy of the units, with a program that exists."""
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text("utf-8")
        places = {"/opt/aggregator/bin/aggregator": "/bin/true"} if "ExecStart=" in text else {}
        (tmp_path / name).write_text(adapted(f"systemd/{name}", places))
    return tmp_path


@pytest.mark.parametrize("name", UNITS)
def test_the_unit_is_accepted_without_a_warning(units: Path, name: str) -> None:
    command = [program("systemd-analyze"), "verify", "--recursive-errors=no", str(units / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_a_slip_in_a_unit_would_be_noticed(units: Path) -> None:
    service = units / "aggregator.service"
    service.write_text(service.read_text().replace("KillMode=mixed", "KillMode=mixd"))
    command = [program("systemd-analyze"), "verify", "--recursive-errors=no", str(service)]
    assert "mixd" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("name", EXPOSURE)
def test_the_service_is_no_more_exposed_than_it_was(units: Path, name: str) -> None:
    command = [program("systemd-analyze"), "security", "--no-pager", "--offline=true", str(units / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(rf"Overall exposure level for {re.escape(name)}: (\d+\.\d)", done.stdout)
    assert found is not None, done.stdout
    assert float(found[1]) <= EXPOSURE[name], done.stdout


def test_the_mount_shows_the_public_folder_of_the_service(units: Path) -> None:
    """Three files name the same two folders."""
    service, mount = ((units / name).read_text() for name in ("aggregator.service", "srv-aggregator.mount"))
    assert "StateDirectory=aggregator\n" in service
    assert "What=/var/lib/private/aggregator/public\n" in mount
    assert "Wants=network-online.target srv-aggregator.mount\n" in service
    assert "Where=/srv/aggregator\n" in mount
    assert "root /srv/aggregator;" in (DEPLOY / "nginx/aggregator.conf").read_text("utf-8")
