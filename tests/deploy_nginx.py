"""A running nginx with the shipped configuration, in a folder of its own and on loopback."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from deploy_tools import adapted, program
from service_process import free_port

# What Debian's nginx.conf says around a site, as far as it matters.
AROUND = """
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    sendfile on;
    gzip on;
    types {{ text/html html; }}
    default_type application/octet-stream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Reply:
    """What came back. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Nginx:
    """nginx in ``folder`` before ``upstream_port``, with ``folder/public`` as the published files."""

    folder: Path
    upstream_port: int
    port: int = field(default_factory=free_port)

    @property
    def public(self) -> Path:
        return self.folder / "public"

    @property
    def command(self) -> list[str]:
        # Errors before the configuration is read would go to the machine's own log.
        return [
            program("nginx"),
            *(
                "-p",
                str(self.folder),
                "-c",
                str(self.folder / "nginx.conf"),
                "-e",
                str(self.folder / "error.log"),
            ),
        ]

    def logs_up_to(self, words: str) -> str:
        """Both logs, once these words are in the one of requests: it is written after a request was answered."""
        ends_at_s = time.monotonic() + 5
        while words not in (log := (self.folder / "access.log").read_text()):
            assert time.monotonic() < ends_at_s, f"{words} is in no log: {log}"
            time.sleep(0.02)
        return log + (self.folder / "error.log").read_text()

    def configure(self) -> None:
        self.public.mkdir(parents=True, exist_ok=True)
        site = adapted(
            "nginx/aggregator.conf",
            {
                "server 127.0.0.1:8080;": f"server 127.0.0.1:{self.upstream_port};",
                "listen 80;": f"listen 127.0.0.1:{self.port};",
                "listen [::]:80;": "",
                "/var/cache/aggregator-nginx": str(self.folder / "cache"),
                "/var/log/aggregator/": f"{self.folder}/",
                "root /srv/aggregator;": f"root {self.public};",
            },
        )
        (self.folder / "site.conf").write_text(site)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(AROUND.format(user=user, folder=self.folder))

    def post(self, path: str, body: bytes) -> Reply:
        """One POST of its own connection."""
        return self.get(path, method="POST", body=body, content_length=str(len(body)))

    def get(
        self,
        path: str,
        *,
        method: str = "GET",
        source: str = "127.0.0.1",
        body: bytes | None = None,
        **headers: str,
    ) -> Reply:
        """One request of its own connection; ``accept_encoding="gzip"`` sends Accept-Encoding."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders(body)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, received, response.read())
        finally:
            connection.close()


@contextmanager
def nginx(folder: Path, upstream_port: int) -> Iterator[Nginx]:
    """Started and answering; ended with everything of it afterwards."""
    server = Nginx(folder, upstream_port)
    server.configure()
    with subprocess.Popen(server.command, stderr=subprocess.PIPE) as process:
        try:
            give_up_at_s = time.monotonic() + 10
            while True:
                try:
                    server.get("/.ready")
                    break
                except OSError:
                    assert process.poll() is None, process.stderr and process.stderr.read().decode()
                    assert time.monotonic() < give_up_at_s
                    time.sleep(0.05)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=10)
