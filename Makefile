# Asks of the machine only make and a Python of 3.11 or newer; everything else goes into .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --quiet pyproject.toml --group build

.DEFAULT_GOAL := help
# The tests wait for files and servers, too: one process more than there are cores.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
.PHONY: help demo test check bench screenshots lock migration clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/runtime ## Install, then send a first issue into a mailbox on this machine
	$(BIN)/newsletter demo

test: .venv/dev ## Run the tests
	$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal

check: .venv/dev ## Run everything that a change must pass: style, types, tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal

bench: .venv/dev ## Measure how fast an issue leaves
	$(BIN)/python -m benchmarks

screenshots: .venv/dev ## Take a picture of every page of the desk, into screenshots/
	PYTHONPATH=tests $(BIN)/python tests/screenshots.py

lock: .venv/dev ## Pin the dependencies anew; UPGRADE=--upgrade takes the newest of each
	$(LOCK) $(UPGRADE) -o requirements.lock
	$(LOCK) $(UPGRADE) --group dev --extra pdf -c requirements.lock -o requirements-dev.lock

migration: .venv/dev ## Write a migration for changed tables: make migration m="Issues have editors"
	$(BIN)/python migrations/draft.py "$(m)"
	$(BIN)/ruff format --quiet migrations
	$(BIN)/ruff check --quiet --fix migrations

clean: ## Remove what was installed and cached; databases stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find newsletter tests migrations benchmarks -name __pycache__ -prune -exec rm -rf {} +

# The two stamps: what is installed from which lock. The build backend is pinned in the locks too,
# so that nothing is fetched that has no hash.
.venv/runtime: requirements.lock pyproject.toml | .venv/pyvenv.cfg
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("This needs Python 3.11 or \
	newer, and $(PYTHON) is %s.%s. Name another: make PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual \
	environments. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
