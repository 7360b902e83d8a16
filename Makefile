# Everything that is done with Numberdesk from a terminal. `make` alone lists it.
#
#   PORT=8001 SANDBOX_PORT=9081   other ports for make run
#   PYTHON=/path/to/python3.12    another Python to make the environment from (3.11 or newer)
#   ARGS="-k name -x"             arguments for make test and make bench

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check rules bench setup setup-dev worker beat sandbox seed migrate shell \
        fmt lint types clean pins

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
PY := .venv/bin/python
TEST_WORKERS ?= 2
# Tests of real processes and of a browser go by themselves, a whole file to each worker, which has a
# broker and a database of its own.
PROCESSES := browser ledger embedded bench
XDIST := -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder
EMBEDDED := $(PY) -m portal.embedded
CELERY := $(PY) -m celery -A portal
QUEUES ?= interactive,voip_innovations,voicetel,intelepeer,custom_toll_free,bulk,default
TYPED := portal inventory e911 porting messaging tollfree

# Installs a requirements file into .venv, if it changed since the last time.
define install
@for python in $(PYTHON); do \
  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
    exec "$$python" -P tools/install.py $(1); \
  fi; \
done; \
echo "Numberdesk needs Python 3.11 or newer, and none of these is: $(PYTHON)." \
  "Install one, or name it: make run PYTHON=/path/to/python3.11." >&2; exit 1
endef

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
	  while IFS='|' read -r target words; do printf '%-16s %s\n' "$$target" "$$words"; done

run: setup ## run the whole site on this machine until Ctrl-C
	@exec $(EMBEDDED) run

test: setup-dev ## run the whole test suite (or ARGS="-k name"); what starts processes goes by itself
ifeq ($(ARGS),)
	@$(PY) -m pytest -q -n $(TEST_WORKERS) $(foreach part,$(PROCESSES),--ignore=tests/$(part))
	@exec $(PY) -m pytest -q $(XDIST) $(addprefix tests/,$(PROCESSES))
else
	@exec $(PY) -m pytest $(ARGS)
endif

check: lint types rules ## lint, types, and Django's own checks (two at a time: make -j2 check)

rules: setup-dev ## Django's own checks, and that no migration is missing
	$(PY) manage.py check
	$(PY) -W "ignore:Got an error checking:RuntimeWarning" manage.py makemigrations --check --dry-run

bench: setup-dev ## measure the site with 1,000,000 numbers, in a database of its own
	@exec $(EMBEDDED) --dir var/bench exec $(PY) -m bench $(ARGS)

setup: ## make .venv and install what the site needs
	$(call install,requirements.txt)

setup-dev: ## make .venv and install what the tests and tools need too
	$(call install,requirements-dev.txt)

worker: setup ## run one worker for all queues (or QUEUES=…)
	@exec $(EMBEDDED) exec $(CELERY) worker -Q $(QUEUES) --pool threads --concurrency 8 -l info

beat: setup ## run the scheduler
	@exec $(EMBEDDED) exec $(CELERY) beat -s var/celerybeat-schedule -l info

sandbox: setup ## run the sandbox alone, on port 8081 or SANDBOX_PORT
	@exec $(PY) manage.py runsandbox --port $${SANDBOX_PORT:-8081} --dir var/sandbox

migrate: setup ## bring the database up to date
	@exec $(EMBEDDED) exec $(PY) manage.py migrate

seed: migrate ## load the demo data; harmless when repeated
	@exec $(EMBEDDED) exec $(PY) manage.py seed_demo

shell: setup ## open a Python shell with the site's models
	@exec $(EMBEDDED) exec $(PY) manage.py shell

fmt: setup-dev ## format the code
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

lint: setup-dev ## look for mistakes in the code
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: setup-dev ## check the types
	$(PY) -m mypy $(TYPED)

clean: ## remove caches and built files; the data under var/ stay
	@rm -rf staticfiles test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

pins: setup ## pin newer packages within the ranges of requirements*.in
	@exec $(PY) -P tools/pins.py
