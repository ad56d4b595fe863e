"""docs/deploy.md and the files of deploy/ speak of the same things, and of commands that exist."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from deploy_tools import DEPLOY
from typer.main import get_command

from aggregator.cli import app
from aggregator.cli.service import OPS_TOKEN_VARIABLE
from aggregator.net.mail import SMTP_VARIABLE

ROOT = DEPLOY.parent
DOCS = (ROOT / "docs/deploy.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", DOCS, flags=re.DOTALL)
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
CALL = re.compile(
    r"^(?:ExecStart=|docker compose .* exec aggregator )?(?:/opt/aggregator/bin/)?aggregator (\S.*)$", re.M
)

IDENTITY = ("DynamicUser", "User", "StateDirectory", "StateDirectoryMode")
PLACES = (*IDENTITY, "WorkingDirectory", "Environment", "EnvironmentFile")


def calls(text: str) -> list[list[str]]:
    """What stands behind the program's name, wherever it is called."""
    return [line.split() for line in CALL.findall(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_named(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    assert f"`{name}`" in DOCS or (path.parent.name == "systemd" and f"`{path.name}`" in DOCS)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"deploy/[\w./-]*\w", DOCS))))
def test_every_named_file_exists(name: str) -> None:
    assert (ROOT / name).exists() or name == "deploy/config" or name.startswith("deploy/config/")


def test_every_command_and_option_exists() -> None:
    texts = [*BLOCKS, *(path.read_text("utf-8") for path in FILES)]
    found = [words for text in texts for words in calls(text)]
    assert {words[0] for words in found} >= {"run", "backup", "restore", "status", "publish", "check"}
    for words in found:
        if words == ["--version"]:
            continue
        known = {option for parameter in COMMANDS[words[0]].params for option in parameter.opts}
        for word in words[1:]:
            if word.startswith("--"):
                assert word.split("=")[0] in known, words


def test_every_variable_exists() -> None:
    known = {
        variable
        for command in COMMANDS.values()
        for parameter in command.params
        if (variable := getattr(parameter, "envvar", None))
    }
    for text in (DOCS, *(path.read_text("utf-8") for path in FILES)):
        assert set(re.findall(r"AGGREGATOR_\w+", text)) <= known | {OPS_TOKEN_VARIABLE, SMTP_VARIABLE}


def test_the_images_command_exists() -> None:
    (command,) = re.findall(r"^CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.M)
    assert json.loads(command)[0] in COMMANDS


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0][:40])
def test_every_block_is_a_shell_script(block: str) -> None:
    subprocess.run(["sh", "-n"], input=block.encode(), check=True)


def test_the_token_is_made_once_and_costs_no_other_line(tmp_path: Path) -> None:
    (block,) = [block for block in BLOCKS if "/dev/urandom" in block]
    script = block.replace("/etc/aggregator", str(tmp_path)).replace("systemctl restart aggregator\n", "")
    (tmp_path / "env").write_text("ALERT_WEBHOOK=x\n")
    shown = [subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True) for _ in range(2)]
    assert re.fullmatch(rb"AGGREGATOR_OPS_TOKEN=[a-z0-9]{32}\n", shown[0].stdout)
    assert shown[1].stdout == shown[0].stdout
    assert (tmp_path / "env").read_bytes() == b"ALERT_WEBHOOK=x\n" + shown[0].stdout


def test_units_and_the_wrapper_give_the_same_places() -> None:
    """A command run by hand works on the service's database, or it works on nothing."""
    wrapper = (DEPLOY / "bin/aggregator").read_text("utf-8").replace("--property=", "\n")
    for name in ("aggregator.service", "aggregator-backup.service"):
        unit = (DEPLOY / "systemd" / name).read_text("utf-8").replace("%S", "/var/lib")
        for key in PLACES:
            (in_unit,) = re.findall(rf"^{key}=(.*)$", unit, flags=re.M)
            (in_wrapper,) = re.findall(rf"^{key}=(\S+)", wrapper, flags=re.M)
            assert in_unit == in_wrapper, (name, key)


def test_the_port_is_the_same_everywhere() -> None:
    service = (DEPLOY / "systemd/aggregator.service").read_text("utf-8")
    (host, port) = re.findall(r"--host (\S+) --port (\d+)", service)[0]
    assert f"server {host}:{port};" in (DEPLOY / "nginx/aggregator.conf").read_text("utf-8")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert compose["services"]["aggregator"]["ports"] == [f"{host}:{port}:{port}"]
    assert f"http://{host}:{port}/readyz" in DOCS
