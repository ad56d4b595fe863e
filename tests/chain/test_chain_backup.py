"""What importers see after a disaster: the same bytes as when the backup was made."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from desk import item, raw_config, rss
from partner_server import PartnerServer
from typer.testing import CliRunner, Result

from aggregator.cli import app
from aggregator.service.inforce import remember_config
from aggregator.store.store import Store

GOOD = yaml.safe_dump(raw_config({"a": "https://www.a.example/feed"}), sort_keys=False).encode()


def run(folder: Path, *arguments: str) -> Result:
    places = {
        "AGGREGATOR_CONFIG": str(folder / "feeds.yaml"),
        "AGGREGATOR_DATABASE": f"sqlite:///{folder}/data/desk.db",
        "AGGREGATOR_PUBLIC": str(folder / "public"),
    }
    result = CliRunner(env=places).invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result


def published(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in (folder / "public").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.mark.slow
def test_backup_disaster_restore_publish_gives_the_same_bytes(tmp_path: Path, server: PartnerServer) -> None:
    server.bodies |= {"/a": rss(item(1), item(2), item(3)), "/b": rss(item(4, host="b.example"))}
    raw = raw_config({"a": server.url("/a"), "b": server.url("/b")})
    # Commands read the real clock, the sample's dates are fixed.
    raw["fetch"]["first_poll_max_age"] = "36500d"
    (tmp_path / "feeds.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))
    run(tmp_path, "poll", "--all")
    run(tmp_path, "hide", "https://www.a.example/berita/0000002/judul-2", "--reason", "salah foto")
    before = published(tmp_path)
    assert b"judul-3" in before["public/feeds/all.rss"]
    assert b"judul-2" not in before["public/feeds/all.rss"]

    backups = tmp_path / "elsewhere"
    told = run(tmp_path, "backup", str(backups), "--keep", "3").output
    (backup,) = backups.glob("*.db.zst")
    assert f"backed up and verified: {backup}" in told
    assert re.search(r" \(\d+ rows, \d\d+ kB\)\n", told)
    assert "warning" not in told

    for lost in ("data", "public"):
        shutil.rmtree(tmp_path / lost)
    (tmp_path / "feeds.yaml").unlink()
    (config,) = backups.glob("*.feeds.yaml")
    shutil.copyfile(config, tmp_path / "feeds.yaml")
    told = run(tmp_path, "restore", str(backup)).output
    assert "next: aggregator publish" in told
    run(tmp_path, "publish")
    assert published(tmp_path) == before

    # Once more, over a database that is there: it still knows what was hidden since.
    run(tmp_path, "hide", "https://www.a.example/berita/0000003/judul-3", "--reason", "ditarik")
    told = run(tmp_path, "restore", "--force", str(backup)).output
    (aside,) = re.findall(r"aggregator status --database (\S+)", told)
    assert "ditarik" not in run(tmp_path, "status").output
    assert re.search(r"hidden: .*ditarik", run(tmp_path, "status", "--database", aside).output)
    run(tmp_path, "publish")

    # The partners still carry all of it, and none of it is news: not even what was hidden.
    run(tmp_path, "poll", "--all")
    assert published(tmp_path) == before


@pytest.mark.parametrize(
    ("content", "is_good_known", "saved", "words"),
    [
        (None, True, [GOOD], "feeds.yaml is refused: the last good one is backed up instead"),
        (b"site: [", True, [GOOD], "feeds.yaml is refused: the last good one is backed up instead"),
        (None, False, [], "no good one is known: the database is backed up alone"),
        (b"site: [", False, [b"site: ["], "no good one is known: it is backed up as it is"),
        (b"site: \xff", False, [b"site: \xff"], "no good one is known: it is backed up as it is"),
    ],
)
def test_a_refused_feeds_yaml_costs_no_backup(
    tmp_path: Path, content: bytes | None, is_good_known: bool, saved: list[bytes], words: str
) -> None:
    if content is not None:
        (tmp_path / "feeds.yaml").write_bytes(content)
    with closing(Store(f"sqlite:///{tmp_path}/data/desk.db")) as store:
        store.migrate()
        if is_good_known:
            with store.write() as tx:
                remember_config(tx, GOOD.decode())

    told = run(tmp_path, "backup", str(tmp_path / "backups")).output

    assert "backed up and verified: " in told
    assert f"warning: {tmp_path}/feeds.yaml is refused" in told
    assert words in told
    assert [path.read_bytes() for path in (tmp_path / "backups").glob("*.feeds.yaml")] == saved
    (backup,) = (tmp_path / "backups").glob("*.db.zst")
    run(tmp_path / "new", "restore", str(backup))
