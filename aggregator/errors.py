"""Every error this program raises on purpose, as one tree.

AggregatorError
├── ConfigError                 feeds.yaml or the environment is wrong; carries every problem at once
├── ConfigEditError             feeds.yaml could not be changed by a command
├── FetchError                  a source could not be fetched; the message says why, in words for ops
│   ├── ForbiddenAddressError   the guard refused the address, scheme or port
│   ├── UnreachableError        DNS, connection or TLS failed
│   │   ├── UnknownHostError    the host name does not exist
│   │   └── CertificateError    the TLS certificate is not accepted
│   ├── DeadlineError           not complete within fetch.deadline
│   ├── BodyTooLargeError       more than fetch.max_body, as sent or unpacked
│   ├── BadStatusError          an HTTP status that brings no feed (has .status)
│   │   └── GoneError           410: the partner withdrew the address
│   ├── BadResponseError        a broken answer: redirect loop, truncated body, unknown encoding
│   ├── RestingError            the host asked us to wait, and is not asked for now (has .rests_s)
│   ├── RobotsError             robots.txt does not let us ask for this address
│   └── NoWayInError            no feed and no sitemap was found from a home page (has .sought_at)
├── ParseError                  the body arrived but cannot be read
│   ├── NotAFeedError           JSON, text, other XML or nothing where a feed was expected
│   │   └── WebPageError        an HTML page; it may name the feed
│   └── RefusedDocumentError    refused unread: document type with an internal subset, depth, attributes
├── WorkerError                 a worker process did not answer
│   ├── WorkerTimeoutError      killed at its deadline
│   └── WorkerDiedError         ended by itself (memory limit, crash)
├── MailError                   an alert could not be handed to the mail server
├── ServeError                  the HTTP server cannot listen where it was told to
├── ServiceBrokenError          a part of the service ended by itself
├── AlreadyRunningError         another service works on the same public folder
└── StoreError                  the database cannot do what was asked
    ├── DatabaseAddressError    the address given for the database names none
    ├── SchemaError             written by a newer version, or not ours
    └── UnknownStoryError       no story with that id or address

Expected trouble with one entry or one document is not an error but a value: see model.Problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.model.problem import ConfigProblem


class AggregatorError(Exception):
    """Root of the tree. ``str(error)`` is a sentence fit for ops, without a trailing full stop."""


class ConfigError(AggregatorError):
    """Configuration that cannot be used; ``problems`` holds every mistake, in file order."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        super().__init__("\n".join(problem.line() for problem in problems))
        self.problems = tuple(problems)

    def lines(self) -> tuple[str, ...]:
        """One line for each mistake, with file, line and column."""
        return tuple(problem.line() for problem in self.problems)


class ConfigEditError(AggregatorError):
    """A command could not change feeds.yaml, which stands as it was."""


class FetchError(AggregatorError):
    """A source could not be fetched."""


class ForbiddenAddressError(FetchError):
    """The guard refused an address, a scheme, a port or user information in a URL."""


class UnreachableError(FetchError):
    """Name resolution, connection or TLS failed."""


class UnknownHostError(UnreachableError):
    """The name servers say that there is no such host."""


class CertificateError(UnreachableError):
    """The TLS certificate is not accepted: expired, self-signed, made out to another host, ..."""


class DeadlineError(FetchError):
    """The whole answer was not there within ``fetch.deadline``."""


class BodyTooLargeError(FetchError):
    """The body exceeds ``fetch.max_body`` as sent or after decompression."""


class BadStatusError(FetchError):
    """An HTTP status that brings no feed.

    ``retry_after_s`` is how long we are asked to wait, None where it is not said; ``is_of_host``: all who ask the host
    are meant (429), not only those who ask for this address.
    """

    def __init__(self, message: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def is_of_host(self) -> bool:
        """429 Too Many Requests (RFC 6585, section 4)."""
        return self.status == 429


class GoneError(BadStatusError):
    """410 Gone (RFC 9110, section 15.5.11): withdrawn by the partner."""


class BadResponseError(FetchError):
    """An answer that breaks HTTP: redirect loop, truncated body, undecodable content coding."""


class RestingError(FetchError):
    """The host asked us to wait for ``rests_s`` more seconds, and nothing was sent."""

    def __init__(self, message: str, rests_s: float) -> None:
        super().__init__(message)
        self.rests_s = rests_s


class RobotsError(FetchError):
    """The host's robots.txt does not let us ask for an address (RFC 9309), or cannot be had."""


class NoWayInError(FetchError):
    """From a home page neither a feed nor a sitemap was found; ``sought_at`` is when it was sought."""

    def __init__(self, message: str, sought_at: datetime) -> None:
        super().__init__(message)
        self.sought_at = sought_at


class ParseError(AggregatorError):
    """A body that cannot be read as a feed."""


class NotAFeedError(ParseError):
    """Something else stands where a feed was expected."""


class WebPageError(NotAFeedError):
    """An HTML page stands where a feed was expected."""


class NotAnArticleError(ParseError):
    """Something else stands where an article page was expected."""


class BotWallError(ParseError):
    """A wall that asks whether we are human stands where a page was expected."""


class RefusedDocumentError(ParseError):
    """A document refused before it is parsed, because parsing it is dangerous."""


class WorkerError(AggregatorError):
    """A worker process gave no answer."""


class WorkerTimeoutError(WorkerError):
    """The worker was killed at its deadline."""


class WorkerDiedError(WorkerError):
    """The worker ended by itself: memory limit or crash."""


class MailError(AggregatorError):
    """The mail server could not be reached, or does not take a message."""


class ServiceBrokenError(AggregatorError):
    """A part of the service ended by itself."""


class AlreadyRunningError(AggregatorError):
    """Another service works on the same public folder."""


class ServeError(AggregatorError):
    """The HTTP server cannot listen at the host and port it was given."""


class StoreError(AggregatorError):
    """The database cannot do what was asked."""


class DatabaseAddressError(StoreError):
    """The address given for the database is malformed, names nothing, or names a database that must not be used."""


class SchemaError(StoreError):
    """The database was written by a newer version, or is not ours."""


class UnknownStoryError(StoreError):
    """No story has that id or address."""
