# What a person types. `make help` lists it; the work is done by cargo, npm and the scripts in tests/scripts.

.DEFAULT_GOAL := help
.PHONY: help run serve front fmt lint test test-rust test-front test-browser nightly bench bench-matching release deps-debian clean-data clean-front clean-build

CARGO ?= cargo
NPM ?= npm
FRONT_SOURCES := $(shell find frontend/src frontend/static frontend/dev -type f 2>/dev/null) \
	$(wildcard frontend/*.ts frontend/*.js frontend/*.json)

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "  make %-13s %s\n", $$1, $$2 }'

run: front ## Build everything and run the demo on http://localhost:8080
	@$(CARGO) run --locked --quiet -- demo

serve: front ## Build everything and run an empty server, configured by yunqia.toml and YUNQIA_…
	@$(CARGO) run --locked --quiet -- serve

front: frontend/build/index.html ## Build the front end, when its sources are newer than the build

frontend/build/index.html: frontend/node_modules/.package-lock.json $(FRONT_SOURCES)
	@cd frontend && $(NPM) run --silent build && touch build/index.html

# npm writes this file when it has installed what the lock names.
frontend/node_modules/.package-lock.json: frontend/package-lock.json
	@cd frontend && $(NPM) ci --no-audit --no-fund && touch node_modules/.package-lock.json

tests/e2e/node_modules/.package-lock.json: tests/e2e/package-lock.json
	@cd tests/e2e && $(NPM) ci --no-audit --no-fund && touch node_modules/.package-lock.json

fmt: frontend/node_modules/.package-lock.json ## Format all sources
	$(CARGO) fmt --all
	cd frontend && $(NPM) run --silent format

lint: ## Formatting and lints of the Rust sources, warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

test: ## Everything: lints, Rust on SQLite and PostgreSQL, the front end, a real browser
	@tests/scripts/test.sh all

test-rust: ## Rust tests alone, on SQLite and on a PostgreSQL of their own
	@tests/scripts/test.sh rust

test-front: ## Front end: types, formatting, unit tests, build
	@tests/scripts/test.sh front

test-browser: ## End-to-end tests in Chromium
	@tests/scripts/test.sh browser

nightly: front ## At length: faults (bad lines, 20 kills), the simulation with many seeds (SEEDS=first..last, STEPS=acts of each)
	@tests/scripts/test.sh nightly

bench: front ## Benchmarks; one line of JSON each
	@tests/scripts/bench.sh

bench-matching: ## The matching engine against CP-SAT and HiGHS (PUBLISHED=<folder> adds published instances)
	@tests/bench/matching.sh

release: front ## A binary to install: target/release/yunqia
	$(CARGO) build --locked --release

deps-debian: ## Install what the tests need on Debian: PostgreSQL, NATS, Chromium, fonts, strace (as root)
	@tests/scripts/postgres.sh --install
	@tests/scripts/nats.sh --install
	@tests/scripts/chromium.sh --install
	@tests/scripts/strace.sh --install

clean-data: ## Remove the data of `make run` (var/)
	rm -rf var

clean-front: ## Remove the front end's build and packages
	rm -rf frontend/build frontend/.svelte-kit frontend/node_modules

clean-build: ## Remove what cargo built
	$(CARGO) clean
