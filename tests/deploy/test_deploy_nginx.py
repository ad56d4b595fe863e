"""The shipped nginx configuration in a running nginx: before a stand-in that does as told, and before the desk."""

from __future__ import annotations

import gzip
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from deploy_nginx import Nginx, nginx
from desk import item, raw_config, rss
from partner_server import partner_server
from service_process import free_port, service

BODY = b"<rss>" + b"kabar pagi " * 500 + b"</rss>"
FILE = b"<rss>" + b"dari berkas " * 500 + b"</rss>"
CACHED_S = 11.5  # nginx keeps an answer ten seconds, and tells the time in whole ones


@dataclass
class StandIn:
    """Answers /feeds/all.rss as the desk does, everything else with its path; counts what reaches it."""

    port: int = field(default_factory=free_port)
    requests: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200
    hangs: bool = False
    _server: ThreadingHTTPServer | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _connections: list[socket.socket] = field(default_factory=list)

    def start(self) -> None:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                stand_in._connections.append(self.request)
                super().setup()

            def do_GET(self) -> None:
                stand_in.requests.append((self.path, self.headers.get("Accept-Encoding", "")))
                if stand_in.hangs:
                    self.close_connection = stand_in._stopped.wait()
                    return
                packed = "gzip" in self.headers.get("Accept-Encoding", "")
                tag = '"all-gzip"' if packed else '"all"'
                body = self.path.encode() if stand_in.status != 200 or "feeds" not in self.path else BODY
                unchanged = self.headers.get("If-None-Match") == tag
                self.send_response(304 if unchanged else stand_in.status)
                self.send_header("ETag", tag)
                self.send_header("Vary", "Accept-Encoding")
                self.send_header("Cache-Control", "public, max-age=60, stale-if-error=86400")
                if not unchanged:
                    body = gzip.compress(body, mtime=0) if packed else body
                    self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                    self.send_header("Content-Length", str(len(body)))
                    if packed:
                        self.send_header("Content-Encoding", "gzip")
                self.end_headers()
                if not unchanged:
                    self.wfile.write(body)

            def do_POST(self) -> None:
                size_bytes = int(self.headers["Content-Length"])
                self.rfile.read(size_bytes)
                stand_in.requests.append((self.path, f"{size_bytes} bytes"))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for connection in self._connections:  # nginx keeps some open, as it does to the desk
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def upstream() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def front(tmp_path: Path, upstream: StandIn) -> Iterator[Nginx]:
    """nginx before the stand-in, with files in its public folder."""
    with nginx(tmp_path, upstream.port) as running:
        feeds = running.public / "feeds"
        feeds.mkdir()
        for name in ("all.rss", "all.atom", "all.json", "other.rss", "google.xml"):
            (feeds / name).write_bytes(FILE)
            (feeds / f"{name}.gz").write_bytes(gzip.compress(FILE, mtime=0))
        (running.public / "feeds.opml").write_bytes(FILE)
        (running.public / "index.html").write_bytes(b"<!doctype html>")
        (running.public / ".service.lock").touch()
        (feeds / ".writing-x").write_bytes(FILE[:100])
        yield running


def test_the_configuration_is_valid_without_a_warning(tmp_path: Path) -> None:
    server = Nginx(tmp_path, 1)
    server.configure()
    done = subprocess.run([*server.command, "-t", "-q"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_a_document_passes_as_the_desk_packed_it_and_is_asked_for_once(
    front: Nginx, upstream: StandIn
) -> None:
    for _ in range(3):
        reply = front.get("/feeds/all.rss", accept_encoding="gzip, br")
        assert (reply.status, gzip.decompress(reply.body)) == (200, BODY)
        assert reply.headers["etag"] == '"all-gzip"'  # strong: nothing was packed anew
        assert reply.headers["vary"] == "Accept-Encoding"
        assert reply.headers["cache-control"] == "public, max-age=60, stale-if-error=86400"
        assert reply.headers["content-type"] == "application/rss+xml; charset=utf-8"
    plain = front.get("/feeds/all.rss")
    assert (plain.body, plain.headers["etag"]) == (BODY, '"all"')
    assert "content-encoding" not in plain.headers
    assert upstream.requests == [("/feeds/all.rss", "gzip, br"), ("/feeds/all.rss", "")]


def test_an_unchanged_document_is_304_out_of_the_cache(front: Nginx, upstream: StandIn) -> None:
    front.get("/feeds/all.rss", accept_encoding="gzip")
    for tags in ('"all-gzip"', 'W/"all-gzip"', '"older", "all-gzip"'):
        reply = front.get("/feeds/all.rss", accept_encoding="gzip", if_none_match=tags)
        assert (reply.status, reply.body) == (304, b"")
    assert front.get("/feeds/all.rss", accept_encoding="gzip", if_none_match='"all"').status == 200
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/all.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/all.json", "application/feed+json"),
        ("/feeds/google.xml", "application/xml; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
    ],
)
def test_files_are_served_while_nobody_answers(
    front: Nginx, upstream: StandIn, path: str, media_type: str
) -> None:
    upstream.stop()
    plain = front.get(path)
    assert (plain.status, plain.headers["content-type"]) == (200, media_type)
    assert plain.body == (b"<!doctype html>" if "feeds" not in path else FILE)
    if path.startswith("/feeds/"):
        packed = front.get(path, accept_encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["content-type"] == media_type
        assert packed.headers["vary"] == "Accept-Encoding"
        assert packed.headers["access-control-allow-origin"] == "*"
        assert gzip.decompress(packed.body) == FILE
        assert front.get(path, if_none_match=plain.headers["etag"]).status == 304
        assert front.get(path, method="HEAD").headers["content-length"] == str(len(FILE))
    assert front.get("/feeds/moved.rss").status == 503
    upstream.start()
    assert front.get("/feeds/other.rss").body == BODY


@pytest.mark.slow
def test_files_are_served_when_the_desk_hangs(front: Nginx, upstream: StandIn) -> None:
    upstream.hangs = True
    began_s = time.monotonic()
    assert front.get("/feeds/all.rss").body == FILE
    assert 4 < time.monotonic() - began_s < 7


@pytest.mark.parametrize("status", [404, 410, 500, 502, 503])
def test_what_the_desk_says_is_passed_on(front: Nginx, upstream: StandIn, status: int) -> None:
    upstream.status = status
    reply = front.get("/feeds/all.rss")
    assert (reply.status, reply.body) == (status, b"/feeds/all.rss")


@pytest.mark.slow
def test_newer_files_win_over_the_cache_once_nobody_answers(front: Nginx, upstream: StandIn) -> None:
    """A story that was hidden while the desk is down must not live on in the cache ("stale-if-error")."""
    assert front.get("/feeds/all.rss").body == BODY
    upstream.stop()
    time.sleep(CACHED_S)
    assert front.get("/feeds/all.rss").body == FILE


@pytest.mark.parametrize("path", ["/.service.lock", "/feeds/.writing-x", "/feeds/../.service.lock"])
@pytest.mark.parametrize("alive", [True, False])
def test_the_folders_own_files_are_nobodys_business(
    front: Nginx, upstream: StandIn, path: str, alive: bool
) -> None:
    if not alive:
        upstream.stop()
    assert front.get(path).status == 404
    assert upstream.requests == []


KEY = "k" * 32


@pytest.mark.parametrize(
    "path", [f"/feeds/s/{KEY}.rss", f"/feeds/%73/{KEY}.rss", f"//feeds/x/../s/{KEY}.rss", f"/feeds/s/.{KEY}"]
)
@pytest.mark.parametrize("alive", [True, False])
def test_what_a_subscriber_asks_for_is_in_no_log_and_no_cache(
    front: Nginx, upstream: StandIn, path: str, alive: bool
) -> None:
    (front.public / "feeds/s").mkdir()
    (front.public / f"feeds/s/{KEY}.rss").write_bytes(FILE)
    if not alive:
        upstream.stop()
    replies = [front.get(path) for _ in range(2)]
    if "/." in path.replace("/../", "/"):
        assert [reply.status for reply in replies] == [404, 404]
    elif alive:
        assert [reply.body for reply in replies] == [BODY, BODY]
        assert len(upstream.requests) == 2
    else:
        for reply in replies:
            assert (reply.status, reply.body) == (200, FILE)
            assert reply.headers["cache-control"] == "private, max-age=60"
            assert reply.headers["x-robots-tag"] == "noindex"
    public = front.get("/feeds/all.rss")
    assert "x-robots-tag" not in public.headers
    assert KEY not in front.logs_up_to("/feeds/all.rss")
    assert not [cached for cached in (front.folder / "cache").rglob("*") if KEY.encode() in _bytes(cached)]


def test_hubs_reach_the_desk_each_time_with_whole_feeds_and_tokens_are_in_no_log(
    front: Nginx, upstream: StandIn
) -> None:
    callback = f"/websub/{KEY}"
    asked = f"{callback}?hub.mode=subscribe&hub.challenge=a"
    assert [front.get(asked).status for _ in range(2)] == [200, 200]
    assert front.post(callback, b"x" * 5_000_000).status == 202
    assert front.post("/hub", b"x" * 1000).status == 202
    assert front.post("/hub", b"x" * 100_000).status == 413
    assert [path for path, _ in upstream.requests] == [asked, asked, callback, "/hub"]
    upstream.stop()
    assert front.post(callback, b"x").status == 502
    front.get("/feeds/all.rss")
    assert KEY not in front.logs_up_to("/feeds/all.rss")


def test_one_address_asks_the_hub_for_a_hundred_feeds_at_once_and_then_slowly(
    front: Nginx, upstream: StandIn
) -> None:
    statuses = [front.post("/hub", b"x").status for _ in range(150)]
    assert set(statuses) == {202, 429}
    assert statuses.index(429) >= 100
    assert len(upstream.requests) == statuses.count(202)
    assert front.get("/feeds/all.rss").status == 200


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def test_no_folder_is_listed(front: Nginx, upstream: StandIn) -> None:
    (front.public / "feeds/s").mkdir()
    upstream.stop()
    assert [front.get(path).status for path in ("/feeds/s/", "/feeds/s", "/feeds/")] == [503, 301, 503]


@pytest.mark.parametrize("path", ["/ops/", "/ops/status.json", "/healthz", "/readyz", "/metrics"])
def test_what_is_true_for_a_moment_only_is_never_kept(front: Nginx, upstream: StandIn, path: str) -> None:
    assert [front.get(path).body for _ in range(2)] == [path.encode()] * 2
    assert len(upstream.requests) == 2
    upstream.stop()
    assert front.get(path).status == 502


def test_outsiders_get_neither_metrics_nor_readiness(front: Nginx, upstream: StandIn) -> None:
    statuses = {
        path: front.get(path, source="127.0.0.2").status for path in ("/metrics", "/readyz", "/healthz")
    }
    assert statuses == {"/metrics": 403, "/readyz": 403, "/healthz": 200}
    assert [path for path, _ in upstream.requests] == ["/healthz"]


@pytest.mark.slow
def test_before_the_desk_itself(tmp_path: Path) -> None:
    """Served, cached, killed, served from files with the same bytes and types, started again."""
    paths = ("/", "/feeds/all.rss", "/feeds/all.atom", "/feeds/all.json", "/feeds.opml")
    (tmp_path / "front").mkdir()
    with partner_server() as partner:
        partner.bodies |= {"/a": rss(item(1), item(2)), "/b": rss(item(3, host="b.example"))}
        raw = raw_config({"a": partner.url("/a"), "b": partner.url("/b")})
        raw["fetch"]["first_poll_max_age"] = "36500d"
        with (
            service(tmp_path, raw, every_s=60, public=tmp_path / "front/public") as desk,
            nginx(tmp_path / "front", desk.port) as front,
        ):
            desk.start()
            desk.wait_for(
                lambda: b"judul-3" in desk.get("feeds/all.rss")[1], 20, "the partners are published"
            )
            time.sleep(CACHED_S)  # what was asked for before there was news
            live = {path: front.get(path) for path in paths}
            for path in paths:
                packed = front.get(path, accept_encoding="gzip")
                assert (packed.headers["content-encoding"], packed.status) == ("gzip", 200)
                assert gzip.decompress(packed.body) == live[path].body
                tag = packed.headers["etag"]
                assert front.get(path, accept_encoding="gzip", if_none_match=tag).status == 304
            assert front.get("/ops/").status == 404
            assert front.get("/readyz").status == 200

            desk.kill()
            time.sleep(CACHED_S)
            for path in paths:
                file = front.get(path)
                assert (file.status, file.body) == (200, live[path].body)
                assert file.headers["content-type"] == live[path].headers["content-type"]
                assert gzip.decompress(front.get(path, accept_encoding="gzip").body) == file.body
            assert front.get("/healthz").status == 502

            desk.start()
            desk.wait_for(desk.is_ready, 20, "ready again")
            again = {path: front.get(path) for path in paths}
            assert {path: reply.headers["etag"] for path, reply in again.items()} == {
                path: reply.headers["etag"] for path, reply in live.items()
            }
