"""Workers import what they need and nothing else: each import of theirs counts against a story's deadline."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aggregator import deciding, fitting, rereading


@pytest.mark.parametrize("library", ["sqlalchemy", "aiohttp", "feedgen", "typer", "alembic"])
def test_what_workers_preload_leaves_out_the_rest_of_the_program(library: str) -> None:
    program = f"import sys, aggregator.reading, aggregator.engine.pool; sys.exit({library!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_every_job_of_the_pool_comes_with_the_preloaded_module() -> None:
    given = [vars(fitting)["safe_bodies"], vars(deciding)["read_feed"], vars(rereading)["prepare_anew"]]
    homes = {function.__module__ for function in given}
    program = f"import sys, aggregator.reading; sys.exit(not {homes!r} <= sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("module", ["aggregator.reading", "aggregator.__main__", "aggregator.articles"])
def test_only_a_worker_that_reads_an_article_page_imports_what_that_needs(module: str) -> None:
    program = f"import sys, {module}; sys.exit('trafilatura' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("module", ["psycopg", "sqlalchemy.dialects.postgresql"])
def test_who_uses_sqlite_imports_nothing_of_postgresql(module: str) -> None:
    program = f"import sys, aggregator.cli; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0
