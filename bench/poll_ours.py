"""Our side of bench/poll.py: the desk in a process of its own, which does a round for each line on standard input.

    python -c "import poll_ours; poll_ours.main()" FOLDER

In the folder stands feeds.yaml; the database is to be desk.db there, the documents public/. Not run as a script: every
worker process would import this module again and with it all of the desk, which the program's own main module avoids.

A round is what ``aggregator poll --all`` does once it has begun: every source is visited (``jobs.poll``: fetching,
reading in worker processes, dedupe, storing), then what changed is published (``jobs.publish``: settling, topics,
documents in all formats with their packed variants, pages and files), with the shipped topics and outputs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import yaml
from poll_press import host_number
from poll_server import Server

from aggregator import jobs
from aggregator.app import App, open_app
from aggregator.config.load import parse_config
from aggregator.logs import configure_logs

SHIPPED = Path(__file__).parent.parent / "feeds.yaml"


def config_of(server: Server, feeds: int) -> dict[str, Any]:
    """The shipped feeds.yaml with a partner for each host, whose full texts we may use, and its feeds as sources."""
    raw: dict[str, Any] = yaml.safe_load(SHIPPED.read_text("utf-8"))
    terms = {"licence": "T-1", "valid_from": "2022-01-01", "content": "full", "images": "link"}
    hosts = sorted({host_number(feed) for feed in range(feeds)})
    raw["partners"] = [
        {
            "id": f"p{host}",
            "name": f"Kabar {host}",
            "url": f"https://www.p{host}.example/",
            "domains": [f"p{host}.example"],
            "terms": dict(terms),
        }
        for host in hosts
    ]
    raw["sources"] = [
        {"id": f"f{feed}", "partner": f"p{host_number(feed)}", "url": server.url(feed)}
        for feed in range(feeds)
    ]
    raw["fetch"]["allow_networks"] = ["127.0.0.0/8"]
    return raw


async def work(folder: Path) -> None:
    """Rounds until standard input ends; each answer is a list of what went wrong."""
    config = parse_config((folder / "feeds.yaml").read_text("utf-8"), "feeds.yaml", environ={})
    database = f"sqlite:///{folder / 'desk.db'}"
    async with open_app(config, database, folder / "public", spacing_s=0) as app:
        print("ready", flush=True)
        is_first = True
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await one_round(app, repair=is_first)), flush=True)
            is_first = False


async def one_round(app: App, *, repair: bool) -> list[str]:
    """Files are compared with their rows by the first publication only; the service does that once an hour."""
    reports = await jobs.poll(app, {source.id for source in app.config.sources if source.enabled})
    published = await jobs.publish(app, repair=repair)
    problems = [f"{report.source_id}: {report.problem}" for report in reports if report.problem]
    return problems + [f"{problem.subject}: {problem.message}" for problem in published.problems]


def main() -> None:
    configure_logs(verbose=False)
    asyncio.run(work(Path(sys.argv[1])))
