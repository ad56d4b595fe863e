"""What went wrong, in words for ops: aiohttp's and the system's errors, and HTTP statuses, as FetchErrors."""

from __future__ import annotations

import errno
import socket

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from yarl import URL

from aggregator.errors import BadResponseError, BadStatusError, FetchError, GoneError, UnreachableError
from aggregator.net.headers import RETRY_AT_MOST_S
from aggregator.net.rest import span

_STATUSES = {
    206: "it sent a part, though we asked for the whole",
    401: "it asks for a login or blocks robots",
    403: "it asks for a login or blocks robots",
    404: "there is nothing at this address; ask the partner for the feed's address, for sources[].url",
    410: "the partner withdrew this address",
}
_STATUS_CLASSES = {
    2: "that brings no feed",
    3: "a redirect of a kind that cannot be followed",
    4: "it refuses the request",
    5: "the partner's server has an error",
}
# OpenSSL's X509_V_ERR_* numbers: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes
_CERTIFICATES = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "is self-signed",
    20: "comes from an issuer we do not know, or without its intermediate certificate",
    21: "comes without its intermediate certificate",
    62: "is made out to another host",
    64: "is made out to another address",
}
_NAMES = {
    socket.EAI_NONAME: "is a host name that does not exist",
    socket.EAI_NODATA: "is a host name without an address",
    socket.EAI_AGAIN: "cannot be looked up: the name servers do not answer",
    socket.EAI_FAIL: "cannot be looked up: the name servers report a failure",
}
_CONNECTIONS = {
    errno.ECONNREFUSED: "refuses connections",
    errno.ECONNRESET: "broke the connection off",
    errno.ETIMEDOUT: "does not answer",
    errno.ENETUNREACH: "cannot be reached: there is no route to its network",
    errno.EHOSTUNREACH: "cannot be reached: there is no route to it",
}

_OTHERS: tuple[tuple[type[Exception], type[FetchError], str], ...] = (
    (aiohttp.ServerDisconnectedError, UnreachableError, "closed the connection without an answer"),
    (aiohttp.ClientPayloadError, BadResponseError, "sent a body that is cut short or damaged on the way"),
    (aiohttp.ClientResponseError, BadResponseError, "did not answer in HTTP that can be read"),
    (HttpProcessingError, BadResponseError, "did not answer in HTTP that can be read"),
    (OSError, UnreachableError, "broke the connection off"),
    (ValueError, UnreachableError, "cannot be asked: the name or the request is malformed"),
)


def status_error(status: int, host: str, retry_after_s: float | None) -> BadStatusError:
    """An answer that is neither a body, a redirect nor 304 (RFC 9110, section 15)."""
    words = [] if status == 429 else [_status_words(status)]
    if status == 429 or retry_after_s is not None:
        words.append(_asks_us_to_wait(retry_after_s))
    kind = GoneError if status == 410 else BadStatusError
    return kind(f"{host} answered {status}: {'; '.join(words)}", status, retry_after_s)


def _status_words(status: int) -> str:
    return _STATUSES.get(status) or _STATUS_CLASSES.get(status // 100, "no status that HTTP knows")


def _asks_us_to_wait(retry_after_s: float | None) -> str:
    if retry_after_s is None:
        return "it asks us to wait"
    if retry_after_s >= RETRY_AT_MOST_S:
        return f"it asks us to wait {span(RETRY_AT_MOST_S)} or longer; it is asked again after {span(RETRY_AT_MOST_S)}"
    return f"it asks us to wait {span(retry_after_s)}"


def in_words(error: Exception, url: URL) -> FetchError:
    """The FetchError that stands for what aiohttp, ssl or the system raised while ``url`` was fetched."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return UnreachableError(f"{url.host} {_connection_words(error)} (port {url.port})")
    if _caused_by_length(error):
        return BadResponseError(f"{url.host} sent a header too long to accept")
    for kind, raised, words in _OTHERS:
        if isinstance(error, kind):
            return raised(f"{url.host} {words}")
    return UnreachableError(f"{url.host} cannot be fetched from ({type(error).__name__})")


def _connection_words(error: aiohttp.ClientConnectorError) -> str:
    number = error.os_error.errno or 0
    match error:
        case aiohttp.ClientConnectorDNSError():
            return _NAMES.get(number, f"cannot be looked up: error {number} of the system's resolver")
        case aiohttp.ClientConnectorCertificateError():
            code = getattr(error.certificate_error, "verify_code", 0)
            return (
                f"has a TLS certificate that {_CERTIFICATES.get(code, f'OpenSSL refuses with code {code}')}"
            )
        case aiohttp.ClientConnectorSSLError():
            return f"does not speak TLS as we do: {error.os_error.strerror or 'no reason is given'}"
    return _CONNECTIONS.get(number, f"cannot be connected to: error {number} of the system")


def _caused_by_length(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, LineTooLong):
        cause = cause.__cause__
    return cause is not None
