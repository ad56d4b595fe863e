"""The third parties that read what we publish: where they lie, and how they come there (packages.toml).

    python bench/clients/toolbox.py    installs what is missing; Debian's packages where that is permitted

PyPI's and npm's lie in a cache folder outside the repository: $AGGREGATOR_CLIENTS, or aggregator-clients in the
user's cache. What is installed is known by a copy of packages.toml.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGES = Path(__file__).parent / "packages.toml"
CACHE = Path(
    os.environ.get("AGGREGATOR_CLIENTS")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aggregator-clients"
)
PYTHON = CACHE / "venv" / "bin" / "python"
NODE_MODULES = CACHE / "npm" / "node_modules"
WORDPRESS = CACHE / "debian" / "usr" / "share" / "wordpress"
_STAMP = CACHE / "packages.toml"


def is_ready() -> bool:
    """Whether everything of packages.toml is there."""
    wanted = tomllib.loads(PACKAGES.read_text("utf-8"))
    return not _missing(wanted["debian"]) and _is_cache_ready()


def install() -> None:
    """Install what is missing. Raises CalledProcessError where a registry or a right is missing."""
    wanted = tomllib.loads(PACKAGES.read_text("utf-8"))
    missing = _missing(wanted["debian"])
    if not missing and _is_cache_ready():
        return
    _run("apt-get", "update", "-qq")
    if missing:
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)
    if _is_cache_ready():
        return
    for folder in ("debian", "npm", "venv"):
        shutil.rmtree(CACHE / folder, ignore_errors=True)
    (CACHE / "npm").mkdir(parents=True)
    _unpack(wanted["unpacked"]["names"])
    _run(sys.executable, "-m", "venv", str(CACHE / "venv"))
    pinned = [f"{name}=={version}" for name, version in wanted["pypi"].items()]
    _run(str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pinned)
    pinned = [f"{name}@{version}" for name, version in wanted["npm"].items()]
    quiet = ("--silent", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund")
    _run("npm", "install", "--prefix", str(CACHE / "npm"), *quiet, *pinned)
    shutil.copy(PACKAGES, _STAMP)


def _is_cache_ready() -> bool:
    return _STAMP.exists() and _STAMP.read_bytes() == PACKAGES.read_bytes()


def _missing(packages: dict[str, str]) -> list[str]:
    return [
        name
        for name, command in packages.items()
        if not (shutil.which(command) if command else _is_installed(name))
    ]


def _is_installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    asked = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(asked, capture_output=True, check=False).stdout == b"installed"


def _unpack(packages: list[str]) -> None:
    """Debian's packages without what they depend on, and without what they do when installed."""
    with TemporaryDirectory() as folder:
        _run("apt-get", "download", "-qq", *packages, cwd=folder)
        for archive in Path(folder).glob("*.deb"):
            _run("dpkg", "-x", str(archive), str(CACHE / "debian"))


def _run(*command: str, cwd: str | None = None) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, check=True, cwd=cwd, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    install()
