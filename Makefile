# Redress. `make` alone shows what there is. Needs Python 3.11 or newer with venv and pip, and nothing else.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The interpreter the environment is made from; name another with `make PYTHON=/path/to/python3`.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# How many processes the tests run in.
JOBS ?= 2
UV ?= uv

PY := .venv/bin/python
PYTEST := $(PY) -m pytest

.PHONY: help environment demo up test test-full check requirements docs format messages screens browser topology bench bench-desk lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment: ## Make .venv from the hash lock (every other target does it by itself)
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) tools/environment.py

demo: environment ## Play the sample complaints through their whole lives on real servers
	@.venv/bin/redress demo

up: environment ## Run everything here: PostgreSQL, Temporal with its UI, workers (Ctrl-C ends it)
	@.venv/bin/redress up

browser: environment ## Find Chromium and a Chinese font for the browser tests, or install Debian's
	@$(PY) -m tools.browser >/dev/null

test: browser ## Run the tests (about eleven minutes on two cores)
	@$(PYTEST) -n $(JOBS) -m "not slow"

test-full: browser ## Run every test, the long ones too
	@$(PYTEST) -n $(JOBS)

check: environment ## Lint, format, types, import rules, drawn documents up to date
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(PY) -m mypy .
	@$(PYTEST) -q tests/test_architecture.py
	@$(PY) -m tools.docs --check
	@$(PY) -m tools.sizes

requirements: environment ## Draw docs/requirements.md: requirement, code, tests, status
	@$(PY) -m tools.requirements

docs: environment ## Draw every generated document
	@$(PY) -m tools.docs

messages: environment ## List the words of the desk that are not translated yet
	@$(PY) -m tools.messages

screens: browser ## Photograph every page of the desk into build/screens
	@$(PY) -m tools.screens

format: environment ## Put the code into the house's form
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

topology: environment ## Build Temporal from source and try the production topology (some minutes at first)
	@$(PY) -m deploy.topology

bench: environment ## Measure what a complaint costs: exact counts, and ratios beside a bare workflow
	@$(PY) -m bench

bench-desk: environment ## Measure the desk's pages with 50,000 open and 500,000 ended complaints (half an hour)
	@$(PY) -m bench desk

lock: ## Resolve the hash locks anew (needs uv; packages younger than 7 days are left out)
	@$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 --extra local --group test --group lint --group build pyproject.toml -o requirements.lock
	@$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 --group build --constraint requirements.lock pyproject.toml -o requirements-server.lock
	@$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 deploy/go.in -o deploy/go.lock

clean: ## Remove the environment and what the tools left (data of `make up` stays)
	@rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
