# Everything sets itself up on a fresh Debian with python3 and python3-venv.
#   make run    the service: polls the shipped feeds.yaml on schedule, publishes, serves at http://127.0.0.1:8080/
#   make demo   the same with two sample partners that live on loopback
#   make test   the quick tests (under 5 minutes on 2 cores)
#   make eval   how well copies are known, on labelled news: FOLDER=... names it
#   make check  lint, types, import contracts, all tests, the longer suites (under 40 minutes)
#   make peers  programs of others follow our hub and push to us (2 minutes; installs them)
#   make clients  what validators and readers of others find in our outputs (3 minutes; installs them, Debian's too)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
FOLDER ?= ../shared/data/editorial
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: run demo test eval check clients peers lint types contracts slow wheel matrix lock clean

run: $(VENV)/.run
	$(BIN)/aggregator run

demo: $(VENV)/.run
	$(BIN)/aggregator demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m "not slow"

eval: $(VENV)/.run
	$(BIN)/python bench/editorial.py $(FOLDER)

check: lint types contracts wheel matrix
	AGGREGATOR_REQUIRE_POSTGRES=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup

clients: $(VENV)/.dev
	$(BIN)/python bench/clients/toolbox.py
	PYTHONPATH=bench $(BIN)/python -m clients --table docs/clients.md
	AGGREGATOR_REQUIRE_CLIENTS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup tests/validators

peers: $(VENV)/.dev
	$(BIN)/python bench/clients/toolbox.py
	AGGREGATOR_REQUIRE_CLIENTS=1 $(BIN)/python -m pytest -q tests/peers

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

slow: $(VENV)/.dev
	AGGREGATOR_REQUIRE_POSTGRES=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m slow

# The wheel is built, installed into an environment of its own, and the demo is played from it.
wheel: $(VENV)/.dev
	rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	$(PYTHON) -m venv --clear .venv-wheel
	.venv-wheel/bin/python $(PIP_INSTALL) -r requirements.lock
	.venv-wheel/bin/python -m pip install --quiet --no-deps --no-index dist/*.whl
	cd dist && ../.venv-wheel/bin/aggregator demo --once

# The quick tests on every other supported Python that this machine has.
matrix: $(VENV)/.dev
	WORKERS=$(WORKERS) sh .ci/matrix.sh

# Locks hold versions and hashes, and no address: they work with any index.
lock: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile $(LOCK_FLAGS) --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK_FLAGS) --group dev pyproject.toml -o requirements-dev.lock

LOCK_FLAGS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header

$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit("Python 3.11 or newer is needed: make run PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python $(PIP_INSTALL) -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python $(PIP_INSTALL) -r requirements-dev.lock
	touch $@

clean:
	rm -rf .venv .venv-* build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
