# Every target sets itself up in .venv: Python 3.11+, git and make are all that a machine needs.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# The first of these that is new enough; `make PYTHON=/path/to/python3.12 ...` names another.
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
endif

# make audit REPO=path/to/repository FLOW=name; without REPO, the broken demo app of this repository, built for the occasion.
REPO ?=
FLOW ?= checkout
# More arguments for the program behind a target: make test ARGS="-k trace"
ARGS ?=

.PHONY: help audit test unit lint format typecheck eval bench soak conformance build build-check update-golden lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

audit: $(READY) ## audit REPO= for FLOW= and write backend-readiness-audit-<flow>.md here
	@repo="$(REPO)"; demo=; \
	if [ -z "$$repo" ]; then \
		demo="$$(mktemp -d)" && trap 'rm -rf "$$demo"' EXIT && repo="$$demo/shop" && $(BIN)/python -m evals.demo "$$repo" || exit 2; \
		echo "No REPO= given: this is the broken demo app, evals/apps/shop with the changes that evals/demo.yml lists." >&2; \
	fi; \
	$(BIN)/backend-readiness audit "$$repo" --flow "$(FLOW)" $(ARGS)

test: $(READY) ## lint, types and all tests, side by side; each runs to its end
	@$(MAKE) --no-print-directory -k -j 3 lint typecheck unit

unit: $(READY)
	$(BIN)/python -m pytest -n auto -q $(ARGS)

lint: $(READY) ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: $(READY) ## mypy --strict
	$(BIN)/mypy server evals/*.py

eval: $(READY) ## audit the good app and each broken twin; print the scoreboard
	$(BIN)/backend-readiness eval $(ARGS)

bench: $(READY) ## measure speed and memory, and what answers cost a model in tokens
	$(BIN)/python benchmarks/run.py $(ARGS)
	$(BIN)/python benchmarks/tokens.py

soak: $(READY) ## ten thousand calls to one server; its memory must stay flat (some minutes)
	$(BIN)/python benchmarks/soak.py $(ARGS)

conformance: $(READY) ## the standards' own tools against server, skill, plugin and bundle; takes Node and them through npm and pip
	mkdir -p build/conformance
	cp conformance/package.json build/conformance/
	cd build/conformance && npm install --no-audit --no-fund --no-package-lock
	node build/conformance/node_modules/@anthropic-ai/claude-code/install.cjs
	$(PYTHON) -m venv build/conformance/python
	build/conformance/python/bin/python -m pip install --quiet --disable-pip-version-check -r conformance/requirements.txt
	$(BIN)/python conformance/run.py $(ARGS)

update-golden: $(READY) ## rewrite tests/golden from what the tests get; read the diff
	$(BIN)/python -m pytest -n auto -q --update-golden $(ARGS)
	git --no-pager diff --stat -- tests/golden

build: $(READY) ## sdist and wheel in dist/
	rm -rf dist
	$(BIN)/python -m hatchling build

build-check: build ## install the wheel into an empty environment, as a user does, and run it
	rm -rf build/check
	$(PYTHON) -m venv build/check
	build/check/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	cd build/check && ./bin/backend-readiness --version

lock: $(READY) ## pin the newest allowed releases in constraints.txt, with hashes
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<1'
	{ echo '# Written by `make lock` from pyproject.toml (all extras). Every file of each release is listed: one list serves all machines.'; \
	  build/lock/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade --quiet \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header; } > build/lock/constraints.txt
	mv build/lock/constraints.txt constraints.txt

clean: ## remove the environment, builds and caches
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The environment holds what constraints.txt pins, hashes checked, and this source tree as an editable install.
$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo 'make: no Python 3.11 or newer found. Install one, or name it: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'make: $(PYTHON) is not Python 3.11 or newer. Name another: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'make: $(PYTHON) cannot make environments. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
