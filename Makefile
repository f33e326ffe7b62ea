# The environment to act on: one of Pulumi.<name>.yaml.
ENV ?= dev
# Further options of pulumi for up, preview and down, such as: ARGS='--target ...'
ARGS ?=
# Parts of the tests to run; none means all: lint unit provider visualizer browser e2e
PARTS ?=

MAKEFLAGS += --no-print-directory
# To a POSIX shell, a variable ENV in the environment names a file to read.
unexport ENV

.PHONY: help up preview down outputs env setup test lint bench reliability clean clean-cache

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo 'ENV=<name> chooses the environment (Pulumi.<name>.yaml); it is $(ENV) now'

up: ## create or change the environment, set-up of this computer included, and show what runs where
	@exec tools/change up '$(ENV)' $(ARGS)
	@exec tools/run node --import tsx tools/summary.ts '$(ENV)'

preview: ## show what `make up` would change, without contact to any machine
	@exec tools/change preview '$(ENV)' $(ARGS)

down: ## remove the environment, its machines where it made them, and its state
	@exec tools/destroy '$(ENV)' $(ARGS)

outputs: ## print the environment's outputs as JSON
	@exec tools/run pulumi stack output --json --stack '$(ENV)'

env: ## print the settings for plain pulumi commands: eval "$(make env)"
	@exec tools/env

setup: ## prepare this computer only: npm packages, Pulumi, the lab's machine image
	@exec tools/setup npm toolchain lab

test: ## run all tests, or some: PARTS='lint unit provider visualizer browser e2e'
	@exec tools/test $(PARTS)

lint: ## check style and types
	@exec tools/test lint

reliability: ## put faults into a running swarm, and write down what becomes of it
	@tools/setup npm toolchain lab
	@env RELIABILITY_FILE=docs/reliability.md tools/run npx jest --selectProjects e2e --testPathPatterns test/e2e/reliability
	@npx prettier --write --log-level warn docs/reliability.md

bench: ## compare with a plain shell script that does the same job, on the same machines
	@exec tools/run bench/run

clean: ## remove what was built in this clone; state and environments stay
	rm -rf dist coverage node_modules

clean-cache: ## remove the cache: Pulumi, the lab's image and packages; not while machines of the lab are up
	@exec tools/clean-cache
