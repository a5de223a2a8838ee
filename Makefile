# `make` sets up everything; the work is done by the command `course`, which is there without make too: see
# README.md.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
COURSE := $(VENV)/bin/course

.PHONY: data lab clean
### BEGIN STAFF
# What stands up to END STAFF is not in the package for students.
.PHONY: all notebooks test bench
all: notebooks

### END STAFF
data: $(VENV)/.installed
	@$(COURSE) data

# the stamp comes last, so that an interrupted installation is taken up again
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "This course needs Python 3.11, found: $$($(PYTHON) --version). Try: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "No venv: on Debian install python3.11-venv"; exit 1; }
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

### BEGIN STAFF
notebooks: data
	@$(COURSE) run
	@$(COURSE) pdf

test: data
	@$(COURSE) test

bench: data
	@$(VENV)/bin/python -m tests.benchmarks.run

### END STAFF
lab: data
	@$(COURSE) lab

clean:
	rm -rf build $(VENV)
