"""Tells ops what is wrong, and when it is over: beside polling and publishing, never in their way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from aggregator.alerting import (
    Changes,
    Message,
    changes,
    channels_of,
    message_of,
    one_line,
    told,
    trouble_of,
    untold,
)
from aggregator.app import App
from aggregator.config.model import Config
from aggregator.errors import FetchError, MailError, StoreError
from aggregator.model.alert import Alert
from aggregator.net.fetch import Net
from aggregator.net.mail import Mail, mail_server, send_mail
from aggregator.service.live import Live
from aggregator.status import ALERT_TROUBLE
from aggregator.store.reads import ReadTx
from aggregator.store.writes import WriteTx

log = structlog.get_logger()

LOOK_EVERY_S = 30.0
# One message by each channel in so long a time, whichever of several services sends it.
TURN = timedelta(minutes=1)
# For the webhook, far shorter than a turn. Mail has a deadline for each of its steps (net.mail).
SEND_DEADLINE_S = 20.0
PAUSE_AT_LEAST = timedelta(minutes=1)
PAUSE_AT_MOST = timedelta(hours=1)
END_DEADLINE_S = 5.0
_TURN_TAKEN_AT = "alert_turn_taken_at"


@dataclass(frozen=True, slots=True)
class _Failure:
    """Of a channel, again and again."""

    words: str
    at: datetime
    pause: timedelta

    def rests(self, now: datetime) -> bool:
        return timedelta(0) <= now - self.at < self.pause


class Alerter:
    """Compares what is wrong with what ops know, and sends the difference.

    What a channel took is noted after it was sent. So a kill in between makes it arrive twice, which is better than
    never; nothing else does.
    """

    def __init__(self, live: Live, environ: Mapping[str, str]) -> None:
        self._live = live
        self._environ = environ
        self._looked_s = -LOOK_EVERY_S
        self._telling: asyncio.Task[None] | None = None
        self._config: Config | None = None
        self._failures: dict[str, _Failure] = {}
        self._noted_trouble: str | None = None

    async def tend(self) -> None:
        """At each tick: now and then look, and begin to tell. Raises StoreError."""
        is_telling = self._telling is not None and not self._telling.done()
        if is_telling or time.monotonic() - self._looked_s < LOOK_EVERY_S:
            return
        await self.look()
        self._looked_s = time.monotonic()
        self._telling = asyncio.create_task(self._tell_and_log())

    async def end(self) -> None:
        """Let what is being sent arrive and be noted, if that does not take long."""
        if self._telling is not None:
            await asyncio.wait({self._telling}, timeout=END_DEADLINE_S)

    async def look(self) -> None:
        """Keep what began and what ended since the last look. Raises StoreError."""
        app, now = self._live.app, self._live.app.clock()

        def compared(tx: ReadTx) -> Changes:
            return changes(tx.alerts(), trouble_of(app.config, tx, now), app.config, now)

        if await app.read(compared) != Changes():
            await app.write(lambda tx: _keep(tx, compared(tx)))

    async def tell(self) -> None:
        """At most one message by each channel that does not rest after a failure. Raises StoreError."""
        app, now = self._live.app, self._live.app.clock()
        if self._config is not app.config:  # perhaps edited so that it works now
            self._config, self._failures = app.config, {}
        channels = [name for name in channels_of(app.config) if not self._rests(name, now)]
        if await app.read(lambda tx: any(untold(name, tx.alerts(), now) for name in channels)):
            alerts = await app.write(lambda tx: tx.alerts() if _takes_turn(tx, now) else ())
            for name in channels:
                if news := untold(name, alerts, now):
                    await self._tell_by(app, name, news, now)
        await self._note_trouble(app)

    async def _tell_and_log(self) -> None:
        try:
            await self.tell()
        except StoreError as error:
            log.warning("alerts not told", problem=str(error))
        except Exception:  # a bug met while telling must not end the service; it is logged whole
            log.exception("internal error")

    def _rests(self, channel: str, now: datetime) -> bool:
        failure = self._failures.get(channel)
        return failure is not None and failure.rests(now)

    async def _tell_by(self, app: App, channel: str, news: tuple[Alert, ...], now: datetime) -> None:
        message = message_of(news, app.config)
        trouble = await send(channel, message, app.config, app.net, self._environ, now)
        if trouble:
            last = self._failures.get(channel)
            pause = min(2 * last.pause, PAUSE_AT_MOST) if last else PAUSE_AT_LEAST
            self._failures[channel] = _Failure(trouble, now, pause)
            log.warning("alert not sent", channel=channel, problem=trouble, again_in_s=pause.total_seconds())
            return
        self._failures.pop(channel, None)
        log.info("alert sent", channel=channel, title=message.title)
        await app.write(lambda tx: _keep(tx, told(channel, news, tx.alerts(), now)))

    async def _note_trouble(self, app: App) -> None:
        """So that ``status`` says it too."""
        words = "; ".join(f"{channel}: {failure.words}" for channel, failure in self._failures.items())
        if words != self._noted_trouble:
            await app.write(lambda tx: tx.set_meta(ALERT_TROUBLE, words))
            self._noted_trouble = words


async def send(
    channel: str, message: Message, config: Config, net: Net, environ: Mapping[str, str], now: datetime
) -> str:
    """Send a message; '' once it was taken, else why not, in words that hold no secret."""
    try:
        if channel == "email":
            # No deadline over its steps, which have their own: a thread cannot be stopped, and would deliver what
            # had been called undelivered.
            await asyncio.to_thread(send_mail, mail_server(environ), _mail(message, config, now))
        else:
            async with asyncio.timeout(SEND_DEADLINE_S):
                await net.post(config.alerts.webhook or "", message.as_json(), "application/json")
    except TimeoutError:
        return f"not taken within {SEND_DEADLINE_S:.0f} s"
    except (FetchError, MailError) as error:
        return str(error)
    return ""


def _mail(message: Message, config: Config, now: datetime) -> Mail:
    return Mail(
        sender_name=one_line(config.site.name),
        sender=config.site.contact,
        receiver=config.alerts.email or "",
        subject=message.title,
        text=message.text + "\n",
        sent_at=now,
        our_host=urlsplit(config.site.feeds_url).hostname or "localhost",
    )


def _keep(tx: WriteTx, what: Changes) -> None:
    tx.put_alerts(what.put)
    tx.forget_alerts(what.forget)


def _takes_turn(tx: WriteTx, now: datetime) -> bool:
    """Whether nobody has told anything for a while. A turn in the future came from a clock that was ahead."""
    taken_at = tx.meta(_TURN_TAKEN_AT)
    if taken_at and timedelta(0) <= now - datetime.fromisoformat(taken_at) < TURN:
        return False
    tx.set_meta(_TURN_TAKEN_AT, now.isoformat())
    return True
