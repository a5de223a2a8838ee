# `make` sets up everything, executes the notebooks and sets them as PDF; `make test` checks it. The work is
# done by the command `course`, which is there without make too: see README.md.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
COURSE := $(VENV)/bin/course

.PHONY: all data notebooks test lab clean
all: notebooks

# the stamp comes last, so that an interrupted installation is taken up again
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "This course needs Python 3.11, found: $$($(PYTHON) --version). Try: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "No venv: on Debian install python3.11-venv"; exit 1; }
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

data: $(VENV)/.installed
	@$(COURSE) data

notebooks: data
	@$(COURSE) run
	@$(COURSE) pdf

test: data
	@$(COURSE) test

lab: data
	@$(COURSE) lab

clean:
	rm -rf build $(VENV)
