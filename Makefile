# Ringfence. A machine with Python 3.11+ and cargo needs nothing else: the targets make a private
# virtual environment from pinned, hashed requirements and build the extension into it.
# Each target does only what is out of date.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
PYTEST_ARGS ?=
CARGO_TEST_ARGS ?=
LOCK_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Stamp files: newer than everything their step was made from.
REQUIREMENTS := $(VENV)/.requirements-installed
EXTENSION := $(VENV)/.extension-built
RUST_SOURCES := Cargo.toml $(wildcard Cargo.lock) \
	$(shell find crates -name '*.rs' -o -name Cargo.toml)

# Pins for every platform and Python version at once; names no package registry.
PIN := .venv-lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(LOCK_ARGS)

# The binding's build script looks for an interpreter: always the same one, so that no command
# undoes the work of another.
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(EXTENSION) ## Two venues, a gateway, two clients: show what became of each order
	$(BIN)/ringfence demo

# The binding only converts, and the Python tests drive it.
.PHONY: test
test: $(EXTENSION) ## Run the Rust and the Python tests
	cargo test --locked --workspace --exclude ringfence-py $(CARGO_TEST_ARGS)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: check
check: $(EXTENSION) ## Format, lint, types, stub, layering, tidy
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	MYPYPATH=python $(BIN)/python -m mypy.stubtest ringfence._core
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/tidy

.PHONY: bench
bench: $(EXTENSION) ## Measure the kernel against its budgets
	$(BIN)/ringfence bench kernel

.PHONY: docs
docs: $(EXTENSION) ## Build the documentation into site/, warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

.PHONY: build
build: $(EXTENSION) ## Make the virtual environment and build the extension into it

.PHONY: fmt
fmt: $(REQUIREMENTS) ## Format the Rust and the Python sources in place
	cargo fmt --all
	$(BIN)/ruff check --select I --fix
	$(BIN)/ruff format

.PHONY: lock
lock: toolchain ## Pin the Python requirements with hashes (LOCK_ARGS=--upgrade for newer ones)
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --only-binary :all: --requirement requirements/lock.txt
	$(PIN) --output-file requirements/dev.txt --extra dev pyproject.toml
	$(PIN) --output-file requirements/lock.txt requirements/lock.in

.PHONY: ci
ci: check test docs ## Everything a change must pass

.PHONY: clean
clean: ## Remove all that make built
	rm -rf $(VENV) .venv-lock target site dist .hypothesis .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache python/ringfence/_core.*.so
	find build_backend python scripts tests -name __pycache__ -prune -exec rm -rf {} +

# Says which tool is missing before anything is created.
.PHONY: toolchain
toolchain:
	@command -v $(PYTHON) >/dev/null || { \
		echo "Python 3.11 or newer is needed to build Ringfence: $(PYTHON) is not on PATH" >&2; \
		exit 1; }
	@$(PYTHON) build_backend/backend.py

$(REQUIREMENTS): requirements/dev.txt | toolchain
	@echo "Making $(VENV) from requirements/dev.txt"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP_INSTALL) --require-hashes --only-binary :all: --requirement requirements/dev.txt
	@touch $@

$(EXTENSION): $(REQUIREMENTS) pyproject.toml build_backend/backend.py $(RUST_SOURCES) | toolchain
	@echo "Building the extension into $(VENV); the first time takes about a minute"
	@PATH=$(CURDIR)/$(BIN):$$PATH $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
