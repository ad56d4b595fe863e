"""The command alert-test: whether alerts would arrive."""

from __future__ import annotations

import asyncio
import os

import typer

from aggregator.alerting import channels_of, trial_message
from aggregator.app import open_net, utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    EXIT_FAILED,
    EXIT_WRONG_USE,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    errors_in_words,
    load,
)
from aggregator.config.model import Config
from aggregator.console import err, out
from aggregator.service.alerter import send

_LOOK = {"webhook": "look for it where the webhook leads", "email": "look for it in the mailbox"}


def alert_test(
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Send a test message by every channel of alerts, and say what came of it."""
    del database, public  # accepted so that a script can give every command the same options
    with errors_in_words():
        loaded = load(config)
        if not channels_of(loaded):
            err.print(
                f"{config} tells nobody: set alerts.webhook, alerts.email or both; nothing was sent",
                style="red",
            )
            raise typer.Exit(EXIT_WRONG_USE)
        troubles = asyncio.run(_send_by_all(loaded))
        for channel, trouble in troubles.items():
            if trouble:
                out.print(f"{channel}: not sent: {trouble}", style="red")
            else:
                out.print(f"{channel}: sent and taken; {_LOOK[channel]}", style="green")
        if any(troubles.values()):
            raise typer.Exit(EXIT_FAILED)


async def _send_by_all(config: Config) -> dict[str, str]:
    """By channel, what went wrong, or ''."""
    message = trial_message(config)
    async with open_net(config) as net:
        return {
            channel: await send(channel, message, config, net, os.environ, utc_now())
            for channel in channels_of(config)
        }
