# Mainstay's commands; `make` alone lists them.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
WORKERS ?= 2
ROUNDS ?= 100
EXAMPLES ?= 1000
MINUTES ?= 10

# HOST and PORT count only when given on the command line: some shells export HOST themselves.
given = $(if $(filter command line,$(origin $(1))),--$(2) '$($(1))')

.PHONY: help serve test check bench crash fuzz assets screenshots wheel clean lock
.PHONY: check-style check-types check-imports check-rules check-snapshots check-docs

help: ## List the commands
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

serve: .venv/.installed-base assets ## Run Mainstay (DATABASE_URL=… HOST=… PORT=…)
	@exec $(BIN)/mainstay serve $(call given,HOST,host) $(call given,PORT,port)

test: .venv/.installed-dev assets ## Run every test (ARGS="-k name" for some)
	@sh scripts/system.sh
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: check-style check-types check-imports check-rules check-snapshots check-docs ## Style, types, imports, rules, snapshots, reference

check-style: .venv/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

check-types: .venv/.installed-dev
	@$(BIN)/mypy --strict

check-imports: .venv/.installed-dev
	@$(BIN)/lint-imports

check-rules: .venv/.installed-dev
	@$(BIN)/python -m scripts.rules

check-snapshots: .venv/.installed-dev assets
	@$(BIN)/python -m pytest -q tests/snapshots

check-docs: .venv/.installed-dev
	@$(BIN)/mainstay docs --check

bench: .venv/.installed-bench assets ## Measure against the bars of the design (ARGS=…)
	@sh scripts/system.sh
	@$(BIN)/python -m benchmarks $(ARGS)

crash: .venv/.installed-dev assets ## Kill the server ROUNDS=100 times and look for lost writes
	@sh scripts/system.sh
	@MAINSTAY_CRASH_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest tests/crash $(ARGS)

fuzz: .venv/.installed-dev assets ## Run the property tests with EXAMPLES=1000, at most MINUTES=10
	@MAINSTAY_FUZZ_EXAMPLES=$(EXAMPLES) timeout $(MINUTES)m \
		$(BIN)/python -m pytest -n $(WORKERS) -m fuzz --hypothesis-profile=long $(ARGS)

assets: .venv/.installed-base ## Fetch the browser's files
	@$(BIN)/python scripts/assets.py

screenshots: .venv/.installed-dev assets ## Pictures of every kind of page into screenshots/ (ARGS="/projects/tasks")
	@$(BIN)/python -m scripts.screenshots $(ARGS)

wheel: .venv/.installed-dev assets ## Build dist/*.whl
	@$(BIN)/python -m hatchling build -t wheel

lock: .venv/.installed-dev ## Pin the newest versions that pyproject.toml allows
	@sh scripts/lock.sh

clean: ## Remove everything that make made
	@rm -rf .venv node_modules dist build screenshots src/mainstay/delivery/static/vendor \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An installed set is as new as its pins and the project's own entry points.
.venv/.installed-%: requirements/%.txt requirements/build.txt pyproject.toml
	@sh scripts/install.sh $*
