# `make demo`, `make test`, `make check` and `make bench` set up what they need in .venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
BUILD  := pyproject.toml hatch_build.py dslineage/adapters/native.c
TYPED  := dslineage cli/dslineage_cli hooks/dslineage_hooks tests docs hatch_build.py $(wildcard benchmarks)

.PHONY: demo test model fuzz crashes check trainers validators bench format docs clean
.DEFAULT_GOAL := test

# Each stamp says that .venv has the dependencies of one purpose, as pyproject.toml states them now,
# and what is compiled.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/.demo: $(BUILD) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dvc]'
	@touch $@

$(VENV)/.test: $(BUILD) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dvc]' --group test --group remotes --group s3 --group lint
	@touch $@

$(VENV)/.train: pyproject.toml | $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group train
	@touch $@

$(VENV)/.fuzz: pyproject.toml | $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group fuzz
	@touch $@

$(VENV)/.standards: pyproject.toml | $(VENV)/.test
	$(BIN)/python -m pip install --quiet --group standards
	@touch $@

$(VENV)/.bench: $(BUILD) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dvc]' --group bench
	@touch $@

demo: $(VENV)/.demo
	@rm -rf demo
	@$(BIN)/dslineage demo demo

# Trainers have runs of their own: a process that loaded torch forks so slowly that crash tests crawl.
test: $(VENV)/.test
	$(BIN)/python -m pytest -q -n 2 --ignore tests/training
	@if test -e $(VENV)/.train; then $(BIN)/python -m pytest -q -n 2 tests/training; \
	else echo "tests/training were left out; make trainers installs what they need"; fi

# Longer histories than those of `make test`, for half an hour, with what was seen of them.
model: $(VENV)/.test
	$(BIN)/python -m pytest tests/model --hypothesis-profile=deep --hypothesis-show-statistics

# Every command that writes, killed at every call that changes a file; eight processes for a minute.
crashes: $(VENV)/.test
	CRASHES=all $(BIN)/python -m pytest -q -n 2 tests/crashes

# Every reader, for FUZZ seconds all together: `make fuzz FUZZ=3600`.
FUZZ ?= 900

fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ)

check: $(VENV)/.test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports

# What the tests of trainers need besides; without it they are skipped.
trainers: $(VENV)/.train

# Likewise the validators of the standards that documents are written in.
validators: $(VENV)/.standards

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

# The parts of the documents that the program itself writes.
docs: $(VENV)/.test
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.walkthrough

format: $(VENV)/.test
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
