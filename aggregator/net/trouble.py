"""What went wrong and what ops can do: aiohttp's and the system's errors, and HTTP statuses, as FetchErrors."""

from __future__ import annotations

import errno
import socket

import aiohttp
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError, LineTooLong
from yarl import URL

from aggregator.errors import (
    BadResponseError,
    BadStatusError,
    CertificateError,
    FetchError,
    GoneError,
    UnknownHostError,
    UnreachableError,
)
from aggregator.model.span import span
from aggregator.net.headers import RETRY_AT_MOST_S

# Of the head of an answer: the longest line, and how many of them (aiohttp's own limits, said to it in net.fetch).
MAX_HEADER_BYTES = 8190
MAX_HEADERS = 128

_STATUSES = {
    206: "it sent a part, though we asked for the whole",
    401: "it asks for a login, and we have none; ask the partner for an address without one, for sources[].url",
    403: "it refuses us; ask the partner to let our User-Agent through: {user_agent}",
    404: "there is nothing at this address; ask the partner for the feed's address, for sources[].url",
    410: "the partner withdrew this address; ask for the new one, for sources[].url, or remove the source",
}
_STATUS_CLASSES = {
    2: "that brings no feed; look at the address in a browser, and ask the partner",
    3: "a redirect of a kind that cannot be followed; ask the partner for the feed's address, for sources[].url",
    4: "it refuses the request; ask the partner why",
    5: "the partner's server has an error; tell the partner if it lasts",
}
# OpenSSL's X509_V_ERR_* numbers: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes
_CERTIFICATES = {
    9: "is not valid yet; look at the clock of this machine, and tell the partner if it is right",
    10: "has expired; tell the partner to renew it",
    18: "is self-signed; tell the partner to get one from a public authority",
    19: "is self-signed; tell the partner to get one from a public authority",
    20: "comes from an issuer we do not know, or without its intermediate certificate; tell the partner",
    21: "comes without its intermediate certificate; tell the partner to install the whole chain",
    62: "is made out to another host; tell the partner, or ask which host sources[].url must name",
    64: "is made out to another address; ask the partner which host sources[].url must name",
}
_IF_OTHERS_TOO = "if other sources say the same, look at {}; otherwise tell the partner"
_RESOLVER = _IF_OTHERS_TOO.format("the resolver of this machine")
_NETWORK = _IF_OTHERS_TOO.format("the network of this machine")
_WHERE_NOW = "look for a slip in sources[].url, or ask the partner where its feed is now"
_NAMES = {
    socket.EAI_NONAME: f"is a host name that does not exist; {_WHERE_NOW}",
    socket.EAI_NODATA: f"is a host name without an address; {_WHERE_NOW}",
    socket.EAI_AGAIN: f"cannot be looked up: the name servers do not answer; {_RESOLVER}",
    socket.EAI_FAIL: f"cannot be looked up: the name servers report a failure; {_RESOLVER}",
}
_CONNECTIONS = {
    errno.ECONNREFUSED: "refuses connections: its server is down, or shuts us out; tell the partner if it lasts",
    errno.ECONNRESET: "broke the connection off; tell the partner if it lasts",
    errno.ETIMEDOUT: f"does not answer; {_NETWORK}",
    errno.ENETUNREACH: f"cannot be reached: there is no route to its network; {_NETWORK}",
    errno.EHOSTUNREACH: f"cannot be reached: there is no route to it; {_NETWORK}",
}

_OTHERS: tuple[tuple[type[Exception], type[FetchError], str], ...] = (
    (aiohttp.ServerDisconnectedError, UnreachableError, "closed the connection without an answer"),
    (aiohttp.ClientPayloadError, BadResponseError, "sent a body that is cut short or damaged on the way"),
    (aiohttp.ClientResponseError, BadResponseError, "did not answer in HTTP that can be read"),
    (HttpProcessingError, BadResponseError, "did not answer in HTTP that can be read"),
    (OSError, UnreachableError, "broke the connection off"),
)


def status_error(
    status: int, host: str, user_agent: str, *, retry_after_s: float | None = None, wall: str = ""
) -> BadStatusError:
    """An answer that is neither a body, a redirect nor 304 (RFC 9110, section 15); ``wall`` as net.wall names it."""
    words = [] if status == 429 else [_status_words(status, wall).format(user_agent=user_agent)]
    if status == 429 or retry_after_s is not None:
        words.append(_asks_us_to_wait(retry_after_s))
    kind = GoneError if status == 410 else BadStatusError
    return kind(f"{host} answered {status}: {'; '.join(words)}", status, retry_after_s)


def refused_post(status: int, host: str, retry_after_s: float | None) -> BadStatusError:
    """What was posted was not taken."""
    words = "it redirects, which is not followed" if status // 100 == 3 else "it does not take what we post"
    if status == 429 or retry_after_s is not None:
        words = _asks_us_to_wait(retry_after_s)
    return BadStatusError(f"{host} answered {status}: {words}", status, retry_after_s)


def _status_words(status: int, wall: str) -> str:
    if wall:
        return (
            f"a bot wall ({wall}) keeps us out; ask the partner to let our User-Agent through: {{user_agent}}"
        )
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
        unreachable, words = _connection_words(error)
        return unreachable(f"{url.host} (port {url.port}) {words}")
    if too_much := _too_much_head(error):
        return BadResponseError(f"{url.host} sent {too_much}, which is a fixed limit; tell the partner")
    for raised, kind, words in _OTHERS:
        if isinstance(error, raised):
            return kind(f"{url.host} {words}; tell the partner if it lasts")
    if isinstance(error, ValueError):
        return UnreachableError(
            f"{url.host} cannot be asked: the name or the request is malformed; look at sources[].url"
        )
    return UnreachableError(f"{url.host} cannot be fetched from ({type(error).__name__})")


def in_few_words(error: Exception, url: URL) -> FetchError:
    """The same of what is no source: without what ops can do about one."""
    told = in_words(error, url)
    return type(told)(str(told).partition("; ")[0])


def _connection_words(error: aiohttp.ClientConnectorError) -> tuple[type[UnreachableError], str]:
    number = error.os_error.errno or 0
    match error:
        case aiohttp.ClientConnectorDNSError():
            words = _NAMES.get(number, f"cannot be looked up: error {number} of the system; {_RESOLVER}")
            is_unknown = number in (socket.EAI_NONAME, socket.EAI_NODATA)
            return UnknownHostError if is_unknown else UnreachableError, words
        case aiohttp.ClientConnectorCertificateError():
            code = getattr(error.certificate_error, "verify_code", 0)
            words = _CERTIFICATES.get(code, f"OpenSSL refuses with code {code}; tell the partner")
            return CertificateError, f"has a TLS certificate that {words}"
        case aiohttp.ClientConnectorSSLError():
            reason = error.os_error.strerror or "no reason is given"
            return UnreachableError, (
                f"does not speak TLS as we do: {reason}; tell the partner, or ask for an address that begins with http:"
            )
    words = _CONNECTIONS.get(number, f"cannot be connected to: error {number} of the system; {_NETWORK}")
    return UnreachableError, words


def _too_much_head(error: BaseException) -> str:
    """Which limit the head of an answer went beyond, in words; '' for none."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LineTooLong):
            return f"a header longer than {MAX_HEADER_BYTES:,} bytes"
        if isinstance(cause, BadHttpMessage) and cause.message.startswith("Too many headers"):
            return f"more than {MAX_HEADERS} headers"
        cause = cause.__cause__
    return ""
