# Needs Python 3.11+, make and a shell. Everything is installed into .venv; stamp files there make a second run start at once.
# Works with GNU make 3.81 and later.

PYTHON ?= python3
ARGS ?=
UV_VERSION := 0.13.9

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
NPM := $(BIN)/python web/npm.py
INSTALL_PROJECT := $(PIP) install --no-deps --no-build-isolation -e . && $(PIP) check
COMPILE := .venv/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock'

define WITHOUT_FUNDING
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
lock = json.loads(path.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
path.write_text(json.dumps(lock, indent=2) + "\n")
endef
export WITHOUT_FUNDING

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help install demo test check console wire bench bench-peers bench-package bench-metrics bench-console screens faults cluster lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo '  ARGS="..." is handed on to the program behind demo, test, bench, bench-peers, bench-metrics, faults and cluster; PYTHON=... chooses the interpreter.'

install: .venv/.dev ## make .venv with all that running and developing need

demo: .venv/.demo server/console/index.html ## start the server with its own PostgreSQL and demo data; Ctrl-C stops it
	@exec $(BIN)/resolutionflow demo $(ARGS)

test: .venv/.dev tests/js/node_modules/.stamp server/console/index.html ## run the tests
	@exec $(BIN)/pytest -n 2 --dist loadfile $(ARGS)

check: .venv/.dev web/node_modules/.stamp ## lint, formatting, types, layers, the console's too
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(NPM) --prefix web run check

console: server/console/index.html ## build the browser page into server/console

wire: .venv/.dev web/node_modules/.stamp ## make the console's types from the server's models
	@mkdir -p .data && $(BIN)/resolutionflow schema asyncapi > .data/asyncapi.json
	@$(BIN)/resolutionflow schema openapi > .data/openapi.json
	$(NPM) --prefix web run types -- ../.data/openapi.json ../.data/asyncapi.json src/realtime/wire.ts

bench: .venv/.dev ## claims and messages per second and latency beside pgbench, about four minutes
	@exec $(BIN)/python -m tests.bench.bench_claims $(ARGS)

bench-peers: .venv/.dev tests/bench/peers/node_modules/.stamp ## fan-out beside Node's Socket.IO, python-socketio and a C loop, about half an hour; ARGS=--quick: a minute
	@exec $(BIN)/python -m tests.bench.bench_peers $(ARGS)

bench-metrics: .venv/.dev ## the figures of an account with a million events: time and plan, about two minutes
	@exec $(BIN)/python -m tests.bench.bench_metrics $(ARGS)

bench-package: .venv/.dev ## how long the escalation package takes, and how well it reads the labelled corpus
	@exec $(BIN)/python -m tests.bench.bench_package

bench-console: .venv/.dev server/console/index.html ## what a long and busy queue does to the page, and its first load, about a minute
	@exec $(BIN)/python -m tests.console.bench_frames $(ARGS)

screens: .venv/.dev tests/js/node_modules/.stamp server/console/index.html ## make the pictures in docs/screens anew
	@RF_SCREENS=docs/screens $(BIN)/pytest -q tests/console/test_screens.py

faults: .venv/.dev tests/js/node_modules/.stamp ## hurt three replicas under load and look for losses; ARGS=--short, or faults by name
	@exec $(BIN)/python -m tests.faults $(ARGS)

cluster: .venv/.dev ## the topology of docker-compose.yml as processes: nginx before three replicas; Ctrl-C stops it
	@exec $(BIN)/python -m deploy.cluster $(ARGS)

# Constrained by dev.txt, so that what `make demo` installs is what `make install` keeps.
lock: .venv/.lock ## bring the lock files up to date (ARGS=--upgrade: take new versions)
	$(COMPILE) $(ARGS) --extra ai --extra embedded --group dev pyproject.toml requirements/build.in -o requirements/dev.txt
	$(COMPILE) --upgrade --extra embedded -c requirements/dev.txt pyproject.toml requirements/build.in -o requirements/demo.txt
	$(COMPILE) --upgrade --extra ai -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(COMPILE) --upgrade -c requirements/dev.txt requirements/build.in -o requirements/build.txt
	@$(MAKE) .venv/.dev
	$(NPM) --prefix tests/js install --package-lock-only
	$(NPM) --prefix tests/bench/peers install --package-lock-only
	$(NPM) --prefix web install --package-lock-only
	@for lock in tests/js tests/bench/peers web; do $(BIN)/python -c "$$WITHOUT_FUNDING" $$lock/package-lock.json; done

clean: ## remove .venv, node_modules and caches; data stays
	rm -rf .venv tests/js/node_modules tests/bench/peers/node_modules web/node_modules server/console .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find server handlers store loadtest tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.created:
	@command -v $(PYTHON) >/dev/null || \
		{ echo '$(PYTHON) was not found: install Python 3.11 or later, or say where it is: make PYTHON=...' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo '$(PYTHON) cannot make virtual environments. Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.demo: .venv/.created requirements/demo.txt pyproject.toml
	@echo 'Installing what the server needs into .venv (once) ...'
	@$(PIP) install --require-hashes -r requirements/demo.txt
	@$(INSTALL_PROJECT)
	@touch $@

# Holds all that .demo holds.
.venv/.dev: .venv/.created requirements/dev.txt pyproject.toml
	@echo 'Installing what running and developing need into .venv (once) ...'
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(INSTALL_PROJECT)
	@touch .venv/.demo $@

.venv/.lock: .venv/.created Makefile
	@$(BIN)/python -m venv .venv/lock
	@.venv/lock/bin/python -m pip --disable-pip-version-check --quiet install uv==$(UV_VERSION)
	@touch $@

tests/js/node_modules/.stamp: tests/js/package.json tests/js/package-lock.json tests/js/.npmrc | .venv/.dev
	@$(NPM) --prefix tests/js ci
	@touch $@

tests/bench/peers/node_modules/.stamp: tests/bench/peers/package.json tests/bench/peers/package-lock.json tests/bench/peers/.npmrc | .venv/.dev
	@$(NPM) --prefix tests/bench/peers ci
	@touch $@

web/node_modules/.stamp: web/package.json web/package-lock.json web/.npmrc | .venv/.demo
	@echo 'Installing what building the console needs into web/node_modules (once) ...'
	@$(NPM) --prefix web ci
	@touch $@

server/console/index.html: web/node_modules/.stamp web/index.html web/vite.config.ts $(shell find web/src web/public web/scripts -type f)
	@echo 'Building the console ...'
	@$(NPM) --prefix web run build --silent
	@touch $@
