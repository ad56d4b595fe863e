"""Commands about subscribers: who gets a feed at an address of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import typer

from aggregator import jobs
from aggregator.app import App, open_store, utc_now
from aggregator.cli.options import (
    DEFAULT_CONFIG,
    DEFAULT_DATABASE,
    DEFAULT_PUBLIC,
    EXIT_FAILED,
    ConfigOption,
    DatabaseOption,
    PublicOption,
    check_name,
    errors_in_words,
    load_in_force_or_tell,
    with_app,
)
from aggregator.config.edit import Item, append_items, comment_out
from aggregator.config.file import ConfigFile
from aggregator.config.model import Config
from aggregator.config.types import format_duration, parse_duration
from aggregator.console import counted, err, out, print_publish_report, print_subscribers
from aggregator.errors import ConfigEditError, ConfigError
from aggregator.model.report import PublishReport
from aggregator.outputs.render import paths_of
from aggregator.outputs.select import outputs_of
from aggregator.status import subscriber_warnings
from aggregator.store.public import is_service_running
from aggregator.subscribing import addresses_in_force, rotate_key, subscriber_statuses

subscribers = typer.Typer(help="Who gets a feed at an address of their own.", no_args_is_help=True)

DEFAULT_GRACE = "7d"
SubscriberArgument = Annotated[str, typer.Argument(help="Id of a subscriber", metavar="SUBSCRIBER")]


@subscribers.command("add")
def add(  # noqa: PLR0913, PLR0917  options, each given by its name
    subscriber: Annotated[str, typer.Argument(help="An id that nobody has", metavar="SUBSCRIBER")],
    name: Annotated[str, typer.Option("--name", help="Who that is", metavar="NAME")],
    partner: Annotated[
        str, typer.Option("--partner", help="The partner that it is: never its own articles", metavar="ID")
    ] = "",
    domain: Annotated[
        list[str] | None, typer.Option("--domain", help="Never articles of this host", metavar="HOST")
    ] = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", help="Only stories of this topic", metavar="TOPIC")
    ] = None,
    profile: Annotated[
        str, typer.Option("--profile", help="plain, wordpress or google-news", metavar="PROFILE")
    ] = "",
    link: Annotated[
        str, typer.Option("--link", help="Where stories' links lead: origin or site", metavar="LINK")
    ] = "",
    content: Annotated[str, typer.Option("--content", help="full or excerpt", metavar="CONTENT")] = "",
    limit: Annotated[int | None, typer.Option("--limit", help="Stories in its feed", min=1, max=1000)] = None,
    until: Annotated[
        str, typer.Option("--until", help="The last day: 2027-10-31; then its address ends", metavar="DAY")
    ] = "",
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Add a subscriber to feeds.yaml, make its address, and print it."""
    asked: dict[str, Any] = {
        "id": subscriber,
        "name": name,
        "partner": partner,
        "domains": tuple(domain or ()),
        "where": {"topic": tuple(topic)} if topic else {},
        "profile": profile,
        "link": link,
        "content": content,
        "limit": limit,
        "valid_until": until,
    }
    with errors_in_words():
        file = ConfigFile(config, os.environ)
        before = file.load()
        if partner:
            check_name(
                f'no partner "{partner}" in feeds.yaml', partner, [p.id for p in before.config.partners]
            )
        item: Item = {key: value for key, value in asked.items() if value}
        file.replace(before.text, append_items(before.text, {"subscribers": [item]}))
        loaded = file.load().config
        with open_store(database, loaded, public=public) as store, store.write() as tx:
            # Whoever was called so before has no part in it.
            key = rotate_key(tx, subscriber, utc_now(), timedelta(0))
        out.print(f"added to {config}: {subscriber}")
        _print_address(loaded, subscriber, key)
        for warning in subscriber_warnings(loaded, utc_now()):
            if warning.startswith(f"subscriber {subscriber}:"):
                err.print(f"warning: {warning}", style="yellow")
        # Until it takes up the edit, it would take away again what is published here.
        if is_service_running(public):
            out.print("the service that runs here publishes it within a few seconds")
        else:
            print_publish_report(with_app(loaded, database, public, jobs.publish), public)


@subscribers.command("rotate")
def rotate(
    subscriber: SubscriberArgument,
    grace: Annotated[
        str, typer.Option("--grace", help="How long the old address is answered: 7d, 0s", metavar="DURATION")
    ] = DEFAULT_GRACE,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """Give a subscriber a new address; the old one ends after a grace."""
    try:
        lasts = parse_duration(grace)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--grace") from None
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        _check_subscriber(subscriber, [one.id for one in loaded.subscribers])

        async def job(opened: App) -> tuple[str, PublishReport]:
            key = await opened.write(lambda tx: rotate_key(tx, subscriber, opened.clock(), lasts))
            return key, await jobs.publish(opened)

        key, report = with_app(loaded, database, public, job)
    _print_address(loaded, subscriber, key)
    when = f" in {format_duration(lasts)}, or sooner where that was said before" if lasts else " now"
    out.print(f"every older address of it answers 410{when}")
    print_publish_report(report, public)


@subscribers.command("revoke")
def revoke(
    subscriber: SubscriberArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """End all addresses of a subscriber at once, and comment it out in feeds.yaml."""
    with errors_in_words():
        file = ConfigFile(config, os.environ)
        loaded = load_in_force_or_tell(file, database).loaded.config
        with open_store(database, loaded, must_exist=True) as store, store.write() as tx:
            known = {one.id for one in loaded.subscribers} | {
                key.subscriber_id for key in tx.subscriber_keys()
            }
            _check_subscriber(subscriber, known)
            ended = tx.end_subscriber_keys(subscriber, utc_now())
        out.print(f"{subscriber}: {counted(ended, 'address', 'addresses')} ended, answered 410 from now on")
        trouble = _take_out(file, subscriber)
        report = with_app(loaded, database, public, jobs.publish)
        print_publish_report(report, public)
    if trouble:
        err.print(f"feeds.yaml could not be edited: {trouble}", style="red")
        raise typer.Exit(EXIT_FAILED)


def _check_subscriber(subscriber: str, known: Collection[str]) -> None:
    if not known:
        raise typer.BadParameter(
            "there are no subscribers in feeds.yaml; aggregator subscriber add makes one"
        )
    check_name(f'no subscriber "{subscriber}" in feeds.yaml', subscriber, known)


def _print_address(config: Config, subscriber: str, key: str) -> None:
    """Where its feed stands in each format."""
    (output,) = (one for one in outputs_of(config, {subscriber: [key]}) if one.subscriber_id)
    for path in paths_of(output):
        out.print(urljoin(config.site.feeds_url, path))


def _take_out(file: ConfigFile, subscriber: str) -> str:
    """Comment the subscriber out where it stands in the file; returns why that could not be done."""
    try:
        before = file.load()
        if any(one.id == subscriber for one in before.config.subscribers):
            file.replace(before.text, comment_out(before.text, "subscribers", subscriber))
            out.print(f"commented out in {file.path}")
    except ConfigError as error:
        return f"it is refused ({error.lines()[0]}); take {subscriber} out by hand"
    except ConfigEditError as error:
        return str(error)
    return ""


@subscribers.command("list")
def list_subscribers(
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    database: DatabaseOption = DEFAULT_DATABASE,
    public: PublicOption = DEFAULT_PUBLIC,
) -> None:
    """List subscribers: their addresses, until when, and how often these were asked for in seven days."""
    del public  # accepted so that a script can give every command the same options
    with errors_in_words():
        loaded = load_in_force_or_tell(ConfigFile(config, os.environ), database).loaded.config
        now = utc_now()
        with open_store(database, loaded, must_exist=True) as store, store.read() as tx:
            found = subscriber_statuses(loaded, tx, now)
            addresses = addresses_in_force(loaded, tx, now)
        if as_json:
            plain = [
                asdict(one) | {"addresses": [asdict(address) for address in addresses.get(one.id, ())]}
                for one in found
            ]
            typer.echo(json.dumps(plain, indent=2, ensure_ascii=False, default=date.isoformat))
        else:
            print_subscribers(found, addresses, ZoneInfo(loaded.site.timezone))
