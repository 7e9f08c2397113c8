# Relais: `make run` to use it, `make test` to check it. `make help` lists the rest.

# The first Python that is recent enough; another one: make run PYTHON=python3.13
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
# Twice quiet: warnings about this or that mirror are not the reader's business, errors are still told.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# One worker a core, and at most four: each of them runs a server and a browser of its own.
WORKERS ?= auto
PYTEST := pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help env env-dev run demo test e2e guide check format bench lock clean

help: ## list these commands
	@sed -nE 's/^([a-z][a-z0-9-]*):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

env: .venv/.runs ## make .venv with what the app needs, from requirements.lock
env-dev: .venv/.tests ## the same with what testing and checking need, from requirements-dev.lock

run: env ## upgrade the database, fill an empty one with demo data, print the accounts and the address, serve
	@$(BIN)/relais db upgrade
	@$(BIN)/relais demo --if-empty
	@$(BIN)/relais serve

demo: env ## fill an empty database with demo data
	@$(BIN)/relais db upgrade
	@$(BIN)/relais demo

test: env-dev ## every test, on SQLite and PostgreSQL, in Chromium, with Dovecot; finds or installs all three
	@$(BIN)/python tests/with_services.py $(PYTEST)

e2e: env-dev ## the journeys in Chromium only
	@$(BIN)/python tests/with_services.py $(PYTEST) -m e2e

guide: env-dev ## take the pictures of docs/guide.fr.md again, from the app on demo data
	@$(BIN)/python tests/with_services.py python -m tests.e2e.make_guide_images

check: env-dev ## style, types, the arrows between folders, the house rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest --quiet -p no:cacheprovider tests/test_architecture.py tests/test_words.py

format: env-dev ## let ruff write the style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: env-dev ## a million sub-actions, measured on both engines beside the bare SQL
	@$(BIN)/python tests/with_services.py python -m bench

# One resolution serves Python 3.11 and up on Linux and macOS: every file's hash stands in the lock.
# UPGRADE=--upgrade takes newer releases, UPGRADE="--upgrade-package nh3" one of them.
COMPILE = .venv/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) \
	pyproject.toml --group pyproject.toml:build
lock: ## resolve pyproject.toml again into the two lock files
	@test -x .venv/lock/bin/uv || { $(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv; }
	@$(COMPILE) --output-file requirements.lock
	@$(COMPILE) --constraint requirements.lock --all-extras --output-file requirements-dev.lock

clean: ## remove what was built and left by tests; keeps data/
	rm -rf .venv build *.egg-info test-output .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: newer than the lock file once everything in it is installed.
.venv/.runs: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Relais needs Python 3.11 or newer: install it, or name it: make run PYTHON=..."; exit 1; }
	@echo "Making the environment (once; a minute or two)..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.tests: requirements-dev.lock .venv/.runs
	@echo "Adding what tests and checks need (once)..."
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
