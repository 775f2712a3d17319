# Two commands do everything from nothing: `make report` and `make test`.
# They need Python 3.11, 3.12 or 3.13 and make; the rest is set up in .uv and .venv below this folder.
PYTHON ?= python3
BIN    := .venv/bin
UV     := .uv/bin/uv
SITE   ?= _site
PYTEST_WORKERS ?= 2
JUDGE  := -m pytest -n $(PYTEST_WORKERS) --dist loadfile -W default -p tests.notebooks.judge --nbval --nbval-current-env --nbval-sanitize-with notebooks/sanitize.cfg notebooks
OLDER  := $(BIN)/python tests/variant/machine.py $(BIN)/python

SOURCES := $(shell find tradecalc data docs notebooks -type f ! -name '*.pyc' ! -path '*/.ipynb_checkpoints/*' 2>/dev/null)

.PHONY: help report test variant lint setup notebooks lab bench golden lock clean
help:       ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/:/'

report: $(SITE)/index.html       ## execute the notebooks and build the HTML report in _site/
	@echo "report: open $(SITE)/index.html"

$(SITE)/index.html: .venv/.stamp $(SOURCES)
	$(BIN)/tradecalc report --out $(SITE)

test: .venv/.stamp lint       ## run linters and every test, notebooks and browser included
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --ignore tests/bench
	$(BIN)/python -m pytest tests/bench --collect-only -q
	$(BIN)/python $(JUDGE)

variant: .venv/.stamp       ## run notebooks and frozen numbers as an older processor would compute them
	$(OLDER) -m pytest -n $(PYTEST_WORKERS) --dist loadfile tests/variant tests/golden
	$(OLDER) $(JUDGE)

lint: .venv/.stamp       ## ruff, mypy and the import layers
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.stamp       ## time the engines, as ratios within one run
	$(BIN)/python -m pytest tests/bench --benchmark-only -q

golden: .venv/.stamp       ## write the frozen numbers of every scenario anew; tell in the CHANGELOG what moved
	$(BIN)/python tests/golden/golden.py

notebooks: .venv/.stamp       ## execute the notebooks and write their outputs (the only way outputs are written)
	$(BIN)/tradecalc notebooks

lab: .venv/.stamp       ## open JupyterLab on the notebooks
	$(UV) pip install -q -p $(BIN)/python -e '.[lab]'
	$(BIN)/jupyter lab notebooks

setup: .venv/.stamp       ## build the environment in .venv

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] <= (3, 13) else "tradecalc needs Python 3.11, 3.12 or 3.13, but " + sys.executable + " is " + sys.version.split()[0] + "; name another with make PYTHON=...")'
	$(PYTHON) -m venv .uv
	.uv/bin/pip install -q --disable-pip-version-check uv==0.13.9

.venv/.stamp: requirements.lock pyproject.toml $(UV)
	$(UV) venv -q --allow-existing -p $(PYTHON) .venv
	$(UV) pip install -q -p $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(UV) pip install -q -p $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

lock: $(UV)       ## resolve the lock again (no registry address is written)
	$(UV) pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --group dev -o requirements.lock

clean:       ## remove the environment and everything built
	rm -rf .venv .uv $(SITE) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
