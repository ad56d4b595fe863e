"""feeds.yaml while people edit it: a change is told once, when the file stands still."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from config_sample import SAMPLE

from aggregator.config.file import ConfigFile
from aggregator.errors import ConfigError
from aggregator.service.inforce import load_in_force, remember_config
from aggregator.store.store import Store

BROKEN = "site: ["


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(SAMPLE)
    return path


def _write(path: Path) -> None:
    path.write_text(SAMPLE + "\n# edited")


def _replace(path: Path) -> None:
    """As editors and configuration management do it."""
    new = path.with_name("new")
    new.write_text(SAMPLE)
    new.replace(path)


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _unreadable_for_a_while(path: Path) -> None:
    """A mode that was mended changes neither date nor size."""
    path.chmod(0o640)


@pytest.mark.parametrize("edit", [_write, _replace, _touch, _unreadable_for_a_while, Path.unlink])
def test_a_change_is_told_once_it_has_stood_for_a_second(path: Path, edit: Callable[[Path], None]) -> None:
    file = ConfigFile(path, {})
    assert [file.has_changed(at_s) for at_s in (0.0, 5.0, 9.0)] == [False] * 3
    edit(path)
    moments_s = (10.0, 10.001, 10.999, 11.0, 11.001, 20.0)
    assert [file.has_changed(at_s) for at_s in moments_s] == [False, False, False, True, False, False]


def test_a_file_that_is_still_being_written_is_waited_for(path: Path) -> None:
    file = ConfigFile(path, {})
    told = []
    for number in range(5):
        path.write_text(SAMPLE + "#" * number)
        told += [file.has_changed(number), file.has_changed(number + 0.9)]
    assert told == [False] * 10
    assert file.has_changed(5.0)


def remembered(tmp_path: Path, text: str) -> str:
    """A database that was used with that configuration."""
    url = f"sqlite:///{tmp_path}/a.db"
    store = Store(url)
    store.migrate()
    with store.write() as tx:
        remember_config(tx, text)
    store.close()
    return url


def test_a_good_file_is_in_force(path: Path, tmp_path: Path) -> None:
    in_force = load_in_force(ConfigFile(path, {}), remembered(tmp_path, BROKEN))
    assert (in_force.refused, in_force.loaded.text) == (None, SAMPLE)


@pytest.mark.parametrize("edit", [lambda path: path.write_text(BROKEN), Path.unlink], ids=["broken", "gone"])
def test_while_the_file_is_refused_the_last_good_one_is_in_force(
    path: Path, tmp_path: Path, edit: Callable[[Path], None]
) -> None:
    database = remembered(tmp_path, SAMPLE)
    edit(path)
    in_force = load_in_force(ConfigFile(path, {}), database)
    assert in_force.refused is not None
    assert str(path) in in_force.refused.lines()[0]
    assert in_force.loaded.config.site.name == "Jambi Seru"


@pytest.mark.parametrize("text", [BROKEN, ""])
def test_without_a_good_one_the_files_own_mistakes_are_told(path: Path, tmp_path: Path, text: str) -> None:
    path.write_text("sites: {}")
    with pytest.raises(ConfigError) as caught:
        load_in_force(ConfigFile(path, {}), remembered(tmp_path, text))
    assert any('unknown key "sites"' in line for line in caught.value.lines())


def test_a_database_that_is_not_there_is_not_made(path: Path, tmp_path: Path) -> None:
    path.write_text(BROKEN)
    with pytest.raises(ConfigError):
        load_in_force(ConfigFile(path, {}), f"sqlite:///{tmp_path}/none/a.db")
    assert not (tmp_path / "none").exists()
