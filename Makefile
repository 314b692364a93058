# Everything a user needs, from a bare machine: Python 3.11 or newer with venv, and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.development
AUDIT := $(VENV)-audit
AUDITOR := pip-audit==2.10.1

.PHONY: bench demo test check audit dev docs help clean
.DELETE_ON_ERROR:

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(INSTALLED) ## a synthetic company, from nothing to verdicts beside the planted truth
	$(BIN)/ab-assets demo

dev: $(INSTALLED) ## Dagster's UI; on the demo's warehouse when no other is set
	@if [ -z "$$AB_WAREHOUSE_URL" ] && [ -f data/demo/environment ]; then . data/demo/environment; fi; \
	export DAGSTER_HOME="$${DAGSTER_HOME:-$(CURDIR)/.dagster}"; \
	mkdir -p "$$DAGSTER_HOME"; [ -f "$$DAGSTER_HOME/dagster.yaml" ] || cp dagster.yaml "$$DAGSTER_HOME/"; \
	exec $(BIN)/dagster dev -w workspace.yaml --port $${PORT:-3000}

# Commands the tests start compile the project once, not each time, whatever the shell says.
test: export PYTHONDONTWRITEBYTECODE :=
test: check ## everything CI runs: style, types, tests, coverage
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

check: $(DEVELOPMENT) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(DEVELOPMENT) ## how fast, how large: tables beside the floor and others (BENCH="--short" shows it runs)
	$(BIN)/python -W ignore -m bench $(BENCH)

audit: ## the pinned packages against published advisories; needs a network that reaches them
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check $(AUDITOR)
	$(AUDIT)/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt

docs: $(INSTALLED) ## docs/commands.md, from the commands' own help
	$(BIN)/python -m tools.commands_page

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEVELOPMENT): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(INSTALLED) $@

clean: ## remove the environment and the demo
	rm -rf $(VENV) $(AUDIT) data/demo
