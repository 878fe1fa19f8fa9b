# Payrelay's commands. Only python3 (3.11 or newer) and make are needed; the rest is installed into $(VENV).

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes
TESTS ?= tests
WORKERS ?= 4
# Hundreds of processes start from the same sources: they are compiled once, whatever the shell has been told.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo gameday test check up down bench docs screenshots sam sam-build lock
.DELETE_ON_ERROR:

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(VENV)/.dev ## install everything that building and testing need

demo: $(VENV)/.local ## start the stack, run every flow over real-looking data, and show what happened
	$(BIN)/python -m local.demo

gameday: $(VENV)/.local $(VENV)-aws/.aws ## break the stack, and cure it by the runbook; ARGS="1 4" picks incidents
	$(BIN)/python -m local.gameday $(ARGS)

test: $(VENV)/.dev $(VENV)-aws/.aws ## run all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

# The fast tests hold the arrows (import-linter), the template (cfn-lint), the state machines (statelint) and dead
# code (vulture), too.
FAST := tests/architecture tests/docs tests/domain tests/template
check: $(VENV)/.dev ## style, types, arrows, dead code, template and the fast tests, in under a minute
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/deno lint --quiet
	$(BIN)/mypy layers/payrelay/payrelay functions local cli
	$(BIN)/python -m pytest -n $(WORKERS) $(FAST)

up: $(VENV)/.local ## start the stack and keep it running; its state outlives a stop
	$(BIN)/python -m local.stack up

down: $(VENV)/.local ## stop the stack and keep its state
	$(BIN)/python -m local.stack down

bench: $(VENV)/.dev ## measure speed and memory: 100,000 employees, 200 documents; ARGS=--help tells what may differ
	$(BIN)/python -m local.bench $(ARGS)

docs: $(VENV)/.dev ## make the tables of the documents anew
	$(BIN)/python -m local.docs

screenshots: $(VENV)/.dev ## take the console's pictures anew, into docs/console.md; ARGS="home run" takes only these
	$(BIN)/python -m local.console.screenshots $(ARGS)

sam: $(VENV)-sam/.sam ## validate the template with the SAM command line, which has an environment of its own
	AWS_DEFAULT_REGION=eu-north-1 SAM_CLI_TELEMETRY=0 $(VENV)-sam/bin/sam validate --lint

# Any Python builds; with Lambda's own on the path, or as RUNTIME_PYTHON=, what is built has its bytecode.
sam-build: $(VENV)-sam/.sam ## build what `sam deploy` deploys, into .aws-sam/build
	@env -u MAKEFLAGS -u MAKELEVEL SAM_CLI_TELEMETRY=0 BUILD_PYTHON="$(CURDIR)/$(VENV)-sam/bin/python" RUNTIME_PYTHON="$(RUNTIME_PYTHON)" \
	  $(VENV)-sam/bin/sam build
	@$(VENV)-sam/bin/python -m local.artifacts report .aws-sam/build

# uv writes pins for every Python and platform, with hashes and without the address of a registry.
COMPILE := $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
lock: $(VENV)-lock/.lock ## write the requirement files and the console's libraries again; ARGS=--upgrade takes the newest versions
	$(COMPILE) $(ARGS) -o requirements/dev.txt requirements/dev.in
	$(COMPILE) -c requirements/dev.txt -o requirements/local.txt requirements/local.in
	$(COMPILE) -c requirements/dev.txt -o layers/dependencies/requirements.txt layers/dependencies/requirements.in
	$(COMPILE) $(ARGS) -o requirements/sam.txt requirements/sam.in
	$(COMPILE) $(ARGS) -o requirements/aws.txt requirements/aws.in
	$(COMPILE) $(ARGS) -o requirements/lock.txt requirements/lock.in
	$(VENV)-lock/bin/python -m local.console.vendored $(ARGS)

# --- Environments: a stamp each, so that only a changed requirement file costs time ------------------

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import pathlib, sysconfig; \
	  pathlib.Path(sysconfig.get_path("purelib"), "payrelay.pth").write_text("$(CURDIR)/layers/payrelay\n")'
	@touch $@

$(VENV)/.local: requirements/local.txt $(VENV)/.made
	@echo "Installing what the local stack needs (half a minute) ..."
	@$(BIN)/python $(INSTALL) -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.local
	@echo "Installing what the tests need (a minute or two) ..."
	@$(BIN)/python $(INSTALL) --no-compile -r $<
	@touch $@

$(VENV)-%/.made:
	$(PYTHON) -m venv $(@D)
	@touch $@

$(VENV)-sam/.sam: requirements/sam.txt $(VENV)-sam/.made
	@echo "Installing the SAM command line (a minute or two) ..."
	@$(@D)/bin/python $(INSTALL) --no-compile -r $<
	@touch $@

$(VENV)-aws/.aws: requirements/aws.txt $(VENV)-aws/.made
	@echo "Installing the AWS command line (some seconds) ..."
	@$(@D)/bin/python $(INSTALL) --no-compile -r $<
	@touch $@

$(VENV)-lock/.lock: requirements/lock.txt $(VENV)-lock/.made
	@$(@D)/bin/python $(INSTALL) -r $<
	@touch $@
