"""Mail is handed in once, header-safe, and a password only where nobody listens in."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from smtp_server import SmtpServer, smtp_server

from aggregator.errors import MailError
from aggregator.net.mail import Mail, MailServer, mail_server, send_mail

AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MAIL = Mail(
    "Jambi Seru — meja",
    "redaksi@jambiseru.com",
    "ops@jambiseru.com",
    "kompas failing — 3 kali",
    "Baris satu\n\n- “kutipan” dan .titik\n.\nbaris akhir\n",
    AT,
    "feeds.jambiseru.com",
)
SECRET = "s3cret:/@%"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Self-signed, as on most machines that hand mail on."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    folder = tmp_path_factory.mktemp("smtp-tls")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem")
    command = ["openssl", "req", "-x509", *new_key, "-out", "cert.pem", "-subj", "/CN=snakeoil"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(folder, "cert.pem"), Path(folder, "key.pem"))
    return context


def at(server: SmtpServer, **parts: object) -> MailServer:
    return replace(MailServer("127.0.0.1", server.port), **parts)  # type: ignore[arg-type]


def trouble(server: MailServer, mail: Mail = MAIL) -> str:
    with pytest.raises(MailError) as caught:
        send_mail(server, mail)
    words = str(caught.value)
    assert SECRET not in words
    assert mail.receiver not in words
    assert "\n" not in words
    return words


def test_a_mail_arrives_whole(server: SmtpServer) -> None:
    send_mail(at(server), MAIL)
    (message,) = server.messages
    assert server.receivers == ["ops@jambiseru.com"]
    assert message["From"].addresses[0].display_name == "Jambi Seru — meja"
    assert message["From"].addresses[0].addr_spec == "redaksi@jambiseru.com"
    assert message["To"] == "ops@jambiseru.com"
    assert message["Subject"] == "kompas failing — 3 kali"
    assert parsedate_to_datetime(message["Date"]) == AT
    assert message["Message-ID"].endswith("@feeds.jambiseru.com>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_charset() == "utf-8"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text
    assert server.raw[0].isascii()
    assert server.commands[0] == "EHLO feeds.jambiseru.com"


@pytest.mark.parametrize("field", ["subject", "sender_name", "sender", "receiver"])
def test_nobody_adds_a_header(server: SmtpServer, field: str) -> None:
    parts: dict[str, Any] = {field: str(getattr(MAIL, field)) + "\r\nBcc: all@jambiseru.com"}
    with pytest.raises(MailError):
        send_mail(at(server), replace(MAIL, **parts))
    assert server.messages == []


@pytest.mark.parametrize(
    ("verb", "said", "words"),
    [
        ("CONNECT", "554 no service", "does not take the message: 554 no service"),
        ("CONNECT", "", "takes no mail: Connection unexpectedly closed"),
        ("MAIL", "451 later", "does not take the message: 451 later"),
        (
            "RCPT",
            "550 <ops@jambiseru.com> unknown",
            "refuses the address in alerts.email: 550 <(alerts.email)>",
        ),
        ("DATA", "552 too\x1b[31m large", "does not take the message: 552 too[31m large"),
        ("END", "554 spam", "does not take the message: 554 spam"),
        ("END", "", "takes no mail: Connection unexpectedly closed"),
    ],
)
def test_a_refusal_is_said_in_words(server: SmtpServer, verb: str, said: str, words: str) -> None:
    server.refuse[verb] = said
    assert words in trouble(at(server))


def test_what_was_taken_is_not_called_a_failure_by_a_bad_goodbye(server: SmtpServer) -> None:
    for goodbye in ("", "421 broken"):
        server.refuse["QUIT"] = goodbye
        send_mail(at(server), MAIL)
    assert len(server.messages) == 2


def test_nobody_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    assert trouble(MailServer("127.0.0.1", port)) == f"127.0.0.1:{port} takes no mail: Connection refused"


def test_a_password_goes_through_starttls_where_it_is_offered(tls: ssl.SSLContext) -> None:
    with smtp_server(tls) as server:
        send_mail(at(server, user="ops", password=SECRET), MAIL)
        assert server.logins == [("ops", SECRET)]
        assert all(line.startswith("(tls)") for line in server.commands if "AUTH" in line or "MAIL" in line)
        assert len(server.messages) == 1


def test_without_a_password_nothing_is_asked_of_tls(tls: ssl.SSLContext) -> None:
    with smtp_server(tls) as server:
        send_mail(at(server), MAIL)
        assert "STARTTLS" not in server.commands


def test_smtps_is_tls_from_the_first_byte(tls: ssl.SSLContext) -> None:
    with smtp_server(tls, is_tls_first=True) as server:
        send_mail(at(server, is_tls=True, user="ops", password=SECRET), MAIL)
        assert all(line.startswith("(tls)") for line in server.commands)
        assert server.logins == [("ops", SECRET)]


def test_a_password_is_not_sent_in_clear_nor_to_an_impostor(
    server: SmtpServer, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A name that is not this machine's own, although it leads here.
    ask = socket.getaddrinfo

    def here(host: object, *args: object, **options: object) -> object:
        return ask("127.0.0.1" if host == "mail.example" else host, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", here)
    assert "offers no STARTTLS" in trouble(at(server, host="mail.example", user="ops", password=SECRET))
    with smtp_server(tls) as impostor:
        far = at(impostor, host="mail.example", user="ops", password=SECRET)
        assert "its certificate is not accepted (self-signed certificate)" in trouble(far)
        assert impostor.logins == server.logins == []


def test_a_refused_password_is_not_said(server: SmtpServer) -> None:
    server.refuse["AUTH"] = f"535 no: {SECRET}"
    words = trouble(at(server, user="ops", password=SECRET))
    assert "refuses the user name or the password of AGGREGATOR_SMTP (535)" in words
    assert "cannot be told" in trouble(at(server, user="ops", password="kunci-é"))


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("", MailServer("localhost", 25)),
        ("smtp://localhost", MailServer("localhost", 25)),
        ("smtp://mail.example.com:587/", MailServer("mail.example.com", 587)),
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, is_tls=True)),
        (
            "smtp://ops%40x.id:s3cret%3A%2F%40%25@[::1]:2525",
            MailServer("::1", 2525, user="ops@x.id", password=SECRET),
        ),
    ],
)
def test_the_environment_names_the_server(address: str, server: MailServer) -> None:
    found = mail_server({"AGGREGATOR_SMTP": address})
    assert found == server
    assert found.password == server.password
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    "address",
    [
        "mail.example.com:25",
        "http://mail.example.com/",
        "smtp://",
        "smtp://ops@mail.example.com",
        "smtp://:pw@mail.example.com",
        "smtp://ops:p/w@mail.example.com",
        "smtp://ops:pw@mail.example.com:587000",
        "smtp://ops:pw@mail.example.com/?tls=no",
        "smtp://ops:pw@[mail.example.com",
    ],
)
def test_another_address_is_refused_without_showing_it(address: str) -> None:
    with pytest.raises(MailError, match="AGGREGATOR_SMTP must be like smtp://") as caught:
        mail_server({"AGGREGATOR_SMTP": address})
    assert "pw" not in str(caught.value)
    assert caught.value.__suppress_context__
