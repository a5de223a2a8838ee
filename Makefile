# `make` sets up everything; the work is done by the command `course`, which is there without make too: see
# README.md.
SUPPORTED := 3.14 3.13 3.12 3.11
# Whether a Python is one of these and can make environments, which Debian has in a package of its own.
USABLE := import ensurepip, sys; sys.exit("%d.%d" % sys.version_info[:2] not in "$(SUPPORTED)".split())
# The newest of them, unless told: make PYTHON=/path/to/python3.12 (where there is a .venv, make clean first).
PYTHON ?= $(shell for python in $(SUPPORTED:%=python%) python3; do \
  $$python -c '$(USABLE)' 2> /dev/null && echo $$python && break; done)
VENV := .venv
COURSE := $(VENV)/bin/course

.PHONY: data environment lab clean
NAMES := $(patsubst notebooks/%.ipynb,%,$(wildcard notebooks/*.ipynb))
.PHONY: first all $(NAMES) test check bench lock
# The first run, of minutes: sheets 4 and 9. More: make all, or one, as in make 10_2_normalizing_flow.
first: data
	@$(COURSE) run $(wildcard notebooks/04_*.ipynb notebooks/09_*.ipynb)
	@$(COURSE) pdf

data: $(VENV)/.installed
	@$(COURSE) data

# An environment that is there and works keeps its Python. The stamp comes last, so that an interrupted
# installation is taken up again.
$(VENV)/.installed: pyproject.toml constraints.txt setup.py
	@$(VENV)/bin/python -c 'import pip; $(USABLE)' 2> /dev/null || $(MAKE) --no-print-directory environment
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

environment:
	@$(or $(PYTHON),false) -c '$(USABLE)' 2> /dev/null || \
	  { echo "This course needs one of Python $(SUPPORTED), with venv. Found: $(or $(PYTHON),none of them)."; \
	    echo "On Debian and Ubuntu: sudo apt install python3-venv. Elsewhere: python.org, or conda (README.md)."; \
	    echo "If it is installed in another place: make PYTHON=/path/to/python3.13"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

all: data
	@$(COURSE) run
	@$(COURSE) pdf

$(NAMES): data
	@$(COURSE) run notebooks/$@.ipynb
	@$(COURSE) pdf

test: data
	@$(COURSE) test

SHORT := not test_hostile and (not (test_executes_in_quick_mode or test_main_part_fills) or 04_1 or 09_1)
# Unit tests without hostile hand-ins, and two notebooks. For another Python, beside .venv:
# make check PYTHON=python3.13 VENV=build/python3.13
check: data
	$(VENV)/bin/python -m pytest --ignore tests/variants -k "$(SHORT)"

# Newer versions of all packages: make lock ONLY=--upgrade; of one: make lock ONLY='--upgrade-package numpy'
lock: $(VENV)/.installed
	$(VENV)/bin/python -m pip install --quiet uv
	$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate $(ONLY) \
	  --custom-compile-command "make lock" --output-file constraints.txt pyproject.toml

bench: data
	@$(VENV)/bin/python -m tests.benchmarks.run

lab: data
	@$(COURSE) lab

clean:
	rm -rf build $(VENV)
