# Every target sets up .venv first; nothing but Python 3.11 or later has to be there. PYTHON=... names another one.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: demo test soak check golden docs bench help clean setup
export PYTHON
# the programs of .venv come first: sessions in the docs and the tests call `trimtab` by its name
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# some images set this; every process of the suite would then compile pandas and scikit-learn anew
unexport PYTHONDONTWRITEBYTECODE
WORKERS ?= 4

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1	/p' Makefile | expand -t 18

demo: setup  ## train a real model, package, serve, ask and score; writes demo/report.html
	@python demo/run.py

test:  ## the whole test suite
	@scripts/bootstrap system
	@python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

soak:  ## what takes its time: a hundred kills, fifty power cuts, every step of everything that may be killed
	@scripts/bootstrap system
	@SOAK=1 EVERY_STEP=1 python -m pytest -n $(WORKERS) --timeout=3600 tests/system/journal tests/system/flight tests/system/flights/test_simulated.py tests/system/shipping tests/system/targets tests/system/images/test_container_target.py tests/system/test_carrying_faults.py tests/system/test_store_faults.py $(ARGS)

check: setup  ## format, lint, types, import order, golden files, links of the docs
	@scripts/check

golden: setup  ## write the golden files anew; `git diff` then shows what users will see change
	@python scripts/golden.py

docs: setup  ## check the links of the docs and run their examples
	@python scripts/links.py
	@python -m pytest -q tests/sessions

bench: setup  ## measure against peers, side by side; writes benchmarks/results/
	@python benchmarks/cold.py
	@python benchmarks/peers.py --quick

setup:
	@scripts/bootstrap

clean:  ## remove everything that these targets made
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks dist
	@rm -rf demo/scratch demo/report.html benchmarks/scratch
	@find . -name .git -prune -o -name __pycache__ -type d -exec rm -rf {} +
