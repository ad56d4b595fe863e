"""How often subscribers' feeds are asked for, counted by the service, never by whom."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import yaml
from desk import NOW, item, raw_config, rss
from partner_server import partner_server
from service_process import Service, service

from aggregator.app import open_app, open_store
from aggregator.config.load import parse_config
from aggregator.errors import StoreError
from aggregator.model.subscriber import SubscriberKey, Usage
from aggregator.service.live import Live
from aggregator.service.usage import UsageCounter

KEY, OTHER = SubscriberKey("kabar-muaro", "k" * 32, NOW), SubscriberKey("warta-tebo", "w" * 32, NOW)


async def test_counts_are_kept_once_and_again_after_a_failure(tmp_path: Path) -> None:
    config = parse_config(yaml.safe_dump(raw_config({"a": "https://a.example/rss"})), "feeds.yaml", {})
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    async with open_app(config, database, tmp_path / "public", lambda: NOW) as app:
        await app.write(lambda tx: tx.add_subscriber_key(KEY))
        await app.write(lambda tx: tx.add_subscriber_key(OTHER))
        usage = UsageCounter(Live(app))

        async def kept() -> dict[str, Usage]:
            return await app.read(lambda tx: tx.subscriber_usage(date(2026, 11, 23)))

        await usage.tend()
        assert await kept() == {}
        for unchanged in (False, True, True):
            usage.count(KEY.key, unchanged=unchanged)
        usage.count(OTHER.key, unchanged=True)
        await usage.tend()
        assert await kept() == {}  # a minute has not passed
        await usage.keep()
        await usage.keep()
        assert await kept() == {"kabar-muaro": Usage(1, 2, NOW), "warta-tebo": Usage(0, 1, NOW)}

        with closing(sqlite3.connect(tmp_path / "desk.db")) as connection:
            connection.execute("ALTER TABLE subscriber_usage RENAME TO away")
            usage.count(KEY.key, unchanged=False)
            with pytest.raises(StoreError):
                await usage.keep()
            connection.execute("ALTER TABLE away RENAME TO subscriber_usage")
        usage.count(KEY.key, unchanged=False)
        await usage.keep()
        assert await kept() == {"kabar-muaro": Usage(3, 2, NOW), "warta-tebo": Usage(0, 1, NOW)}


def key_of(desk: Service, raw_text: str) -> str:
    with open_store(desk.database_url, parse_config(raw_text, "feeds.yaml", {})) as store, store.read() as tx:
        (key,) = tx.subscriber_keys()
    return key.key


@pytest.mark.slow
def test_a_subscribers_feed_is_served_counted_and_gone_when_revoked(tmp_path: Path) -> None:
    with partner_server() as partner:
        partner.bodies["/a"] = rss(item(1, "satu"))
        raw = raw_config({"a": partner.url("/a")}, subscribers=[{"id": "kabar-muaro", "name": "Kabar Muaro"}])
        raw["fetch"]["first_poll_max_age"] = "36500d"
        with service(tmp_path, raw, every_s=60) as desk:
            desk.start()
            desk.wait_for(lambda: b"satu" in desk.get("feeds/all.rss")[1], 20, "the first publish")
            text = (tmp_path / "feeds.yaml").read_text()
            key = key_of(desk, text)
            path = f"feeds/s/{key}.rss"
            assert b"satu" in desk.get(path)[1]
            for _ in range(3):
                assert desk.get(path)[0] == 200
            with (
                open_store(desk.database_url, parse_config(text, "feeds.yaml", {})) as store,
                store.write() as tx,
            ):
                assert tx.end_subscriber_keys("kabar-muaro", NOW) == 1
            desk.wait_for(lambda: desk.get(path)[0] == 410, 5, "its address is gone")
            desk.wait_for(lambda: not (desk.public / path).exists(), 5, "its files are taken away")
            assert desk.terminate() == 0
            with closing(sqlite3.connect(desk.database)) as connection:
                rows = connection.execute("SELECT subscriber_id, fetched, unchanged FROM subscriber_usage")
                (row,) = rows.fetchall()
            assert row[0] == "kabar-muaro"
            assert row[1] >= 4
            assert key not in desk.log.read_text()
