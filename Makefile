# Two commands do everything: `make demo` and `make test`. Settings: PYTHON, TORCH_CPU_INDEX, WORKERS.

SHELL := /bin/sh
# The first interpreter that serves; mujoco 3.3.7 has no wheel for Python 3.14.
SERVES := import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.10; do \
	"$$p" -c '$(SERVES)' 2>/dev/null && echo "$$p" && break; done)
# On Linux without an NVIDIA GPU torch's CPU build saves several GB. Empty = always the package index's own build.
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-long test-trust test-wheel docs reliability growth browser install-hashed hashes kinect test-kinect format clean bench
.DELETE_ON_ERROR:

demo: $(VENV)/.runs
	$(BIN)/python scripts/unified_optimize.py

test: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) -m "not long"

# What repeats a test of the gate on every family: minutes, for a change of grasps or of the verdict.
test-long: $(VENV)/.tests
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) -m long

# Damaged files, killed writers: minutes. The gate has a short form of it; docs/reliability.md has what it found.
INPUTS ?= 20000
test-trust: $(VENV)/.tests
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --inputs $(INPUTS) --processes $(WORKERS)

# The package as a wheel, run in an empty folder: minutes, with the whole demo. The gate has a short form of it.
test-wheel: $(VENV)/.tests
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m pytest tests/packaging

# The documentation's site in build/site; a broken link is an error. It needs Python 3.11.
docs: $(VENV)/.docs
	$(BIN)/mkdocs build --strict

$(VENV)/.docs: $(VENV)/.runs
	$(INSTALL) -e '.[docs]'
	@touch $@

# The tables of docs/reliability.md, made anew: hours. NAMES=scenes makes one of them.
reliability: $(VENV)/.tests
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m benchmarks.reliability $(NAMES)

# Does a process grow? 200 pairs and 10,000 iterations; FORM='--pairs 20 --iterations 1000' is the short form.
growth: $(VENV)/.runs
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m benchmarks.growth $(FORM)

# What a person waits for, and the field's kernel, against the published formulation: 20 minutes on an idle machine.
bench: $(VENV)/.runs
	$(BIN)/python -m benchmarks.end_to_end
	$(BIN)/python benchmarks/field.py

format: $(VENV)/.tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Runs and captures stay: they are the user's.
clean:
	rm -rf $(VENV) $(KINECT) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: what is installed stays until the package's needs or their versions change.
$(VENV)/.runs: pyproject.toml constraints.txt | $(BIN)/python
	$(TORCH_FIRST)
	$(INSTALL) -e '.[studio,models,evaluate]'
	@touch $@

$(VENV)/.tests: $(VENV)/.runs
	$(INSTALL) -e '.[test]'
	@touch $@

# Every package is the file whose hash stands in requirements-hashed.txt, whatever index or mirror it comes from; torch
# is the package index's own build, with CUDA. Afterwards `make demo` and `make test` install nothing more.
install-hashed: | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements-hashed.txt
	$(BIN)/python -m pip install --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@touch $(VENV)/.runs $(VENV)/.tests

# All extras but those that want an environment of their own. After a change of pyproject.toml or constraints.txt; uv asks the package index for every hash.
HASHED_EXTRAS := $(foreach extra,studio models evaluate ray learn import browser test,--extra $(extra))
hashes: | $(BIN)/python
	"$(PYTHON)" -m venv $(VENV)/uv
	$(VENV)/uv/bin/python -m pip install --disable-pip-version-check uv
	$(VENV)/uv/bin/uv pip compile pyproject.toml $(HASHED_EXTRAS) -c constraints.txt --universal --python-version 3.10 \
		--generate-hashes --no-header --no-annotate --quiet -o requirements-hashed.txt

# What drives a Chromium that the system has: tests of pages run where both are there, and skip elsewhere.
browser: $(VENV)/.browser

$(VENV)/.browser: $(VENV)/.tests
	$(INSTALL) -e '.[test,browser]'
	@touch $@

# The camera machine: no torch, and NumPy 1 for the Azure Kinect library (requirements-camera.txt).
KINECT := .venv-kinect
KINECT_PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.10; do \
	"$$p" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo "$$p" && break; done)
# The library registers depth to colour by OpenGL, which wants a display, if only a pretended one.
DISPLAYED := $(shell command -v xvfb-run >/dev/null && echo xvfb-run -a)

kinect: $(KINECT)/.runs

test-kinect: $(KINECT)/.tests
	OMP_NUM_THREADS=1 $(DISPLAYED) $(KINECT)/bin/python -m pytest tests/kinect tests/capture tests/jobs/test_capture.py

$(KINECT)/.runs: requirements-camera.txt
	@test -n "$(KINECT_PYTHON)" || { echo "error: pyk4a-bundle has no wheel for other Pythons than 3.10 to 3.12; \
	make kinect KINECT_PYTHON=/path/to/python3.12" >&2; exit 1; }
	"$(KINECT_PYTHON)" -m venv $(KINECT)
	$(KINECT)/bin/python -m pip install --disable-pip-version-check -r requirements-camera.txt
	$(KINECT)/bin/python -m pip install --disable-pip-version-check --no-deps -e .
	@touch $@

$(KINECT)/.tests: $(KINECT)/.runs
	$(KINECT)/bin/python -m pip install --disable-pip-version-check 'pytest>=8.0' 'hypothesis>=6.100'
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(SERVES)' 2>/dev/null || { \
		echo "error: no Python 3.10 to 3.13 here; sudo apt install python3 python3-venv, or make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "error: $(PYTHON) cannot make a virtual environment; sudo apt install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

# torch alone comes from the second index, and nothing else may: what pip finds in two indexes it takes from either.
PROBE := import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=4)
define TORCH_FIRST
@if test -n "$(TORCH_CPU_INDEX)" && test "$$(uname -s)" = Linux && ! nvidia-smi >/dev/null 2>&1 \
	&& $(BIN)/python -c '$(PROBE)' "$(TORCH_CPU_INDEX)/torch/" 2>/dev/null; \
	then $(INSTALL) --index-url "$(TORCH_CPU_INDEX)" --no-deps torch; fi
endef
