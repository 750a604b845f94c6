# make run     sets everything up and serves the sandbox      PORT=8080 HOST=127.0.0.1 SITE=name DATA=folder
# make test    sets everything up and runs the whole suite    PYTEST_ARGS='-k drag'
# make lint    style and types          make format   put the style right
# make bench   measured figures         NAMES='drag-kpi ...'
# make train   the learned surrogate (hours at most)  TRAIN_ARGS='--epochs 100'   make test-train   its tests
# make train-data   only its truth   DATA_ARGS='--schemes 800'   make train-small   a small one in minutes, never shipped
# make pins    renew requirements/*.txt (needs uv)
# make clean   drop caches              make distclean   drop .venv too

HOST ?= 127.0.0.1
PORT ?= 8080
SITE ?=
DATA ?=
NAMES ?=
PYTEST_ARGS ?=
TRAIN_ARGS ?=
DATA_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv)
MODEL_SOURCES := $(shell find twin_models -name '*.py')

ifdef UV
INSTALL := $(UV) pip install --quiet --python $(BIN)/python
else
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

# Container images like to switch it off; libraries parsed anew at every start take the server from 9 to 15 seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint format bench train train-data train-small test-train pins clean distclean setup
.DELETE_ON_ERROR:

run: $(DONE)/warm
	exec $(BIN)/geosandbox serve --host $(HOST) --port $(PORT) $(if $(SITE),--site $(SITE)) $(if $(DATA),--data $(DATA))

setup: $(DONE)/warm

test: $(DONE)/dev $(DONE)/warm
	bash .ci/system-packages render browser
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(DONE)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DONE)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DONE)/warm
	$(BIN)/geosandbox bench $(NAMES)

# Training has an environment of its own: `make run` and `make test` never install torch.

train: .venv-train/done
	.venv-train/bin/python -m twin_models.training.promote $(TRAIN_ARGS)

train-data: .venv-train/done
	.venv-train/bin/python -m twin_models.training.generate .cache/surrogate $(DATA_ARGS)

train-small: .venv-train/done
	.venv-train/bin/python -m twin_models.training.promote --small $(TRAIN_ARGS)

test-train: .venv-train/done
	.venv-train/bin/python -m pytest tests/training

.venv-train/done: requirements/train.txt | $(BIN)/python
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/train.txt
	@touch $@

# The environment. A stamp is older than its requirements exactly when something must be installed.

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer is needed, and no python3 was found" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Python 3.11 or newer is needed, $(PYTHON) is older; say which with PYTHON=..." >&2; exit 1; }
ifdef UV
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(PYTHON) -m virtualenv --version >/dev/null 2>&1 || \
	  PYTHON=$(PYTHON) bash .ci/system-packages venv
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	elif $(PYTHON) -m virtualenv --version >/dev/null 2>&1; then $(PYTHON) -m virtualenv --quiet --clear $(VENV); \
	else echo "error: $(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
	exit 1; fi
endif

$(DONE)/runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements/runtime.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	@mkdir -p $(DONE) && touch $@

$(DONE)/dev: requirements/dev.txt $(DONE)/runtime
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# Kernels are compiled once, here, so that the first visitor does not wait for them.
$(DONE)/warm: $(DONE)/runtime $(MODEL_SOURCES)
	@# Numba's cache does not see a change in a compiled function of another file: start afresh.
	find twin_models -name '*.nb[ci]' -delete
	$(BIN)/python -m sandbox warm
	@touch $@

PIN := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

pins:
	$(PIN) pyproject.toml requirements/build.in -o requirements/runtime.txt
	$(PIN) --extra dev --extra cluster -c requirements/runtime.txt pyproject.toml requirements/build.in \
	  -o requirements/dev.txt

clean:
	find . -name node_modules -prune -o -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	rm -f $(DONE)/warm

distclean: clean
	rm -rf $(VENV) .venv-train
