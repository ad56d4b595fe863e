"""TLS against a certificate authority made for the occasion."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import aiohttp.connector
import pytest
from aiohttp.client_reqrep import ConnectionKey
from net_peers import OpenNet, ok
from yarl import URL

from aggregator.errors import CertificateError, UnreachableError
from aggregator.model.fetch import Fetched, Validators
from aggregator.net.trouble import in_words

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)

ServeTls = Callable[[str], Awaitable[str]]


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def certify(folder: Path, name: str, subject: str, *more: str) -> None:
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key")
    openssl(folder, "req", "-x509", *new_key, "-out", f"{name}.pem", "-subj", subject, *more)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    # Python 3.13 checks strictly (VERIFY_X509_STRICT): a CA must say that it may sign, and what it signed is none.
    certify(folder, "ca", "/CN=Test CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    by_ca = ("-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE")
    certify(folder, "good", "/CN=a", *by_ca, "-addext", "subjectAltName=IP:127.0.0.1")
    certify(folder, "elsewhere", "/CN=a", *by_ca, "-addext", "subjectAltName=DNS:other.test")
    certify(folder, "alone", "/CN=b", "-addext", "subjectAltName=IP:127.0.0.1")
    return folder


@pytest.fixture
async def trusting(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)


@pytest.fixture
async def serve_tls(certificates: Path) -> AsyncIterator[ServeTls]:
    servers: list[asyncio.Server] = []

    async def start(name: str) -> str:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ok(b"<rss/>"))
            await writer.drain()
            writer.close()

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        servers.append(server)
        return f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

    yield start
    for server in servers:
        server.close()


async def test_a_good_certificate_is_accepted(trusting: None, serve_tls: ServeTls, open_net: OpenNet) -> None:
    net = await open_net()
    assert isinstance(await net.fetch(await serve_tls("good"), Validators()), Fetched)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("elsewhere", "another address; ask the partner"),
        ("alone", "self-signed; tell the partner to get one"),
    ],
)
async def test_bad_certificates_are_told_in_words(
    trusting: None, serve_tls: ServeTls, open_net: OpenNet, name: str, words: str
) -> None:
    net = await open_net()
    with pytest.raises(CertificateError, match=words):
        await net.fetch(await serve_tls(name), Validators())


async def test_by_default_only_public_authorities_are_trusted(serve_tls: ServeTls, open_net: OpenNet) -> None:
    net = await open_net()
    with pytest.raises(UnreachableError, match=r"issuer we do not know.*tell the partner"):
        await net.fetch(await serve_tls("good"), Validators())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (9, "not valid yet; look at the clock"),
        (10, "has expired; tell the partner to renew it"),
        (62, "another host; tell the partner"),
        (23, "code 23; tell the partner"),
    ],
)
def test_certificates_that_cannot_be_made_here_have_words_too(code: int, words: str) -> None:
    refused = ssl.SSLCertVerificationError()
    refused.verify_code = code
    key = ConnectionKey("partner.test", 443, True, True, None, None, None)
    error = aiohttp.ClientConnectorCertificateError(key, refused)
    assert words in str(in_words(error, URL("https://partner.test/")))


async def test_plain_http_on_a_tls_port_is_told_in_words(open_net: OpenNet) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(ok(b"<rss/>"))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        net = await open_net()
        with pytest.raises(UnreachableError, match=r"does not speak TLS.*tell the partner"):
            await net.fetch(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", Validators())
