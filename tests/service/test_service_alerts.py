"""The service tells ops by itself, while a webhook that hangs keeps nothing waiting."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web
from desk import item, raw_config, rss
from partner_server import partner_server
from service_process import Service, service
from smtp_server import smtp_server

# What is wrong must have stood for a minute, and is looked for twice a minute.
TOLD_WITHIN_S = 150
SOON_S = 8.0


def titles(desk: Service) -> set[str]:
    status, body = desk.get("feeds/all.json")
    return {one["title"] for one in json.loads(body)["items"]} if status == 200 else set()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_what_is_wrong_is_told_and_what_is_over_while_polling_goes_on(tmp_path: Path) -> None:
    asked: list[str] = []

    async def hangs(request: web.Request) -> web.Response:
        asked.append(request.method)
        await asyncio.sleep(60)
        return web.Response()

    with partner_server() as server, smtp_server() as mail:
        server.handlers["/hook"] = hangs
        server.bodies["/a"] = rss(item(1, "satu"))
        raw = raw_config({"a": server.url("/a")})
        raw["fetch"] |= {"first_poll_max_age": "36500d", "deadline": "1m"}
        raw["alerts"] = {"webhook": server.url("/hook"), "email": "ops@jambiseru.com"}
        environ = {"AGGREGATOR_SMTP": f"smtp://127.0.0.1:{mail.port}"}
        with service(tmp_path, raw, 1.0, environ=environ) as desk:
            desk.start()
            desk.wait_for(lambda: titles(desk) == {"satu"}, 20, "the first publish")
            (tmp_path / "feeds.yaml").write_text("site: [")
            desk.wait_for(lambda: bool(asked), TOLD_WITHIN_S, "the webhook being asked")
            server.bodies["/a"] = rss(item(2, "dua"), item(1, "satu"))
            desk.wait_for(lambda: titles(desk) == {"satu", "dua"}, SOON_S, "news while the webhook hangs")
            desk.wait_for(lambda: len(mail.messages) == 1, 30, "the mail after it")
            assert mail.messages[0]["Subject"] == "Jambi Seru: the desk feeds.yaml refused"
            desk.configure(raw)
            desk.wait_for(lambda: len(mail.messages) == 2, TOLD_WITHIN_S, "the end")
            assert mail.messages[1]["Subject"] == "Jambi Seru: over: the desk feeds.yaml refused"
            assert desk.terminate() == 0
