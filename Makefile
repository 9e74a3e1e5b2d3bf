# Every command first makes its Python environment where that is missing or out of date. Words about that go
# to stderr; stdout is the command's own.

MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
.DEFAULT_GOAL := help

# Options reach the commands through the environment, as they were given: neither make nor the shell reads
# anything in them.
OPTIONS := NODE BRID NETWORK PATIENCE STATE CHAIN AT DIR PORT PEER VALIDATORS MERKLE SCENARIO SEED TESTS EXAMPLES
$(foreach name,$(OPTIONS),$(if $(filter undefined,$(origin $(name))),,\
    $(eval override $(name) := $$(value $(name)))$(eval export $(name))))

# Byte code is kept in the environment, also where none is wanted beside sources (PYTHONDONTWRITEBYTECODE):
# without any, each of the processes that a command starts compiles all it imports.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/byte-code
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
INSTALL := @sh local/setup/install.sh

.PHONY: help run screenshots sync state fsck reindex status replay devnet demo-chain test lint fuzz bench requirements clean

help:
	@sed -n 's/^# make /make /p' Makefile

# make run [NODE=http://host:port,…] [BRID=…,…] [NETWORK=mainnet] [PORT=…] [STATE=dir]   index and show a chain
# Without NODE or NETWORK a devnet chain is made and followed. It ends with Ctrl-C.
run:
	$(INSTALL) run
	@exec $(PYTHON) manage.py run $${NODE:+"--node=$$NODE"} $${BRID:+"--brid=$$BRID"} \
	$${NETWORK:+"--network=$$NETWORK"} $${PORT:+"--port=$$PORT"}

# make sync [NODE=http://host:port,…] [BRID=…] [PATIENCE=seconds] [STATE=dir]   index a chain and say how far it is proved
# It succeeds when the chain is complete: all proved (0), or with what is not proved listed (3). The trap lets
# the shell wait for a command that a Ctrl-C makes finish. A line of JSON ends it even where there is no Python
# to write it, or Python was killed.
sync:
	@trap : INT; said=; \
	$(INSTALL:@%=%) run && said=$$($(PYTHON) manage.py sync $${NODE:+"--node=$$NODE"} $${BRID:+"--brid=$$BRID"} \
	$${PATIENCE:+"--patience=$$PATIENCE"}); \
	status=$$?; if [ "$$said" ]; then printf '%s\n' "$$said"; else sh local/setup/no_figures.sh $$status; fi; \
	[ $$status -eq 3 ] || exit $$status

# make state CHAIN=BRID [AT=height] [STATE=dir]              the records after a block, as JSON lines
state:
	$(INSTALL) run
	@exec $(PYTHON) manage.py state $${CHAIN:+"--chain=$$CHAIN"} $${AT:+"--at=$$AT"}

# make fsck [STATE=dir]                                      derive everything again and compare
fsck:
	$(INSTALL) run
	@exec $(PYTHON) manage.py fsck $${CHAIN:+"--chain=$$CHAIN"}

# make reindex [STATE=dir]                                   fold the stored facts again
reindex:
	$(INSTALL) run
	@exec $(PYTHON) manage.py reindex $${CHAIN:+"--chain=$$CHAIN"}

# make status [STATE=dir]                                    what is indexed, as JSON
status:
	$(INSTALL) run
	@exec $(PYTHON) manage.py status

# make replay DIR=… [PORT=…] [PEER=number]                   serve a recorded chain as its node did
# With PEER it says that it is the n-th of that node's peers, as if a second node had been recorded.
replay:
	$(INSTALL) run
	@exec $(PYTHON) -m devnet.recorded "$${DIR:?say which recording: make replay DIR=tests/recordings/four-validators}" \
	$${PORT:+"--port=$$PORT"} $${PEER:+"--peer=$$PEER"}

# make devnet [PORT=…] [STATE=dir] [VALIDATORS=4] [MERKLE=2] [SCENARIO=name]   serve a chain of one's own
devnet:
	$(INSTALL) run
	@exec $(PYTHON) -m devnet $${PORT:+"--port=$$PORT"} $${VALIDATORS:+"--validators=$$VALIDATORS"} \
	$${MERKLE:+"--merkle=$$MERKLE"} $${SCENARIO:+"--scenario=$$SCENARIO"}

# make demo-chain [PORT=…] [STATE=dir] [VALIDATORS=4] [MERKLE=2] [SEED=number]   the same, with scouts at work on it
demo-chain:
	$(INSTALL) run
	@exec $(PYTHON) -m devnet --scenario=demo $${PORT:+"--port=$$PORT"} $${VALIDATORS:+"--validators=$$VALIDATORS"} \
	$${MERKLE:+"--merkle=$$MERKLE"} $${SEED:+"--seed=$$SEED"}

# make test [TESTS=path]                                     run the tests
# One process more than there are cores: some of the tests wait.
test:
	$(INSTALL) dev
	@exec $(PYTHON) -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist worksteal $${TESTS:+"$$TESTS"}

# make lint                                                  check style, types, imports, migrations, templates
lint:
	$(INSTALL) dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	@find config explorer indexer local manage.py -name '*.py' -exec $(PYTHON) -m django_upgrade --check --target-version 5.2 {} +
	@test ! -d templates || find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +

# make fuzz [EXAMPLES=number]                                try the property tests on far more input
fuzz:
	$(INSTALL) dev
	@exec $(PYTHON) -m pytest -n logical --dist worksteal -m hypothesis --hypothesis-profile=fuzz

# make screenshots                                           write a picture of every page to var/screenshots
screenshots:
	$(INSTALL) dev
	@exec $(PYTHON) -m tests.browser.screenshots

# make bench                                                 measure how fast a chain is indexed
bench:
	$(INSTALL) dev
	@exec $(PYTHON) -m bench.ingest

# make requirements                                          write requirements.txt from uv.lock
requirements:
	$(INSTALL) dev
	@.venv/bin/uv export --locked --no-dev --no-header --quiet --output-file requirements.txt

# make clean                                                 remove the environment and caches, never what is in var/
clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -path ./var -prune -o -name __pycache__ -type d -exec rm -rf {} +
