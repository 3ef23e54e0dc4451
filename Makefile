# make demo    the main job end to end: issued in Python, accepted in Node, decided in a worker
# make test    everything that is checked: tests, vectors in every face and runtime, lints, documentation
# make bench   speed and size beside peers
# make build   the three packages: make wasm, make python, make node
# make site    the documentation as static pages, in .build/site
# make packages  what is published, for every platform, in .build/packages
# make lint    the checks that run nothing; make fmt repairs what can be repaired
# make clean   forgets everything that was built
#
# Every target installs what it needs of Rust, pip and npm. Chromium, PostgreSQL and iproute2 are installed where that is
# allowed, else counted as a skip.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

export CARGO_TARGET_DIR := $(CURDIR)/target
export SYSTEM_NODE := $(shell command -v node)
export SKIPS := $(CURDIR)/.build/skips
export PYTHON := $(CURDIR)/.venv/bin/python
export PYO3_PYTHON := $(PYTHON)
export PYTHONDONTWRITEBYTECODE := 1
export MYPY_CACHE_DIR := $(CURDIR)/.build/mypy
export RUFF_CACHE_DIR := $(CURDIR)/.build/ruff
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.build/hypothesis
export TOKENWARD := $(CURDIR)/target/debug/tokenward
export NODE := $(CURDIR)/tests/node_modules/node/bin/node

bin := .venv/bin
npx := tests/node_modules/.bin
step = @printf '==> %s\n'

.PHONY: help demo test bench build wasm python node site packages lint fmt clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# ---- tools -------------------------------------------------------------------------------------------------------------

rust := .build/rust
pip := .venv/.installed
npm := tests/node_modules/.installed
frameworks := tests/web/node_modules/.installed

$(rust):
	$(step) "rust: wasm32-unknown-unknown, rustfmt, clippy"
	@rustup target add wasm32-unknown-unknown
	@rustup component add rustfmt clippy
	@mkdir -p $(@D) && touch $@

$(pip): python/requirements-dev.txt
	$(step) "pip: install into .venv"
	@[ -x $(PYTHON) ] || python3 -m venv .venv
	@$(bin)/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# `npm ci` refuses a lock without the packages of other platforms; `install` with exact versions gives the same tree.
$(npm): tests/package.json tests/package-lock.json
	$(step) "npm: install into tests/node_modules"
	@cd tests && npm install --no-audit --no-fund --loglevel=error
	@touch $@

# Of the site: typedoc wants an older TypeScript than the one that checks the types.
typedoc := site/node_modules/.installed

$(typedoc): site/package.json site/package-lock.json
	$(step) "npm: install into site/node_modules"
	@cd site && npm install --no-audit --no-fund --loglevel=error
	@touch $@

$(frameworks): tests/web/package.json tests/web/package-lock.json
	$(step) "npm: install web frameworks into tests/web/node_modules"
	@cd tests/web && npm install --no-audit --no-fund --loglevel=error
	@touch $@

packaged := tests/packages/node_modules/.installed

$(packaged): tests/packages/package.json tests/packages/package-lock.json
	$(step) "npm: install bundlers and other versions of Node into tests/packages/node_modules"
	@cd tests/packages && npm install --no-audit --no-fund --loglevel=error
	@touch $@

# The C compiler and linker for other platforms.
zig := .venv/.zig

$(zig): python/requirements-packages.txt | $(pip) $(rust)
	$(step) "pip: install zig; rust: other targets"
	@$(bin)/pip install --quiet --disable-pip-version-check -r $<
	@rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-gnu aarch64-unknown-linux-musl
	@touch $@

.PHONY: chromium
chromium:
	@if ! command -v $${CHROMIUM:-chromium chromium-browser google-chrome} >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "==> apt: install chromium"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || echo "apt: could not install chromium"; \
	fi

# The programs of a server lie outside the path. Tests start their own, as an ordinary user, and end it.
.PHONY: postgresql
postgresql:
	@if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "==> apt: install postgresql"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; } || echo "apt: could not install postgresql"; \
	fi

# Tests of a network that is cut lay one of their own.
.PHONY: iproute2
iproute2:
	@if ! command -v ip >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "==> apt: install iproute2"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends iproute2 >/dev/null; } || echo "apt: could not install iproute2"; \
	fi

# ---- packages ----------------------------------------------------------------------------------------------------------

sources = $(shell find $(wildcard $(1)) -type f -not -path '*/dist/*' \( -name '*.rs' -o -name '*.toml' \))
shared := Cargo.toml Cargo.lock .cargo/config.toml $(call sources,core)
native := $(shared) $(call sources,host cli)

module := wasm/dist/tokenward_bg.wasm
addon := node/dist/tokenward.node
extension := python/tokenward/_native.abi3.so
command := target/debug/tokenward
face := wasm/dist/face/index.js

build: wasm python node

wasm: $(module) $(face)

$(module): $(shared) $(call sources,wasm tests/xtask) | $(rust) $(npm)
	$(step) "wasm: compile"
	@cargo build --profile wasm --target wasm32-unknown-unknown --package tokenward-wasm
	$(step) "wasm: glue"
	@cargo build --package xtask
	@cargo xtask bindings target/wasm32-unknown-unknown/wasm/tokenward_wasm.wasm .build/wasm
	$(step) "wasm: optimize"
	@mkdir -p $(@D) && cp .build/wasm/tokenward_bg.js $(@D)
	@$(npx)/wasm-opt -O3 --strip-producers --strip-target-features -o $@ .build/wasm/tokenward_bg.wasm
	@printf 'wasm: %s bytes, %s gzipped\n' "$$(wc -c <$@)" "$$(gzip -9 <$@ | wc -c)"

# The JavaScript face and its integrations are written once, in node/js, and packed into both packages.
$(face): $(wildcard node/js/face/* node/js/web/*)
	@rm -rf wasm/dist/face wasm/dist/web && mkdir -p wasm/dist && cp -R node/js/face node/js/web wasm/dist
	@rm wasm/dist/web/express.* wasm/dist/web/fastify.*

python: $(extension)

$(extension): $(native) $(call sources,python) | $(rust) $(pip)
	$(step) "python: compile, install into .venv"
	@cd python && ../$(bin)/maturin develop --release
	@touch $@

node: $(addon)

$(addon): $(native) $(call sources,node) | $(rust) $(npm)
	$(step) "node: compile"
	@cargo build --release --package tokenward-node
	@mkdir -p $(@D) && cp target/release/libtokenward_node.so $@.part && mv $@.part $@

# The command line alone, for tests that compare it with the one in the packages.
$(command): $(native) | $(rust)
	$(step) "command line: compile"
	@cargo build --package tokenward-cli
	@touch $@

# Of this platform from what is built already, for the tests; of every platform by zig.
packages: $(module) $(face) $(addon) $(zig)
	$(step) "packages: every platform"
	@$(NODE) tests/packages/build.mjs all

# ---- tests -------------------------------------------------------------------------------------------------------------

.PHONY: begin test-rust test-python test-web-python test-node test-web-node test-edge test-runtimes test-packages docs test-site
crates := --workspace --exclude tokenward-node --exclude tokenward-python --exclude tokenward-wasm --exclude xtask

test: begin test-rust test-python test-web-python test-node test-web-node test-edge test-runtimes test-packages lint docs test-site
	@sed 's/^/skip: /' $(SKIPS); skips=$$(wc -l <$(SKIPS)); echo "skips: $$skips"; \
	[ "$$skips" -eq 0 ] || [ -z "$${NO_SKIPS:-}" ] || { echo "a skip is a failure here"; exit 1; }
	$(step) "everything passed"

begin:
	@mkdir -p .build && : >$(SKIPS)

test-rust: postgresql iproute2 | $(rust)
	$(step) "rust: tests"
	@if cargo nextest --version >/dev/null 2>&1; then cargo nextest run $(crates) --no-fail-fast; else cargo test $(crates) --lib --bins --tests; fi
	$(step) "rust: tracing"
	@cargo test --quiet --package tokenward-host --features tracing --test tracing
	$(step) "rust: examples in the documentation"
	@cargo test --quiet $(crates) --doc

test-python: $(extension) postgresql
	$(step) "python: pytest"
	@$(bin)/pytest --config-file python/pyproject.toml --rootdir . tests/python

test-web-python: $(extension)
	$(step) "python: web frameworks"
	@$(bin)/pytest --config-file python/pyproject.toml --rootdir . tests/web

test-node: $(addon) $(module) $(face) $(npm) $(extension) $(command) postgresql
	$(step) "node: node:test in $$($(SYSTEM_NODE) --version)"
	@$(SYSTEM_NODE) --test tests/js/*.test.mjs
	$(step) "node: node:test in $$($(NODE) --version)"
	@$(NODE) --test tests/js/*.test.mjs

test-web-node: $(addon) $(module) $(face) $(npm) $(frameworks)
	$(step) "web frameworks: node:test in $$($(SYSTEM_NODE) --version)"
	@$(SYSTEM_NODE) --test tests/web/*.test.mjs
	$(step) "web frameworks: node:test in $$($(NODE) --version)"
	@$(NODE) --test tests/web/*.test.mjs

test-edge: $(module) $(face) $(addon) $(npm)
	$(step) "wasm: stores, replicas and examples in workerd"
	@$(NODE) --test tests/edge/*.test.mjs

test-runtimes: $(module) $(face) $(addon) $(npm) chromium
	$(step) "wasm: vectors in every runtime"
	@$(NODE) tests/runtimes/all.mjs

docs: | $(rust) $(pip)
	$(step) "rust: documentation"
	@RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --workspace --exclude xtask

test-packages: $(module) $(face) $(addon) $(npm) $(packaged) chromium
	$(step) "packages: this platform"
	@$(NODE) tests/packages/build.mjs
	$(step) "packages: installed elsewhere, bundled, run"
	@$(NODE) --test tests/packages/*.test.mjs

# The reference comes from the code: rustdoc beside the pages; typedoc and mkdocstrings within them.
types := site/node_modules/.bin/typedoc --options site/typedoc.json --logLevel Warn

site: docs $(pip) $(typedoc) $(npm) $(face)
	$(step) "documentation: pages"
	@$(types) --out .build/reference/node node/js/index.d.ts
	@$(types) --out .build/reference/wasm --intentionallyNotExported StoreAddress wasm/index.d.ts
	@NO_MKDOCS_2_WARNING=1 $(bin)/mkdocs build --quiet --strict --config-file site/mkdocs.yml
	@cp -r target/doc .build/site/reference/rust

test-site: site $(npm) chromium
	$(step) "documentation: policies as an editor reads them"
	@RUST_LOG=warn site/node_modules/.bin/taplo lint core/policies/*.toml
	$(step) "documentation: every page in a browser"
	@$(NODE) --test tests/site/*.test.mjs

# ---- checks that run nothing -------------------------------------------------------------------------------------------

# Examples are read as their users read them, one by one: their modules have the same names.
python_files := python/tokenward site $(wildcard tests/python tests/web tests/demo tests/bench)

lint: $(extension) $(module) $(face) $(addon) $(npm) $(frameworks)
	$(step) "rust: versions, public API, fmt, clippy"
	@cargo xtask version
	@cargo xtask api
	@cargo fmt --all --check
	@cargo clippy --quiet --workspace --all-targets -- -D warnings
	@cargo clippy --quiet --package tokenward-host --features tracing --all-targets -- -D warnings
	@cargo clippy --quiet --package tokenward-wasm --target wasm32-unknown-unknown -- -D warnings
	$(step) "python: ruff, mypy, stubtest"
	@$(bin)/ruff check --quiet --config python/pyproject.toml $(python_files) examples
	@$(bin)/ruff format --quiet --check --config python/pyproject.toml $(python_files) examples
	@$(bin)/mypy --config-file python/pyproject.toml $(python_files)
	@cd python && ../$(bin)/stubtest tokenward._native --mypy-config-file pyproject.toml
	$(step) "javascript: biome, tsc, publint, attw"
	@$(npx)/biome ci --colors=off --error-on-warnings
	@$(npx)/tsc -p tests/tsconfig.json
	@$(npx)/tsc -p tests/tsconfig.edge.json
	@$(npx)/tsc -p tests/web/tsconfig.json
	@$(npx)/tsc -p tests/web/tsconfig.next.json
	@$(NODE) tests/bench/quote.mjs check
	@for package in wasm node; do $(npx)/publint --strict $$package; $(npx)/attw --quiet --pack $$package --profile node16 --ignore-rules cjs-resolves-to-esm; done

fmt: $(pip) $(npm) | $(rust)
	$(step) "rust, python, javascript: formatted"
	@cargo fmt --all
	@$(bin)/ruff check --quiet --fix --config python/pyproject.toml $(python_files) examples || true
	@$(bin)/ruff format --quiet --config python/pyproject.toml $(python_files) examples
	@$(npx)/biome check --colors=off --write

# ---- the two that show something ---------------------------------------------------------------------------------------

demo: $(extension) $(addon) $(module) $(face)
	$(step) "demo"
	@$(NODE) tests/demo/main.mjs

bench: $(extension) $(addon) $(module) $(face) postgresql
	$(step) "bench: rust"
	@cargo bench --package conformance
	$(step) "bench: python, node, wasm"
	@$(NODE) tests/bench/main.mjs

clean:
	@cargo clean --quiet
	@rm -rf .build wasm/dist node/dist python/tokenward/*.so
	$(step) "clean"
