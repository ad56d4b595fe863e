"""A real SMTP server on loopback, as small as RFC 5321 lets it be: keeps mail, and refuses what it is told to."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class SmtpServer:
    """``refuse[verb]`` is answered instead of what would be right ('' hangs up); ``tls`` offers STARTTLS.

    ``commands`` are all lines that it was sent, with ``(tls)`` before those that came through TLS.
    """

    tls: ssl.SSLContext | None = None
    is_tls_first: bool = False
    port: int = 0
    refuse: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @property
    def logins(self) -> list[tuple[str, str]]:
        """User and password of every AUTH PLAIN."""
        plain = [line.split()[-1] for line in self.commands if "AUTH PLAIN" in line]
        return [tuple(base64.b64decode(one).decode().split("\0")[1:]) for one in plain]  # type: ignore[misc]


class _Session(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        server: SmtpServer = self.server.desk  # type: ignore[attr-defined]
        with suppress(OSError):
            self._secured = False
            if server.is_tls_first:
                self._secure(server)
            if self._say(server, "CONNECT", "220 loopback"):
                while (line := self.rfile.readline()) and self._obey(server, line.decode().strip()):
                    pass

    def _obey(self, server: SmtpServer, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        said = f"{verb} {rest}".strip()
        server.commands.append(f"(tls) {said}" if self._secured else said)
        if verb == "EHLO":
            extensions = ["loopback", "8BITMIME", "AUTH PLAIN"]
            if server.tls and not self._secured:
                extensions.append("STARTTLS")
            last = len(extensions) - 1
            lines = "\r\n".join(f"250{' ' if n == last else '-'}{one}" for n, one in enumerate(extensions))
            return self._say(server, verb, lines)
        if verb == "STARTTLS":
            self._say(server, verb, "220 go ahead")
            self._secure(server)
            return True
        if verb == "DATA":
            return self._take(server)
        right = {"AUTH": "235 welcome", "QUIT": "221 bye"}.get(verb, "250 ok")
        if verb == "RCPT" and verb not in server.refuse:
            server.receivers.append(line[line.index("<") + 1 : line.rindex(">")])
        return self._say(server, verb, right) and verb != "QUIT"

    def _take(self, server: SmtpServer) -> bool:
        if "DATA" in server.refuse:
            return self._say(server, "DATA", "")
        self._say(server, "DATA", "354 go ahead")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        body = b"".join(lines)
        server.raw.append(body)
        server.messages.append(message_from_bytes(body, policy=policy.default))
        return self._say(server, "END", "250 taken")

    def _say(self, server: SmtpServer, verb: str, right: str) -> bool:
        """Whether the conversation goes on."""
        said = server.refuse.get(verb, right)
        if said:
            self.wfile.write(f"{said}\r\n".encode())
            self.wfile.flush()
        return bool(said)

    def _secure(self, server: SmtpServer) -> None:
        assert server.tls is not None
        self.request = server.tls.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb")
        self._secured = True


@contextmanager
def smtp_server(tls: ssl.SSLContext | None = None, *, is_tls_first: bool = False) -> Iterator[SmtpServer]:
    """The server runs in threads of its own, on a free port of 127.0.0.1."""
    desk = SmtpServer(tls, is_tls_first)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.daemon_threads = True
        server.desk = desk  # type: ignore[attr-defined]
        desk.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield desk
        finally:
            server.shutdown()
            thread.join()
