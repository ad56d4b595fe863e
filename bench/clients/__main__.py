"""Do those who read feeds read ours as well as one written by hand? ``make clients`` asks them.

    PYTHONPATH=bench .venv/bin/python -m clients [--table docs/clients.md]

Serves the demo's outputs, the golden documents and the reference on loopback, has each client read all of them, and
compares each field with what was published. Writes the table; exits 1 when a client is right about a field of the
reference and wrong about ours, or wrong about a date at all.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from clients.comparing import FIELDS, differences, unstated
from clients.published import published_in
from clients.toolbox import NODE_MODULES, PYTHON, WORDPRESS, install

from aggregator.demo.play import play_once

HERE = Path(__file__).parent
DRIVERS = HERE / "drivers"
GOLDEN = HERE.parents[1] / "tests" / "outputs" / "golden"
XML, ALL = ("rss", "atom"), ("rss", "atom", "json")


@dataclass(frozen=True)
class Client:
    """A third party, the command that has it read addresses, and the formats that it knows."""

    name: str
    command: tuple[str, ...]
    formats: tuple[str, ...]


def _php(name: str, folder: str) -> tuple[str, ...]:
    return ("php", str(DRIVERS / "read_php.php"), name, folder)


def _node(name: str) -> tuple[str, ...]:
    return ("node", str(DRIVERS / "read_node.mjs"), str(NODE_MODULES), name)


def _pypi(name: str) -> tuple[str, ...]:
    return (str(PYTHON), str(DRIVERS / "read_python.py"), name)


CLIENTS = (
    Client("feedparser (PyPI)", _pypi("feedparser"), XML),
    Client("reader (PyPI)", _pypi("reader"), ALL),
    Client("fastfeedparser (PyPI)", _pypi("fastfeedparser"), ALL),
    Client("atoma (PyPI)", _pypi("atoma"), ALL),
    Client("rss-parser (npm)", _node("rss-parser"), XML),
    Client("feedparser (npm)", _node("feedparser"), XML),
    Client("feedsmith (npm)", _node("feedsmith"), ALL),
    Client("newsboat", (sys.executable, str(DRIVERS / "read_newsboat.py")), XML),
    Client("SimplePie", _php("simplepie", str(WORDPRESS)), XML),
    Client("WordPress fetch_feed", _php("wordpress", str(WORDPRESS)), XML),
    Client("XML::Feed (Perl)", ("perl", str(DRIVERS / "read_perl.pl")), XML),
    Client("rss (Ruby)", ("ruby", str(DRIVERS / "read_ruby.rb")), XML),
)


@dataclass
class Outcome:
    """One client and one format: what is not right in the reference, and in ours, by field in words."""

    client: str
    version: str
    suffix: str
    unstated: tuple[str, ...] = ()  # fields that the format, or what is published in it, does not have
    reference: dict[str, list[str]] = field(default_factory=dict)
    ours: dict[str, list[str]] = field(default_factory=dict)

    def verdict(self, name: str) -> str:
        if name in self.unstated:
            return ""
        if name in self.reference:
            return "not read"
        return "**wrong**" if name in self.ours else "right"

    @property
    def faults(self) -> list[str]:
        """What we must mend. A date that is wrong even in the reference is one too: then another form must be found."""
        found = [f"{name}: {words}" for name, words in self.ours.items() if name not in self.reference]
        allowed = ("source",) if self.suffix == "json" else ()  # JSON Feed has no word for it
        found += [f"{name}: none of ours has one" for name in self.unstated if name not in allowed]
        return found + [f"date of the reference: {words}" for words in self.reference.get("date", ())]


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012 - as the base class has it
        ".rss": "application/rss+xml",
        ".atom": "application/atom+xml",
        ".json": "application/feed+json",
    }

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: thousands of lines would hide what clients say."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The base URL at which the files of ``folder`` are served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def ask(client: Client, folder: Path, base_url: str) -> list[Outcome]:
    """Everything that the client reads, compared. Raises CalledProcessError when it fails."""
    paths = sorted(path for path in folder.rglob("*.*") if path.suffix[1:] in client.formats)
    urls = {base_url + path.relative_to(folder).as_posix(): path for path in paths}
    said = subprocess.run([*client.command, *urls], check=True, stdout=subprocess.PIPE, timeout=120).stdout
    answer = json.loads(said)
    return [_outcome(client, suffix, answer, urls) for suffix in client.formats]


def _outcome(client: Client, suffix: str, answer: dict[str, Any], urls: dict[str, Path]) -> Outcome:
    outcome, ours = Outcome(client.name, answer["version"], suffix), []
    for url, path in urls.items():
        if path.suffix != f".{suffix}":
            continue
        entries = published_in(path.name, path.read_bytes())
        into = outcome.reference if path.stem == "reference" else outcome.ours
        ours += [] if path.stem == "reference" else entries
        for name, words in differences(entries, answer["feeds"][url]).items():
            into.setdefault(name, []).extend(f"{path.name}: {word}" for word in words)
    outcome.unstated = tuple(unstated(ours))
    return outcome


def table(outcomes: list[Outcome]) -> str:
    """docs/clients.md, written by the command itself."""
    head = (HERE / "table.md").read_text("utf-8")
    names = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}
    lines = [f"| client | version | format | {' | '.join(FIELDS)} |", "| --- " * (3 + len(FIELDS)) + "|"]
    for one in outcomes:
        verdicts = " | ".join(map(one.verdict, FIELDS))
        lines.append(f"| {one.client} | {one.version} | {names[one.suffix]} | {verdicts} |")
    return head + "\n".join(lines) + "\n"


def lay_out(folder: Path) -> None:
    """The demo's outputs, the golden documents of the tests, and the reference documents."""
    asyncio.run(play_once(None, f"sqlite:///{folder.parent}/demo.db", folder))
    shutil.copytree(GOLDEN, folder / "golden")
    for path in (HERE / "reference").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", type=Path, help="where the table is written")
    arguments = parser.parse_args()
    began_s = time.monotonic()
    install()
    with TemporaryDirectory() as name:
        folder = Path(name) / "public"
        lay_out(folder)
        with serve(folder) as base_url:
            outcomes = [outcome for client in CLIENTS for outcome in ask(client, folder, base_url)]
    written = table(outcomes)
    if arguments.table:
        arguments.table.write_text(written, "utf-8")
    print(written)
    faults = [f"{one.client}, {one.suffix}: {words}" for one in outcomes for words in one.faults]
    print("\n".join(faults) or f"{len(CLIENTS)} clients read ours as well as the reference")
    print(f"{time.monotonic() - began_s:.0f} s", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
