"""Fixtures for every room."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from ready_databases import make_file, make_schema

from aggregator.store.store import Store

pytest_plugins = ("corpus_desk", "postgres")

# A busy machine is no failure: how long things take is measured in bench/. The examples of laws are the same in each
# run, so that a change fails by its own fault; AGGREGATOR_EXPLORE=1 seeks new ones.
settings.register_profile("unhurried", deadline=None, derandomize="AGGREGATOR_EXPLORE" not in os.environ)
settings.load_profile("unhurried")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests of a group must not meet: releases of pytest and pytest-xdist that lose groups are told at once."""
    if getattr(session.config.option, "loadgroup", False):
        for one in session.items:
            if one.get_closest_marker("xdist_group") and "@" not in one.nodeid:
                raise pytest.UsageError(f"pytest-xdist lost the group of {one.nodeid}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The quick tests try both databases where statements are tested, and the whole chain on SQLite."""
    for one in items:
        if "[postgresql" in one.name and one.path.parent.name in {"chain", "service", "hostile"}:
            one.add_marker(pytest.mark.slow)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are numbered: shown, a time in packed ones would give each worker other tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/aggregator.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on each kind of database: every table, no rows."""
    if database_url.startswith("sqlite:///"):
        make_file(Path(database_url.removeprefix("sqlite:///")))
    else:
        make_schema(database_url)
    store = Store(database_url)
    yield store
    store.close()
