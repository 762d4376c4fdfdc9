# Every target is one command on a fresh clone; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help demo test check stress bench audit chaos lock .venv .venv-dev

# Another interpreter: make demo PYTHON=/path/to/python3.12
PYTHON ?=
export PYTHON

# How many processes test at once; each has its own PostgreSQL, Dovecot and Chromium. More than there are cores take
# longer: the long tests start processes of their own.
WORKERS ?= auto

BIN := .venv/bin
UV := build/uv/bin/uv
COMPILE := $(UV) --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --group build

help: ## list these targets
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv ## the whole desk on this machine: no account, no key
	@$(BIN)/loket demo

test: .venv-dev ## the whole test suite
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist worksteal

check: .venv-dev ## lint, format, types and the floors' import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

stress: .venv-dev ## the storms: many posts at once, and the process killed on the way
	@$(BIN)/python -m pytest -m stress --timeout 1200

bench: .venv-dev ## one table: everything beside the least it could cost (QUICK=--quick for a look)
	@$(BIN)/python -m bench.run $(QUICK)

chaos: .venv-dev ## kill everything for ten minutes and audit (CHAOS="--minutes 1 --messages 2000 --kills 4 --seed 2")
	@$(BIN)/python -m bench.chaos $(CHAOS)

audit: ## whether a locked library has a known hole (asks the public list of advisories)
	@test -x build/audit/bin/pip-audit || { python3 -m venv build/audit && build/audit/bin/pip install --quiet pip-audit; }
	@build/audit/bin/pip-audit --disable-pip --require-hashes -r requirements.lock

lock: ## choose library versions anew (make lock UPGRADE=--upgrade for the newest)
	@test -x $(UV) || { .ci/venv requirements.lock && $(BIN)/python -m venv build/uv && build/uv/bin/pip install --quiet uv; }
	@$(COMPILE) $(UPGRADE) pyproject.toml -o requirements.lock
	@$(COMPILE) $(UPGRADE) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.venv: ## only install the libraries into .venv
	@.ci/venv requirements.lock requirements-dev.lock

.venv-dev:
	@.ci/venv requirements-dev.lock
