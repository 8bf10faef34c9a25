# The two commands: make run, make test. Everything they need is installed into .venv by the project's own files.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ASSETS := $(filter-out web/assets/node_modules%,$(wildcard web/assets/* web/assets/src/*))
HOST   ?= 127.0.0.1
PORT   ?= 8000

.PHONY: run test check bench fuzz docs clean

run: $(VENV)/.installed
	$(BIN)/flask --app app serve --demo --host $(HOST) --port $(PORT)

test: $(VENV)/.installed-test
	tests/browser/provide-chromium
	$(BIN)/pytest --numprocesses auto --dist loadgroup

check: $(VENV)/.installed-test $(VENV)/.installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_house.py tests/test_docs.py

bench: $(VENV)/.installed
	$(BIN)/python -m bench

# 20,000 random diagrams, 10,000 damaged files; GUICHENG_FUZZ_DIAGRAMS, _FILES and _SEED for other numbers
fuzz: $(VENV)/.installed-test
	$(BIN)/python -W ignore -m tests.engine.fuzz

docs: $(VENV)/.installed
	$(BIN)/flask --app app docs

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.installed: $(BIN)/python setup.cfg pyproject.toml $(ASSETS)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/.installed-check: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[check]'
	@touch $@

clean:
	rm -rf $(VENV) var build web/static/dist web/assets/node_modules *.egg-info
