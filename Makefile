# Everything a person or a machine does with Orchard starts here: `make help`.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help

# One set of flags for every build, so that there is one build cache: Pulumi
# compiles with -trimpath, releases are static, and the digest of a release
# must not depend on the commit.
export GOFLAGS     := -trimpath -buildvcs=false
export CGO_ENABLED := 0
GO := go

# A stack's name says its cloud, and a cloud its stacks: STACK=load CLOUD=azure
# is load-azure, and STACK=load-azure is on azure.
ifeq ($(origin CLOUD),undefined)
CLOUD := $(if $(filter %-azure,$(STACK)),azure,aws)
endif
STACK    ?= dev
TOPOLOGY ?= regional
TIMESCALE ?= 10
DETECTION ?= 0s
RATE      ?= 300
DURATION  ?= 30s
RESULTS   ?= $(patsubst %/run.json,%,$(wildcard out/load/*/run.json))
CONFIG    ?=
ifeq ($(CLOUD),azure)
override STACK := $(if $(filter dev load,$(STACK)),$(STACK)-azure,$(STACK))
endif
# The stacks that send load to a service; Pulumi.load.yaml says which.
RUNNER  := $(filter load load-azure,$(STACK))
RELEASE ?= bin/$(if $(RUNNER),loadrunner,orchard)

PULUMI_VERSION := v3.258.0
PULUMI         := $(shell command -v pulumi || echo $(CURDIR)/bin/pulumi)
ARCH           := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
LOCALCLOUD     := bin/localcloud
DEPLOY         := bin/deploy
LOADRUNNER     := bin/loadrunner

# What every command against the local cloud needs in its environment.
local = export PATH="$(dir $(PULUMI)):$$PATH"; environment="$$($(LOCALCLOUD) env)"; eval "$$environment"
start = $(LOCALCLOUD) start --time-scale $(TIMESCALE) --database-detection $(DETECTION)
deploy = $(DEPLOY) $(1) --cloud $(CLOUD) --stack $(STACK) --project . --work "$$($(LOCALCLOUD) path)/pulumi/work"

# In an order in which one drill's end is a good beginning for the next.
DRILLS ?= instance-kill instance-hang zone-loss zone-hang port-block database-failover database-kill standby-loss \
          launch-failure spike good-release bad-release
# Those of every test; the others are in test-long.
SHORT_DRILLS := instance-kill database-kill

.PHONY: help up down status outputs scorecard reset build release postgres chromium pulumi test test-go test-long lint bench format clean token load load-report drill drills test-drills

help: ## Show this help
	@echo "Orchard: a highly available fruit API, and the cloud on one machine that proves it."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo
	@echo "  CLOUD=aws|azure TOPOLOGY=regional|zonal STACK=name TIMESCALE=1..1000 DETECTION=2s CONFIG=\"key=value ...\""
	@echo "  RATE=300 DURATION=30s"

up: build postgres $(if $(RUNNER),bin/loadrunner) ## Bring the stack up on this machine and print its url
	@$(start)
	@echo "console: $$($(LOCALCLOUD) console)"
	@$(local); $(call deploy,up) --answer --topology $(TOPOLOGY) --architecture $(ARCH) --release $(RELEASE) \
	  $(addprefix --config ,$(CONFIG)) \
	  || { code=$$?; $(LOCALCLOUD) stop --idle; exit $$code; }

down: $(LOCALCLOUD) $(DEPLOY) pulumi ## Destroy the stack, and stop the local cloud when it was the last
	@if [ -d "$$($(LOCALCLOUD) path)" ]; then \
	  $(start); \
	  ($(local); $(call deploy,down)); \
	  $(LOCALCLOUD) stop --idle; \
	else echo "nothing is up"; fi

status: $(LOCALCLOUD) ## Show zones, groups, instances, balancers and databases
	@$(LOCALCLOUD) status

outputs: $(LOCALCLOUD) $(DEPLOY) pulumi ## Print the stack's outputs as JSON
	@$(local); $(call deploy,outputs)

scorecard: $(DEPLOY) ## Judge the production-sized stacks by their clouds' security controls
	@$(DEPLOY) scorecard --project .

token: $(LOCALCLOUD) $(DEPLOY) pulumi ## Print the stack's write token and nothing else
	@$(local); $(call deploy,token)

ifneq ($(RUNNER),)
load-report: $(LOCALCLOUD) $(DEPLOY) pulumi bin/loadrunner 
	@nodes=out/nodes/$(STACK); rm -rf "$$nodes"; mkdir -p "$$nodes"; \
	address="$$($(local); $(call deploy,outputs) | sed -n 's/^ *"resultsLocation": "\(.*\)",*$$/\1/p')"; \
	[ -n "$$address" ] || { echo "stack $(STACK) keeps no results; the stacks load and load-azure do" >&2; exit 1; }; \
	$(LOCALCLOUD) objects --stack $(STACK) "$$address" "$$nodes"; \
	found="$$(find "$$nodes" -name run.json -printf '%h\n' | sort)"; \
	[ -n "$$found" ] || { echo "no node has sent a result yet; a run begins each minute" >&2; exit 1; }; \
	bin/loadrunner merge --out out/load-report/$(STACK) $$found
else
load-report: $(LOADRUNNER) ## Join the results of runs (RESULTS, all under out/load), or with STACK=load of its nodes, in out/load-report
	@[ -n "$(RESULTS)" ] || { echo "no results: make load writes them to out/load" >&2; exit 1; }
	@$(LOADRUNNER) merge --out out/load-report $(RESULTS)
endif

reset: $(LOCALCLOUD) ## End everything by force, when `make down` cannot
	@$(LOCALCLOUD) reset

build: release $(LOCALCLOUD) $(DEPLOY) $(LOADRUNNER) pulumi ## Build the service, the local cloud, the load runner and the deploy command

release: ## Build the service's release: the same source gives the same digest
	@cd api && GOWORK=off $(GO) build -o ../bin/orchard ./cmd/orchard

drill: build postgres ## Break a stack under load and judge what clients noticed: DRILL=zone-loss
	@[ -n "$(DRILL)" ] || { echo "give DRILL, one of: $(DRILLS)" >&2; exit 2; }
	@scripts/drills.sh $(CLOUD) $(DRILL)

drills: build postgres ## Hold all drills, with a summary: about 15 minutes a cloud
	@scripts/drills.sh $(CLOUD) $(DRILLS)

# Go knows best what is out of date, so these are asked for each time.
$(LOCALCLOUD): FORCE
	@cd localcloud && GOWORK=off $(GO) build -o ../bin/localcloud ./cmd/localcloud

bin/loadrunner: FORCE
	@cd loadrunner && GOWORK=off $(GO) build -o ../bin/loadrunner ./cmd/loadrunner

$(DEPLOY): FORCE
	@[ -x $(DEPLOY) ] || echo "building the deploy command with the SDKs of AWS and Azure; the first time takes about 6 minutes" >&2
	@cd infra && GOWORK=off $(GO) build $(call serially,infra) -o ../bin/deploy ./cmd/deploy

pulumi: $(PULUMI)

$(CURDIR)/bin/pulumi: tools/pulumi/go.mod tools/pulumi/go.sum
	@echo "building the Pulumi CLI $(PULUMI_VERSION) from its Go module, as there is no pulumi on PATH; this takes about 4 minutes, once" >&2
	@cd tools/pulumi && GOWORK=off $(GO) build -o $@ \
	  -ldflags "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$(PULUMI_VERSION)" \
	  github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
	@touch $@

postgres: $(LOCALCLOUD) ## Find PostgreSQL 14 or newer, or install it
	@scripts/postgres.sh

chromium: ## Find Chromium for the console's tests, or install it
	@scripts/chromium.sh >/dev/null

bin/staticcheck bin/gofumpt: tools/lint/go.mod tools/lint/go.sum
	@echo "building the linters" >&2
	@cd tools/lint && GOWORK=off $(GO) build -o ../../bin/ tool
	@touch bin/staticcheck bin/gofumpt

MODULES := api infra loadrunner localcloud
# One package of the cloud SDKs takes up to 5 GB to compile: one at a time.
serially = $(if $(filter infra,$(1)),-p 1)

lint: bin/staticcheck bin/gofumpt ## Check formatting, vet, staticcheck and the import rules
	@files="$$(bin/gofumpt -l $(MODULES))"; [ -z "$$files" ] || { echo "not formatted (make format):"; echo "$$files"; exit 1; }
	@$(foreach m,$(MODULES),echo "vet $(m)"; (cd $(m) && GOWORK=off $(GO) vet $(call serially,$(m)) ./...);)
	@$(foreach m,$(MODULES),echo "staticcheck $(m)"; (cd $(m) && GOWORK=off ../bin/staticcheck ./...);)
	@scripts/imports.sh

load: $(LOCALCLOUD) $(DEPLOY) $(LOADRUNNER) pulumi ## Send load to the stack and say what became of it
	@mkdir -p out/load; $(local); \
	$(call deploy,outputs) > out/load/$(STACK).json; \
	ORCHARD_WRITE_TOKEN="$$($(call deploy,token))" $(LOADRUNNER) run --outputs out/load/$(STACK).json \
	  --rate $(RATE) --for $(DURATION) --out out/load/$(STACK) --html --objective "lost == 0" --objective "doubled == 0" --objective "wrong == 0"

bin/vegeta bin/hey: tools/loadtools/go.mod tools/loadtools/go.sum
	@echo "building the load tools to compare with" >&2
	@cd tools/loadtools && GOWORK=off $(GO) build -o ../../bin/ tool
	@touch bin/vegeta bin/hey

bench: release postgres $(LOADRUNNER) bin/vegeta bin/hey ## Measure the service, the load balancer and the load runner beside others
	@cd api && GOWORK=off $(GO) build -o ../bin/bench ./cmd/bench
	@cd localcloud && GOWORK=off $(GO) build -o ../bin/bench-balancer ./cmd/bench-balancer
	@cd loadrunner && GOWORK=off $(GO) build -o ../bin/bench-load ./cmd/bench-load
	@haproxy="$$(scripts/haproxy.sh)"; wrk="$$(scripts/loadtools.sh)"; mkdir -p out/bench; \
	bin/bench -orchard bin/orchard -out out/bench/api.json; \
	bin/bench-balancer -haproxy "$$haproxy" -out out/bench/balancer.json; \
	bin/bench-load -loadrunner $(LOADRUNNER) -wrk "$$wrk" -vegeta bin/vegeta -hey bin/hey -out out/bench/load.json
	@cd loadrunner && GOWORK=off $(GO) test -count=1 -v ./internal/engine -run TestStall -long

format: bin/gofumpt ## Format the code
	@bin/gofumpt -w $(MODULES)

test: lint build postgres chromium test-go test-drills ## Everything that continuous integration checks

test-drills:
	@$(foreach c,aws azure,scripts/drills.sh $(c) $(SHORT_DRILLS);)

test-go:
	@$(foreach m,$(MODULES),echo "test $(m)"; (cd $(m) && PATH="$(dir $(PULUMI)):$$PATH" GOWORK=off $(GO) test $(call serially,$(m)) -timeout 20m $$(GOWORK=off $(GO) list ./... | grep -v /e2e$$ ));)
	@echo "test the stacks, end to end"; cd localcloud && PATH="$(dir $(PULUMI)):$$PATH" GOWORK=off $(GO) test -count=1 -parallel 5 -timeout 40m ./e2e

test-long: build postgres ## What takes long: 100 kept instances, the daemon killed 50 times, the other drills, a fleet on each cloud
	@cd localcloud && PATH="$(dir $(PULUMI)):$$PATH" GOWORK=off $(GO) test -count=1 -v -timeout 90m -run 'TestKept|TestDaemonKilled|TestDrillsFail|TestDrillKilled|TestFleet' ./e2e -long
	@$(foreach c,aws azure,scripts/drills.sh $(c) $(filter-out $(SHORT_DRILLS),$(DRILLS));)

clean: ## Remove what was built
	@rm -rf bin out

FORCE:
