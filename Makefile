# Everything starts here; `make` alone lists it. Needs Python 3.11 or newer and nothing else.

PYTHON ?= python3
PORT ?= 8501
ADDRESS ?= localhost
WORKERS ?= 2
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test check format demo replica clean

help:  ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1 \t/' | expand -t 16

run: .venv/installed  ## Open the dashboard on the demo data (PORT=8501, ADDRESS=0.0.0.0 for others)
	$(BIN)/python -m streamlit run app.py --server.address $(ADDRESS) --server.port $(PORT)

test: .venv/installed-dev  ## Run every test; installs what the browser tests need, where allowed
	@.ci/packages
	$(BIN)/python -m pytest -n $(WORKERS) -rs

check: .venv/installed-dev  ## Format, lint, types, imports, tests: what CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) -rs

format: .venv/installed-dev  ## Rewrite the code in its one format
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

demo: .venv/installed  ## Fill the store with the demo data again
	$(BIN)/python -m socialsense demo

replica: PORT := $(if $(filter command line environment,$(origin PORT)),$(PORT),8700)
replica: .venv/installed  ## A small made-up Instagram to collect from (PORT=8700)
	$(BIN)/python -m tests.replica --port $(PORT)

clean:  ## Remove the environment and caches; data and models stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; choose one with: make $(or $(MAKECMDGOALS),run) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "Python lacks venv; on Debian: sudo apt install python3-venv"; exit 1; }

.venv/installed: requirements.txt | .venv/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt | .venv/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch .venv/installed $@
