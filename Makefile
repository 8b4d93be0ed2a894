# The two commands of the README: `make demo` and `make test`. Both set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEPLOYMENTS := $(sort $(wildcard fixtures/deployments/*/auditor.yaml))
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help

help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Hashes are checked and nothing is built in isolation, so that exactly the locked files are used.
$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("auditor needs Python 3.11 or newer; name one with make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

install: $(STAMP) ## Set up .venv with the locked dependencies

demo: install ## Audit and compare the shipped deployments, write reports/, say what was found
	@$(BIN)/python -m fixtures.demo

examples: install ## Regenerate the committed examples in reports/
	@$(BIN)/python -m fixtures.demo --quiet

test: install ## Run the tests that need neither root, nor a browser, nor much time
	@$(BIN)/python -m pytest -q -n auto -p no:randomly -m "not slow and not browser and not root"

test-all: install ## Run every test; those that lack root, a browser or a tool skip and say why
	@$(BIN)/python -m pytest -q -n auto -p no:randomly

search: install ## Look for counterexamples: every property with fresh seeds, tests in any order
	@HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -q -n auto

test-spark: ## Hold DuckDB and Spark to the same edges, in an environment of its own (needs Java 17)
	@test -x .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check -e '.[spark]' pytest hypothesis pytest-randomly pytest-xdist
	@.venv-spark/bin/python -m pytest -q -p no:randomly tests/traffic/lake/test_spark.py

lint: install ## Lint, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install ## Measure, with ratios against a peer in the same run
	@$(BIN)/python -m benchmarks.start
	@$(BIN)/python -m benchmarks.configuration
	@$(BIN)/python -m benchmarks.lake
	@$(BIN)/python -m benchmarks.capture
	@$(BIN)/python -m benchmarks.report
	@$(BIN)/python -m benchmarks.permissions
	@$(BIN)/python -m benchmarks.logs
	@$(BIN)/python -m benchmarks.judgement

lab: install ## Record fresh captures of every shipped deployment (needs root)
	@$(BIN)/python -m fixtures.lab record --all

lock: ## Make the lock files again (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q pyproject.toml -o requirements/run.txt
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q pyproject.toml --group dev -o requirements/dev.txt

.PHONY: help install demo examples test test-all search test-spark lint bench lab lock
