"""From a source that fails to the message that ops read, over real HTTP, SMTP and databases; the clock is a value."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from desk import Desk, item, raw_config, rss
from partner_server import PartnerServer
from smtp_server import SmtpServer, smtp_server
from typer.testing import CliRunner, Result

from aggregator.app import App, open_app, open_store
from aggregator.cli import app as cli
from aggregator.jobs import PUBLISH_PROBLEMS
from aggregator.model.alert import Alert
from aggregator.model.source import Visit
from aggregator.service.alerter import Alerter
from aggregator.service.live import Live
from aggregator.status import ALERT_TROUBLE, CONFIG_REFUSED, PUBLISH_TROUBLE
from aggregator.store.writes import WriteTx

pytestmark = pytest.mark.slow

MINUTE = timedelta(minutes=1)
HOOK = "/s3cret-hook"


@dataclass
class Ops:
    """A desk and what its ops receive; ``hook_status`` is what the webhook answers."""

    desk: Desk
    server: PartnerServer
    mail: SmtpServer
    hook_status: int = 200
    hooks: list[dict[str, Any]] = field(default_factory=list)  # taken
    asked: int = 0

    def __post_init__(self) -> None:
        self.server.handlers[HOOK] = self._take
        self.desk.raw["alerts"] = {"webhook": self.server.url(HOOK), "email": "ops@jambiseru.com"}

    async def _take(self, request: web.Request) -> web.Response:
        assert (request.method, request.content_type) == ("POST", "application/json")
        self.asked += 1
        if self.hook_status == 200:
            self.hooks.append(await request.json())
        return web.Response(status=self.hook_status)

    @property
    def environ(self) -> Mapping[str, str]:
        return {"AGGREGATOR_SMTP": f"smtp://127.0.0.1:{self.mail.port}"}

    @property
    def mails(self) -> list[str]:
        return [one.get_content().replace("\r\n", "\n") for one in self.mail.messages]

    def serve(self, work: Callable[[App, Alerter], Awaitable[None]]) -> None:
        """As the service does, which is started and ended each time."""

        async def run() -> None:
            desk = self.desk
            async with open_app(desk.config, desk.database, desk.public, lambda: desk.now) as app:
                await work(app, Alerter(Live(app), self.environ))

        asyncio.run(run())

    def tell(self, after: timedelta = MINUTE) -> None:
        """What is wrong is seen, and told once that time has passed."""

        async def look_and_tell(_: App, alerter: Alerter) -> None:
            await alerter.look()
            self.desk.now += after
            await alerter.tell()

        self.serve(look_and_tell)

    def write(self, work: Callable[[WriteTx], None]) -> None:
        with open_store(self.desk.database, self.desk.config) as store, store.write() as tx:
            work(tx)

    def table(self) -> tuple[Alert, ...]:
        with open_store(self.desk.database, self.desk.config) as store, store.read() as tx:
            return tx.alerts()

    def fails(self, times: int = 3, *, path: str = "/a") -> None:
        self.server.bodies.pop(path, None)
        for _ in range(times):
            self.desk.poll()

    def recovers(self, path: str = "/a") -> None:
        self.server.bodies[path] = rss(item(1))
        self.desk.poll()

    def breaks(self, source_id: str, words: str) -> None:
        """As three failed visits leave it."""
        visit = Visit(source_id, self.desk.now, "failed", problem=words)

        def record(tx: WriteTx) -> None:
            for _ in range(3):
                tx.record_visit(visit)

        self.write(record)


@pytest.fixture
def mail() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def ops(server: PartnerServer, mail: SmtpServer, tmp_path: Path) -> Ops:
    server.bodies["/a"] = rss(item(1))
    return Ops(Desk(tmp_path, raw_config({"a": server.url("/a")})), server, mail)


def test_a_failure_and_its_end_are_one_message_each_and_nothing_comes_twice(
    ops: Ops, database_url: str
) -> None:
    ops.desk.database = database_url
    ops.fails(2)
    ops.tell()
    assert ops.table() == ()
    ops.fails(1)
    since_at = ops.desk.now
    ops.tell(after=timedelta(seconds=59))
    assert (ops.hooks, ops.mails) == ([], [])
    ops.tell(after=timedelta(seconds=1))
    (hook,) = ops.hooks
    assert hook["began"] == [
        {
            "source": "a",
            "kind": "failing",
            "words": hook["began"][0]["words"],
            "since": since_at.isoformat(),
        }
    ]
    assert hook["began"][0]["words"].startswith("3 visits in a row failed: 127.0.0.1 answered 404")
    assert hook["ended"] == []
    assert ops.mails == [hook["text"] + "\n"]
    assert ops.mail.messages[0]["Subject"] == "Jambi Seru: a failing"
    ops.fails(2)  # other words for the same
    for _ in range(3):
        ops.tell(after=10 * MINUTE)
    assert (len(ops.hooks), len(ops.mails)) == (1, 1)
    ops.recovers()
    ops.tell()
    assert [one["kind"] for one in ops.hooks[1]["ended"]] == ["failing"]
    assert ops.hooks[1]["began"] == []
    assert ops.mails[1] == ops.hooks[1]["text"] + "\n"
    assert ops.mail.messages[1]["Subject"] == "Jambi Seru: over: a failing"
    ops.tell(after=10 * MINUTE)
    assert (len(ops.hooks), len(ops.mails)) == (2, 2)
    assert ops.table() == ()


def test_a_host_that_is_down_is_one_message_of_a_line_for_each_source(
    server: PartnerServer, mail: SmtpServer, tmp_path: Path
) -> None:
    names = [f"s{n:02}" for n in range(30)]
    ops = Ops(Desk(tmp_path, raw_config({name: server.url(f"/{name}") for name in names})), server, mail)
    ops.fails(3)
    ops.tell()
    (text,) = ops.mails
    assert [line.split(":")[0] for line in text.splitlines() if line.startswith("- ")] == [
        f"- {name}" for name in names
    ]
    for name in names:
        server.bodies[f"/{name}"] = rss(item(1))
    ops.desk.poll()
    ops.tell()
    assert [one["source"] for one in ops.hooks[1]["ended"]] == names
    assert (len(ops.hooks), len(ops.mails)) == (2, 2)


def test_a_channel_that_is_down_holds_up_nobody_and_is_tried_again_ever_more_seldom(
    ops: Ops, database_url: str
) -> None:
    ops.desk.database = database_url
    ops.hook_status = 503
    ops.fails()

    async def an_hour(app: App, alerter: Alerter) -> None:
        await alerter.look()
        for _ in range(180):
            ops.desk.now += timedelta(seconds=20)
            await alerter.tell()

    ops.serve(an_hour)
    assert len(ops.mails) == 1
    assert (ops.asked, ops.hooks) == (6, []), "after 1, 2, 4, 8, 16 and 32 minutes"
    (warning,) = (one for one in ops.desk.status().warnings if "alerts" in one)
    assert warning.startswith("alerts do not arrive: webhook: 127.0.0.1 answered 503")
    assert HOOK not in warning
    ops.hook_status = 200
    ops.serve(an_hour)
    assert (len(ops.hooks), len(ops.mails)) == (1, 1)
    assert not any("alerts" in one for one in ops.desk.status().warnings)
    ops.recovers()
    ops.serve(an_hour)
    assert (len(ops.hooks), len(ops.mails)) == (2, 2)


def test_who_never_heard_of_it_is_not_told_that_it_is_over(ops: Ops) -> None:
    ops.hook_status = 500
    ops.mail.refuse["RCPT"] = "450 later"
    ops.fails()
    ops.tell()
    ops.mail.refuse.clear()
    ops.tell()
    ops.recovers()
    ops.hook_status = 200
    ops.tell()
    assert ops.hooks == []
    assert ["Over:" in text for text in ops.mails] == [False, True]
    assert ops.table() == ()


def test_an_edit_makes_a_failing_channel_be_tried_at_once(ops: Ops) -> None:
    ops.hook_status = 500
    ops.fails()

    async def edited(app: App, alerter: Alerter) -> None:
        await alerter.look()
        live = Live(app)
        alerter = Alerter(live, ops.environ)
        ops.desk.now += MINUTE
        for _ in range(5):
            await alerter.tell()
            ops.desk.now += 8 * MINUTE
        await alerter.tell()
        asked = ops.asked
        ops.hook_status = 200
        ops.desk.now += MINUTE
        await alerter.tell()
        assert ops.asked == asked
        live.app = replace(app, config=app.config.model_copy())
        await alerter.tell()
        assert ops.asked == asked + 1

    ops.serve(edited)
    assert len(ops.hooks) == 1


def test_at_most_one_message_a_minute_whoever_sends_it(ops: Ops, database_url: str) -> None:
    ops.desk.database = database_url
    ops.fails()

    async def two_services(app: App, one: Alerter) -> None:
        other = Alerter(Live(app), ops.environ)
        await asyncio.gather(one.look(), other.look())
        ops.desk.now += MINUTE
        await asyncio.gather(one.tell(), other.tell())
        assert (len(ops.hooks), len(ops.mails)) == (1, 1)
        await app.write(lambda tx: tx.set_meta(PUBLISH_TROUBLE, "no room"))
        ops.desk.now -= timedelta(seconds=70)  # so that it is old enough at once
        await other.look()
        ops.desk.now += timedelta(seconds=129)
        await asyncio.gather(one.tell(), other.tell())
        assert len(ops.hooks) == 1, "a minute has not passed"
        ops.desk.now += timedelta(seconds=1)
        await asyncio.gather(one.tell(), other.tell())

    ops.serve(two_services)
    assert [len(hook["began"]) for hook in ops.hooks] == [1, 1]
    assert (len(ops.hooks), len(ops.mails)) == (2, 2)


def test_a_silence_is_not_over_because_visits_fail(ops: Ops) -> None:
    def told() -> list[tuple[list[str], list[str]]]:
        ops.tell()
        found = [
            tuple([one["kind"] for one in hook[part]] for part in ("began", "ended")) for hook in ops.hooks
        ]
        ops.hooks.clear()
        return found  # type: ignore[return-value]

    ops.server.bodies["/a"] = rss()
    ops.desk.poll()
    assert told() == [(["empty"], [])]
    ops.fails(1)
    assert told() == []
    ops.fails(2)
    assert told() == [(["failing"], [])]
    ops.server.bodies["/a"] = rss()
    ops.desk.poll()
    assert told() == [([], ["failing"])]
    ops.recovers()
    assert told() == [([], ["empty"])]


def test_the_desks_own_trouble_is_told_and_its_end(ops: Ops) -> None:
    ops.desk.poll()

    def trouble(refused: str, unpublished: str, kept_back: str = "") -> None:
        ops.write(lambda tx: tx.set_meta(CONFIG_REFUSED, refused))
        ops.write(lambda tx: tx.set_meta(PUBLISH_TROUBLE, unpublished))
        ops.write(lambda tx: tx.set_meta(PUBLISH_PROBLEMS, kept_back))

    at = ops.desk.now.isoformat()
    trouble(
        f'{{"at": "{at}", "problems": ["feeds.yaml:1:1: x", "feeds.yaml:2:1: y"]}}',
        "No space left on device",
        json.dumps([{"subject": f"https://a.example/{n}", "message": "left out: racun"} for n in range(3)]),
    )
    ops.tell()
    assert [(one["source"], one["kind"], one["words"]) for one in ops.hooks[0]["began"]] == [
        ("", "kept-back", "https://a.example/0: left out: racun and 2 more"),
        ("", "refused", "feeds.yaml:1:1: x and 1 more; the last good one is in force"),
        ("", "unpublished", "documents are not published: No space left on device"),
    ]
    trouble("", "")
    ops.tell()
    assert [one["kind"] for one in ops.hooks[1]["ended"]] == ["kept-back", "refused", "unpublished"]


def test_a_source_that_is_disabled_is_no_longer_failing(ops: Ops) -> None:
    ops.fails()
    ops.tell()
    ops.desk.raw["sources"][0]["enabled"] = False
    ops.tell()
    assert [one["words"] for one in ops.hooks[1]["ended"]] == ["no longer polled, by feeds.yaml"]


def test_without_alerts_nothing_is_sent_and_whoever_is_named_later_hears_what_lasts(ops: Ops) -> None:
    alerts = ops.desk.raw.pop("alerts")
    ops.fails()
    ops.tell()
    ops.tell(after=5 * MINUTE)
    assert (ops.asked, ops.mails) == (0, [])
    ops.desk.raw["alerts"] = {"email": alerts["email"]}
    ops.tell()
    ops.desk.raw["alerts"] = alerts
    ops.tell()
    ops.tell()
    assert (len(ops.hooks), len(ops.mails)) == (1, 1)


def test_a_partner_writes_neither_lines_nor_headers(ops: Ops) -> None:
    ops.desk.poll()
    ops.breaks("a", "salah\r\nBcc: all@jambiseru.com\r\n\r\n- a: <!channel> @all\x1b[2J\u202e")
    ops.tell()
    (message,) = ops.mail.messages
    assert ops.mail.receivers == ["ops@jambiseru.com"]
    assert message["Bcc"] is None
    assert len(ops.mails[0].splitlines()) == 6
    assert "salah Bcc: all＠jambiseru.com - a: ‹!channel› ＠all [2J" in ops.hooks[0]["text"]


def test_the_guard_stands_before_the_webhook_too(ops: Ops) -> None:
    ops.fails()
    ops.desk.raw["fetch"]["allow_networks"] = []
    ops.tell()
    assert (ops.asked, len(ops.mails)) == (0, 1)
    with open_store(ops.desk.database, ops.desk.config) as store, store.read() as tx:
        assert "webhook: 127.0.0.1" in (tx.meta(ALERT_TROUBLE) or "")


def alert_test(ops: Ops, **environ: str) -> Result:
    file = ops.desk.folder / "feeds.yaml"
    file.write_text(yaml.safe_dump(ops.desk.raw, sort_keys=False))
    env = {"AGGREGATOR_CONFIG": str(file), **ops.environ, **environ}
    return CliRunner(env=env).invoke(cli, ["alert-test"])


def test_alert_test_says_what_came_of_it(ops: Ops) -> None:
    result = alert_test(ops)
    assert result.exit_code == 0, result.output
    assert "webhook: sent and taken" in result.output
    assert "email: sent and taken" in result.output
    assert (ops.hooks[0]["began"], ops.hooks[0]["ended"]) == ([], [])
    assert "Nothing is wrong." in ops.hooks[0]["text"]
    assert ops.mails == [ops.hooks[0]["text"] + "\n"]


def test_alert_test_names_the_channel_that_fails_and_no_secret(ops: Ops) -> None:
    ops.hook_status = 404
    result = alert_test(ops, AGGREGATOR_SMTP="smtp://ops:s3cret@127.0.0.1:1")
    assert result.exit_code == 1
    assert "webhook: not sent: 127.0.0.1 answered 404" in result.output
    assert "email: not sent: 127.0.0.1:1 takes no mail: Connection refused" in result.output
    assert "s3cret" not in result.output
    assert (
        alert_test(ops, AGGREGATOR_SMTP="ops:s3cret@mail").output.count("AGGREGATOR_SMTP must be like") == 1
    )


def test_alert_test_without_alerts_is_a_slip(ops: Ops) -> None:
    del ops.desk.raw["alerts"]
    result = alert_test(ops)
    assert result.exit_code == 2
    assert "tells nobody: set alerts.webhook, alerts.email or both" in result.output
