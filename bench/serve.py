"""Our server beside nginx: how many requests per second, and how late the slowest?

    .venv/bin/python bench/serve.py [--rounds 5] [--seconds 3] [--connections 64]

Both serve the same feed of fifty full stories from the same bytes, ours from memory in one process, nginx from files
with gzip_static and as many workers as there are cores. wrk asks both in turn, and shares the cores with them.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from outputs_samples import FULL, NOW, rendered
from web_desk import ValueDesk

from aggregator.model.document import Document, Packed
from aggregator.model.html import SafeHtml
from aggregator.outputs.pack import PackCache
from aggregator.web.metrics import Metrics
from aggregator.web.server import serve
from aggregator.web.shelf import Shelf

STORIES = 50
PATH = "feeds/all.rss"
NEWS = (
    "pemerintah kota jambi menyatakan bahwa pembangunan jalan lingkar selatan akan dilanjutkan tahun depan setelah "
    "anggaran disetujui dewan perwakilan rakyat daerah warga berharap harga beras di pasar tradisional segera turun "
    "karena panen raya dimulai pekan ini polisi memeriksa saksi dalam kasus dugaan korupsi dana bantuan sekolah "
    "gubernur menambahkan banjir di kabupaten kerinci merendam ratusan rumah dan petugas mengevakuasi warga ke tempat "
    "aman pertandingan liga berakhir imbang meski tuan rumah unggul lebih dulu pada babak pertama menteri kesehatan "
    "meminta masyarakat tetap waspada terhadap demam berdarah selama musim hujan ujar kepala dinas kepada wartawan"
)
WORDS = NEWS.split()


@dataclass(frozen=True)
class Case:
    """One kind of request. nginx-light has no brotli: there ours stands alone."""

    name: str
    coding: str
    is_conditional: bool = False
    nginx_too: bool = True


CASES = (
    Case("200 gzip", "gzip"),
    Case("304", "gzip", is_conditional=True),
    Case("200 br", "br", nginx_too=False),
)


@dataclass(frozen=True)
class Run:
    """What wrk measured once."""

    per_s: float
    p99_ms: float
    cpu_us: float  # of the server, for each request: it hardly changes when other programs use the machine


@dataclass(frozen=True)
class Server:
    """One of the two, and its process."""

    url: str
    pid: int

    def cpu_s(self) -> float:
        """What it and its children have used so far."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        fields = [
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in (self.pid, *children)
        ]
        return sum(int(field) for of_one in fields for field in of_one[11:13]) / os.sysconf("SC_CLK_TCK")


def feed() -> Packed:
    """Fifty stories of about 2.5 kB, always the same."""
    chance = random.Random(3)

    def sentence() -> str:
        words = [chance.choice(WORDS) for _ in range(chance.randint(8, 22))]
        return " ".join(words).capitalize() + f" ({chance.randint(1, 2000)})."

    stories = []
    for number in range(STORIES):
        paragraphs = [" ".join(sentence() for _ in range(3)) for _ in range(6)]
        stories.append(
            replace(
                FULL,
                id=f"urn:uuid:8d6f8e3c-30b3-5a4b-9a39-{number:012}",
                url=f"https://www.pikiran-rakyat.com/pr-{number}/{chance.choice(WORDS)}",
                title=sentence(),
                summary=sentence(),
                published_at=NOW - timedelta(minutes=10 * number),
                updated_at=NOW - timedelta(minutes=10 * number),
                content=SafeHtml("".join(f"<p>{text}</p>\n" for text in paragraphs)),
            )
        )
    return PackCache().pack(rendered(*stories)["rss"], NOW)


async def _serve() -> None:
    packed = feed()
    desk = ValueDesk(
        shelf=Shelf([packed, PackCache().pack(Document("index.html", "text/html", b"x", "x"), NOW)])
    )
    async with serve(desk, Metrics(), host="127.0.0.1", port=0) as url:
        print(url, flush=True)
        await asyncio.Event().wait()


@contextmanager
def ours() -> Iterator[Server]:
    """Our server in a process of its own, in uvloop as the service runs it."""
    process = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Server(process.stdout.readline().strip(), process.pid)
    finally:
        process.terminate()
        process.wait(10)


NGINX = """
{user}
worker_processes auto;
daemon off;
pid {folder}/pid;
error_log stderr warn;
events {{ worker_connections 768; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    types {{ application/rss+xml rss; }}
    charset utf-8;
    charset_types application/rss+xml;
    gzip_static on;
    gzip_vary on;
    etag on;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {folder}/public;
        add_header Cache-Control "public, max-age=60, stale-while-revalidate=60, stale-if-error=86400";
        add_header Access-Control-Allow-Origin "*";
        add_header X-Content-Type-Options nosniff;
    }}
}}
"""


@contextmanager
def nginx(folder: Path, packed: Packed) -> Iterator[Server]:
    """nginx with the file and its .gz, headers as ours are, and no end to a connection."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise SystemExit("nginx is not installed (Debian: nginx-light)")
    target = folder / "public" / PATH
    target.parent.mkdir(parents=True)
    target.write_bytes(packed.document.body)
    target.with_name(target.name + ".gz").write_bytes(packed.variants["gzip"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(NGINX.format(folder=folder, port=port, user=user))
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(configuration)])
    try:
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(10)


def headers_for(url: str, case: Case) -> dict[str, str]:
    """The request's headers, and the proof that the server answers them as the case is called."""
    headers = {"Accept-Encoding": case.coding}
    reply = _get(url, headers)
    assert (reply.status, reply.headers["Content-Encoding"]) == (200, case.coding), (url, case, reply.status)
    if case.is_conditional:
        headers["If-None-Match"] = reply.headers["ETag"]
        assert _get(url, headers).status == 304, (url, case)
    return headers


def _get(url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    until_s = time.monotonic() + 10
    while True:
        try:
            connection.connect()
            break
        except ConnectionRefusedError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.05)
    connection.request("GET", f"/{PATH}", headers=headers)
    reply = connection.getresponse()
    reply.read()
    connection.close()
    return reply


def wrk(server: Server, headers: dict[str, str], seconds: int, connections: int) -> Run:
    """One run. Raises SystemExit when an answer was an error."""
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *given, f"{server.url}/{PATH}"]
    before_s = server.cpu_s()
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used_s = server.cpu_s() - before_s
    if "Non-2xx" in printed or "Socket errors" in printed:
        raise SystemExit(f"{' '.join(command)}\n{printed}")
    per_s, requests = (
        re.search(pattern, printed) for pattern in (r"Requests/sec:\s+([\d.]+)", r"(\d+) requests in")
    )
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", printed)
    assert per_s is not None
    assert requests is not None
    assert p99 is not None
    p99_ms = float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]]
    return Run(float(per_s[1]), p99_ms, used_s * 1e6 / int(requests[1]))


def show(case: Case, runs: dict[str, list[Run]]) -> None:
    per_s = {who: statistics.median(run.per_s for run in several) for who, several in runs.items()}
    p99_ms = {who: statistics.median(run.p99_ms for run in several) for who, several in runs.items()}
    cpu_us = {who: statistics.median(run.cpu_us for run in several) for who, several in runs.items()}
    if not case.nginx_too:
        print(f"{case.name:10}{per_s['ours']:9,.0f}{p99_ms['ours']:41.1f}{cpu_us['ours']:18.1f}")
        return
    ratios = [mine.per_s / other.per_s for mine, other in zip(runs["ours"], runs["nginx"], strict=True)]
    print(
        f"{case.name:10}{per_s['ours']:9,.0f}{per_s['nginx']:9,.0f}{statistics.median(ratios):8.2f}"
        f"{min(ratios):8.2f} -{max(ratios):5.2f}{p99_ms['ours']:9.1f}{p99_ms['nginx']:8.1f}"
        f"{cpu_us['ours']:10.1f}{cpu_us['nginx']:8.1f}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=3, help="of each run of wrk")
    arguments.add_argument("--connections", type=int, default=64)
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.serve:
        uvloop.run(_serve())
    packed = feed()
    sizes = {
        "identity": len(packed.document.body),
        **{name: len(body) for name, body in packed.variants.items()},
    }
    print(
        f"{STORIES} stories, bytes: {json.dumps(sizes)}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory() as folder, ours() as own, nginx(Path(folder), packed) as other:
        print("          requests/s, median           of all rounds   p99 in ms         CPU us/request")
        print("               ours    nginx   ratio  lowest, highest    ours   nginx      ours   nginx")
        for case in CASES:
            servers = {"ours": own} | ({"nginx": other} if case.nginx_too else {})
            headers = {who: headers_for(server.url, case) for who, server in servers.items()}
            runs: dict[str, list[Run]] = {who: [] for who in servers}
            for _ in range(given.rounds):
                for who, server in servers.items():
                    runs[who].append(wrk(server, headers[who], given.seconds, given.connections))
            show(case, runs)


if __name__ == "__main__":
    main()
