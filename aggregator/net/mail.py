"""Mail to ops, by the server that ops name. It is their own word in the environment, so no guard stands before it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from aggregator.errors import MailError
from aggregator.model.characters import HARMFUL

SMTP_VARIABLE = "AGGREGATOR_SMTP"
DEFAULT_SERVER = "smtp://localhost:25"
# For each step of the conversation.
STEP_DEADLINE_S = 10.0

_PORTS = {"smtp": smtplib.SMTP_PORT, "smtps": smtplib.SMTP_SSL_PORT}
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; ``is_tls``: by TLS from the first byte (smtps)."""

    host: str
    port: int
    is_tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, where nobody listens in between."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True, slots=True)
class Mail:
    """A text for one receiver. ``our_host`` is the name that we greet with, and ends Message-IDs."""

    sender_name: str
    sender: str
    receiver: str
    subject: str
    text: str
    sent_at: datetime
    our_host: str


def mail_server(environ: Mapping[str, str]) -> MailServer:
    """What AGGREGATOR_SMTP names: ``smtp://[user:password@]host[:port]``, or smtps. Raises MailError."""
    try:
        parts = urlsplit(environ.get(SMTP_VARIABLE) or DEFAULT_SERVER)
        return _mail_server(parts)
    except ValueError:
        # Without what stands there: it may hold a password.
        raise MailError(
            f"{SMTP_VARIABLE} must be like smtp://user:password@mail.example.com:587 or smtps://..., with a percent "
            "sign and its number for each of @ : / % in the password"
        ) from None


def _mail_server(parts: SplitResult) -> MailServer:
    host = parts.hostname
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError
    if bool(parts.username) != bool(parts.password):
        raise ValueError
    port = parts.port or _PORTS[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(host, port, parts.scheme == "smtps", user, password)


def send_mail(server: MailServer, mail: Mail) -> None:
    """Hand it in (RFC 5321); blocks, up to STEP_DEADLINE_S for each step of the conversation.

    A password is given only after STARTTLS (RFC 3207), or to a server on this machine. Raises MailError, whose words
    hold neither the password nor the receiver.
    """
    place = f"{server.host}:{server.port}"
    try:
        message = _message(mail)
        smtp = _connected(server, mail.our_host)
        try:
            if server.password:
                _log_in(smtp, server)
            smtp.send_message(message, mail.sender, [mail.receiver])
            # From here on it is theirs: whatever happens now must not make us send it again.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()
    except smtplib.SMTPAuthenticationError as error:
        raise MailError(
            f"{place} refuses the user name or the password of {SMTP_VARIABLE} ({error.smtp_code})"
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        said = _said(*error.recipients[mail.receiver], mail.receiver)
        raise MailError(f"{place} refuses the address in alerts.email: {said}") from None
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_code, error.smtp_error, mail.receiver)
        raise MailError(f"{place} does not take the message: {said}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(f"{place} takes no mail: {_reason(error)}") from None
    except (ValueError, MessageError):
        raise MailError(
            f"{place} cannot be told an address or the password: the protocol does not know its characters"
        ) from None


def _message(mail: Mail) -> EmailMessage:
    """Raises ValueError or MessageError for what no header may hold."""
    message = EmailMessage()
    message["From"] = Address(mail.sender_name, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=mail.receiver)
    message["Subject"] = mail.subject
    message["Date"] = mail.sent_at
    message["Message-ID"] = make_msgid(domain=mail.our_host)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers
    message.set_content(mail.text, cte="quoted-printable")
    return message


def _connected(server: MailServer, our_name: str) -> smtplib.SMTP:
    if server.is_tls:
        return smtplib.SMTP_SSL(
            server.host, server.port, our_name, timeout=STEP_DEADLINE_S, context=_tls(server)
        )
    return smtplib.SMTP(server.host, server.port, our_name, timeout=STEP_DEADLINE_S)


def _log_in(smtp: smtplib.SMTP, server: MailServer) -> None:
    smtp.ehlo_or_helo_if_needed()
    if not server.is_tls:
        if smtp.has_extn("starttls"):
            smtp.starttls(context=_tls(server))
        elif not server.is_here:
            raise smtplib.SMTPNotSupportedError(
                f"it offers no STARTTLS, and a password is not sent in clear; write smtps:// in {SMTP_VARIABLE}"
            )
    smtp.login(server.user, server.password)


def _tls(server: MailServer) -> ssl.SSLContext:
    """On this machine certificates are usually self-signed, and there is nobody to be fooled by."""
    context = ssl.create_default_context()
    if server.is_here:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _said(code: int, text: bytes | str, receiver: str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    words = HARMFUL.sub("", " ".join(words.replace(receiver, "(alerts.email)").split()))
    return f"{code} {words[:_SHOWN_CHARACTERS]}"


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return f"no answer within {STEP_DEADLINE_S:.0f} s"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
