"""A partner whose certificate was good until now."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiohttp import web
from desk import Desk, item, rss
from partner_server import PartnerServer
from partner_site import words

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed"),
]


@pytest.fixture
def self_signed_url(tmp_path: Path) -> Iterator[str]:
    """A server with a certificate that nobody vouches for."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made_by = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a")
    command = ["openssl", "req", "-x509", *made_by, "-keyout", str(key), "-out", str(certificate)]
    named = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *named], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(10)


def test_a_certificate_that_changed_is_told_as_such(
    desk: Desk, server: PartnerServer, self_signed_url: str
) -> None:
    async def over_tls(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": self_signed_url})

    desk.raw["sources"] = desk.raw["sources"][:1]
    server.handlers["/a"] = over_tls
    desk.poll("a")
    assert "self-signed" in words(desk) and "all was well" not in words(desk)
    del server.handlers["/a"]
    server.bodies["/a"] = rss(item(1))
    desk.poll("a")
    server.handlers["/a"] = over_tls
    desk.poll("a")
    told = words(desk)
    assert "has a TLS certificate that is self-signed; tell the partner" in told
    assert "; all was well until 23 Nov 06:01 UTC: the certificate has changed or run out since" in told
