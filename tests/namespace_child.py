"""``netns.sh python namespace_child.py FOLDER URLS.TSV``: the product meets forbidden addresses.

Runs inside the network namespace of the shared hostile cases, where private addresses are canaries. At each entry point
there is a source for each address; all are polled and published as the command line does it. FOLDER/met.json then tells
what came of each, every address that this process connected to, where the canaries were hit and what partner.test saw.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import yaml
from desk import NOW, raw_config
from entry_points import ENTRY_POINTS, PARTNER, Site, Source, control
from partner_server import partner_server
from typer.testing import CliRunner

from aggregator import jobs
from aggregator.app import open_app, open_net
from aggregator.cli import app as commands
from aggregator.config.load import load_config, parse_config
from aggregator.config.model import Config
from aggregator.errors import ConfigError, FetchError
from aggregator.model.fetch import Validators
from aggregator.model.report import SourceReport

PUBLIC_ADDRESS = "93.184.216.34"
HOSTILE_SERVER = f"http://{PARTNER}:8098"
GOOD_FEED = f"{HOSTILE_SERVER}/H02"
HOPS = ("H31", "H32", "H35", "H36", "H37", "H40", "H41", "H43")  # redirects of the hostile server
IMPORT = "import_opml"
CONTROL = "control"
REBINDING_TRIES = 20
# A canary writes a hit down when the connection ends, or after two seconds.
CANARY_S = 2.5

Outcome = dict[str, Any]


def raw_of(sources: Mapping[str, Source]) -> dict[str, Any]:
    """feeds.yaml with those sources of partner.test, whose articles may stand at any of the shared names."""
    raw = raw_config({"p": ""})
    raw["partners"][0]["domains"] = [f"{name}.test" for name in ("partner", "mixed", "rebind", "v6loop")]
    raw["sources"] = [{"id": name, "partner": "p", **source} for name, source in sources.items()]
    raw["fetch"] = {"deadline": "5s", "first_poll_max_age": "36500d"}  # and no network is allowed
    return raw


def config_of(sources: Mapping[str, Source]) -> Config:
    """Raises ConfigError."""
    return parse_config(yaml.safe_dump(raw_of(sources), sort_keys=False), "feeds.yaml", environ={})


def meet(entry_point: str, targets: Mapping[str, str], folder: Path) -> Outcome:
    """What comes of each target at an entry point, by its id; and what is published in the end."""
    outcomes: dict[str, Outcome] = {}
    sources: dict[str, Source] = {}
    with ExitStack() as stack:
        servers = {case: stack.enter_context(partner_server(PUBLIC_ADDRESS)) for case in (*targets, CONTROL)}
        for number, (case, server) in enumerate(servers.items()):
            site = Site(server, number)
            target = targets.get(case) or control(site, entry_point, GOOD_FEED)
            source = ENTRY_POINTS[entry_point](site, target)
            try:
                config_of({case.lower(): source})
            except ConfigError as error:
                outcomes[case] = {"outcome": "not taken", "words": str(error)}
            else:
                sources[case.lower()] = source
        reports = poll_and_publish(config_of(sources), folder)
        for case, server in servers.items():
            if case not in outcomes:
                outcomes[case] = told(reports[case.lower()]) | {"asked": sorted(server.requests)}
    return {"outcomes": outcomes, "published": published(folder)}


def meet_import(targets: Mapping[str, str], folder: Path) -> Outcome:
    """The same for addresses that come in a list of feeds, each in one of its own."""
    outcomes: dict[str, Outcome] = {}
    folder.mkdir()
    file, opml = folder / "feeds.yaml", folder / "list.opml"
    file.write_text(yaml.safe_dump(raw_of({}), sort_keys=False))
    for case, url in targets.items():
        opml.write_text(f"<opml version='2.0'><body><outline xmlUrl={quoteattr(url)}/></body></opml>")
        arguments = ["import-opml", str(opml), "--partner", "p", "--config", str(file)]
        outcomes[case] = {"outcome": "not taken", "words": CliRunner().invoke(commands, arguments).output}
    config = load_config(file, {})
    reports = poll_and_publish(config, folder)
    taken = {source.url: reports[source.id] for source in config.sources}
    outcomes |= {case: told(taken[url]) for case, url in targets.items() if url in taken}
    return {"outcomes": outcomes, "published": published(folder)}


def poll_and_publish(config: Config, folder: Path) -> dict[str, SourceReport]:
    """One round, as the command line does it; the report on each source."""

    async def run() -> dict[str, SourceReport]:
        database = f"sqlite:///{folder / 'desk.db'}"
        async with open_app(config, database, folder / "public", lambda: NOW, spacing_s=0.0) as app:
            reports = await jobs.poll(app, [source.id for source in config.sources])
            await jobs.publish(app)
        return {report.source_id: report for report in reports}

    folder.mkdir(exist_ok=True)
    return asyncio.run(run())


def told(report: SourceReport) -> Outcome:
    words = " | ".join(filter(None, (report.problem, *report.notes)))
    return {"outcome": report.outcome, "words": words, "entries": report.entries}


def published(folder: Path) -> str:
    return (folder / "public/feeds/all.json").read_text()


async def ask(*urls: str) -> list[str]:
    """What is said of each, asked for with validators that are the first host's alone."""
    said = []
    async with open_net(config_of({}), spacing_s=0.0) as net:
        for url in urls:
            try:
                await net.fetch(url, Validators('"secret"', "yesterday"))
            except FetchError as error:
                said.append(str(error))
            else:
                said.append("fetched")
    return said


def main(folder: Path, urls: Path) -> None:
    rows = [row.split("\t") for row in urls.read_text(encoding="utf-8").splitlines()]
    targets = {row[0]: row[1] for row in rows}
    hops = {case: f"{HOSTILE_SERVER}/{case}" for case in HOPS}
    connected: set[tuple[Any, ...]] = set()

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            connected.add(arguments[1][:2])

    sys.addaudithook(watch)
    met: dict[str, Any] = {
        "entry_points": {name: meet(name, targets, folder / name) for name in ENTRY_POINTS}
        | {IMPORT: meet_import({**targets, CONTROL: GOOD_FEED}, folder / IMPORT)},
        "hops": meet("source", hops, folder / "hops")["outcomes"],
        "rebinding": asyncio.run(ask(*[targets["R38"]] * REBINDING_TRIES)),
        "cross_host": asyncio.run(ask(f"{HOSTILE_SERVER}/H46")),
        "connected": sorted(connected),
    }
    time.sleep(CANARY_S)
    rundir = Path(os.environ["RUNDIR"])
    met["hits"] = (rundir / "canary.log").read_text().splitlines()
    met["requests"] = [json.loads(line) for line in (rundir / "requests.jsonl").read_text().splitlines()]
    (folder / "met.json").write_text(json.dumps(met))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
