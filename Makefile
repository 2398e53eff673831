# All set-up is done here: a fresh machine needs python3 (3.11 to 3.13), pip and make.
PYTHON ?= python3
BIN := .venv/bin
DEMO ?= demo

T ?= tests
LIVES := tests/store/test_lives.py tests/core/appeal/test_reversal_lives.py tests/stories/test_wave.py tests/faults/test_run_faults.py tests/faults/test_run_killed.py tests/faults/test_faults.py tests/flows/audit/test_fuzz.py
RUN := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help demo house test fast lives mutants check format coverage bench bench-waves clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /|/' | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14), "Habeas needs Python 3.11 to 3.13; set PYTHON=python3.x"'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,spark]'
	touch $@

demo: .venv/.ready  ## the main job, on real or generated events
	bash examples/shop/demo.sh $(BIN) $(DEMO)

test: .venv/.ready  ## all tests but the longest of a kind; T=path runs those of one path
	$(RUN) -m "not lives" $(T)

fast: .venv/.ready  ## what is quick to run while writing: a tenth of the examples, no stories
	HABEAS_PROFILE=fast $(RUN) -m "not slow and not spark and not postgres" $(T)

lives: .venv/.ready  ## more random lives, accounts of a wave and crashes than `make test` has
	HABEAS_PROFILE=ci HABEAS_RUNS=500 HABEAS_ALTERED=2000 HABEAS_LIVES=4000 HABEAS_ACCOUNTS=200000 $(RUN) $(LIVES)

coverage: .venv/.ready  ## branch coverage of the core by its own tests, with all their examples
	HABEAS_PROFILE=ci $(BIN)/python -m pytest -q -n 2 tests/core --cov=habeas.core --cov-branch --cov-report=term-missing --cov-fail-under=95

mutants: .venv/.ready  ## changes of the code that tests must notice; A="--module PATH --sample 20" for fewer
	$(BIN)/python -m tests.mutants $(A)

check: .venv/.ready  ## format, lint, types, contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

house: .venv/.ready  ## the picture of the house, from its imports
	$(BIN)/python -m tests.house

bench: .venv/.ready  ## the same work by Habeas and its peers, compared row by row, then timed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r bench/requirements.txt
	$(BIN)/python -m bench.run --json bench/results.json

bench-waves: .venv/.ready  ## what the brake lets through, and the diagnosis, beside their peers
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r bench/requirements.txt
	$(BIN)/python -m bench.waves
	$(BIN)/python -m bench.diagnosis --waves 5 --nulls 10 --compared 1

format: .venv/.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv demo .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
