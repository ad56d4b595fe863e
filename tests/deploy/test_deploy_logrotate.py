"""logrotate with the shipped file: nginx goes on writing into a new log, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from deploy_nginx import nginx
from deploy_tools import adapted, program


def logrotate(folder: Path, *options: str) -> str:
    places = {"/var/log/aggregator/*.log": f"{folder}/*.log", "/run/nginx.pid": f"{folder}/nginx.pid"}
    if os.geteuid() != 0:
        places["create 0640 www-data adm"] = "create 0640"
    config = folder / "logrotate.conf"
    config.write_text(adapted("logrotate/aggregator", places))
    config.chmod(0o644)
    command = [program("logrotate"), "--state", str(folder / "state"), *options, str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_the_file_is_understood(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text("yesterday\n")
    told = logrotate(tmp_path, "--debug")
    assert "considering log" in told
    assert "error" not in told.lower()


def test_a_rotation_loses_no_request(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with nginx(tmp_path, 1) as front:
        front.get("/before")
        logrotate(tmp_path, "--force")
        log = tmp_path / "access.log"
        deadline_s = 10
        for _ in range(deadline_s * 20):
            front.get("/after")
            if "/after" in log.read_text():
                break
        old = (tmp_path / "access.log.1").read_text()
        assert "GET /before" in old
        assert "GET /before" not in log.read_text()
        assert "GET /after" in log.read_text()
        assert log.stat().st_mode & 0o777 == 0o640
        logrotate(tmp_path, "--force")
    assert {path.name for path in tmp_path.glob("access.log*")} == {
        "access.log",
        "access.log.1",
        "access.log.2.gz",
    }
