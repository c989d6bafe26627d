# `make setup` and `make run` are the two commands of the README; `make check` is everything that CI runs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INPUTS ?= 100000
SEEDS ?= 20000
EXAMPLE ?= lead_submission
TESTS ?= tests
# Two more than there are cores: tests wait for processes and clocks.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)

.PHONY: setup run test test-fast check bench peers bench-peers mutation fuzz simulate soak format format-check lint types contracts editors vscode tree-sitter clean

# A newer pip writes start scripts that import less; the check fills the caches that the first one would otherwise fill.
setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml hatch_build.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	PYTHONDONTWRITEBYTECODE= $(BIN)/flowlang check --exit-zero examples > /dev/null
	touch $@

# Starts stand-in services on a free loopback port, then checks, plans and runs an example against them. Offline.
run: setup
	$(BIN)/python -m examples $(EXAMPLE)

test: setup
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder -m 'not soak and not vscode' $(TESTS)

test-fast: setup
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder -m 'not soak and not slow and not vscode' $(TESTS)

# mypy without a cache takes seconds of one core, and the tests begin on the others meanwhile.
check: format-check lint contracts
	$(MAKE) --no-print-directory --jobs 2 types test

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format-check: setup
	$(BIN)/ruff format --check .

lint: setup
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

contracts: setup
	$(BIN)/lint-imports

# How many of the faults that are seeded into clean flows the checker finds, and which not.
mutation: setup
	$(BIN)/python -m tests.mutation

# 100,000 inputs of nonsense: no traceback, no place outside the file, no second of silence.
fuzz: setup
	$(BIN)/python -m tests.fuzz $(INPUTS)

bench: setup
	$(BIN)/python -m benchmarks

# Random flows with failures and crashes on a virtual clock; a seed that fails is printed with how to run it alone.
simulate: setup
	$(BIN)/python -m tests.simulation $(SEEDS)

# Kills at random instants, for minutes.
soak: setup
	$(BIN)/python -m pytest -q -n $(JOBS) -m soak tests

# Checkers and runtimes of other projects, to measure beside: installed into .peers/ from the package registries.
peers: setup
	$(BIN)/python -m benchmarks.peer_environments

bench-peers: setup
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks peers

# The extension for Visual Studio Code, with its tests: editors/vscode/dist/flowlang.vsix. Wants node 20 or newer.
editors:
	cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm test && npm run package

# The extension in Visual Studio Code itself, in a browser. Minutes the first time; wants what tests/vscode/install.sh names.
vscode: setup editors
	bash tests/vscode/install.sh .vscode-server
	$(BIN)/python -m pip install -q playwright
	$(BIN)/python -m pytest -n0 -m vscode tests/vscode

# The tree-sitter parser from its grammar. Wants the tree-sitter program, 0.22, and node; what it makes is committed.
tree-sitter:
	cd editors/tree-sitter-flow && tree-sitter generate --no-bindings

clean:
	rm -rf editors/vscode/node_modules editors/vscode/dist .vscode-server
	rm -rf $(VENV) .peers build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
