"""Dockerfile and compose.yaml, as far as that can be checked without an engine."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml
from deploy_tools import DEPLOY

ROOT = DEPLOY.parent
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
KNOWN = {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "VOLUME", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"} | {
    "ENTRYPOINT",
    "CMD",
}


def instructions() -> list[tuple[str, str]]:
    """Each instruction with its words; continued lines are joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def final_stage() -> dict[str, str]:
    found = instructions()
    start = max(index for index, (word, _) in enumerate(found) if word == "FROM")
    return dict(found[start:])


def test_every_instruction_is_one() -> None:
    assert {word for word, _ in instructions()} <= KNOWN
    assert [rest for word, rest in instructions() if word == "FROM"] == [
        "python:3.13-slim AS build",
        "python:3.13-slim",
    ]


def test_what_is_copied_exists_and_is_sent_to_the_engine() -> None:
    sent = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    copied = set()
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            copied |= set(rest.split()[:-1])
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_runs_as_nobody_in_particular_and_holds_no_build_tools() -> None:
    final = final_stage()
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", final["USER"])
    assert "pip" not in final["RUN"]
    assert "--require-hashes" in DOCKERFILE
    assert f"--uid {final['USER'].split(':')[0]} " in final["RUN"]
    for folder in json.loads(final["VOLUME"]):
        assert folder in final["RUN"]


def test_neither_file_names_an_address_to_download_from() -> None:
    for path in (DEPLOY / "Dockerfile", DEPLOY / "compose.yaml", ROOT / ".dockerignore"):
        urls = re.findall(r"https?://[^\s'\"/]+", path.read_text("utf-8"))
        assert set(urls) <= {"http://127.0.0.1:8080"}, path


@pytest.mark.parametrize(("status", "exit_status"), [(200, 0), (503, 1)])
def test_the_health_check_tells_ready_from_not_ready(status: int, exit_status: int) -> None:
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    check = json.loads(final_stage()["HEALTHCHECK"].partition("CMD ")[2])
    assert check[0] == "python"
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        words = [word.replace(":8080", f":{server.server_port}") for word in check[1:]]
        done = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    assert (done.returncode, asked) == (exit_status, ["/readyz"])


def test_compose_mounts_what_the_image_writes_and_nothing_else_is_writable() -> None:
    (service,) = COMPOSE["services"].values()
    targets = {mount.split(":")[1]: mount for mount in service["volumes"]}
    assert set(targets) == {"/etc/aggregator", *json.loads(final_stage()["VOLUME"])}
    assert targets["/etc/aggregator"].endswith(":ro")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {mount.split(":")[0] for mount in service["volumes"] if mount[0] not in "./"} == set(
        COMPOSE["volumes"]
    )
    assert service["ports"] == ["127.0.0.1:8080:8080"]
    assert (ROOT / "deploy" / service["build"]["context"] / service["build"]["dockerfile"]).samefile(
        DEPLOY / "Dockerfile"
    )


def test_the_volumes_are_where_the_program_looks() -> None:
    """The image names a working folder, no places: the program's own defaults lead into the volumes."""
    final = final_stage()
    assert Path(final["WORKDIR"]) in {Path(folder).parent for folder in json.loads(final["VOLUME"])}
    assert "AGGREGATOR_DATABASE" not in final["ENV"]
    assert shlex.split(json.loads(final["ENTRYPOINT"])[0]) == ["aggregator"]
