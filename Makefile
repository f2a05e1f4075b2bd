# Asesor. `make help` lists the commands; the first one sets everything up.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif
READY := $(VENV)/ready
MO := resources/i18n/id/LC_MESSAGES/asesor.mo
PO := resources/i18n/id/LC_MESSAGES/asesor.po

.PHONY: help setup run test soak lint bench strings screenshots installer clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(READY) $(MO) ## install what is needed into .venv

$(READY): pyproject.toml constraints.txt resources/make/system.sh
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[server,dev,installer]'
	bash resources/make/system.sh
	touch $@

$(MO): $(PO) $(READY)
	$(BIN)/python resources/make/strings.py --compile

run: setup ## open the window on a sample visit; without a screen, play the visit and leave the signed PDFs in demo/
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$(OS)" = Windows_NT ] || [ "$$(uname)" = Darwin ]; then \
	  $(BIN)/python -m assessor_app --sample; \
	else $(BIN)/python -m assessor_app demo --out demo; fi

soak: setup ## play random stories of devices and a server for SECONDS=1800
	$(BIN)/python -m tests.sync.soak $(or $(SECONDS),1800)

test: setup ## run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile -q tests

lint: setup ## check style, types, layers, strings and documents
	$(BIN)/ruff check .
	$(BIN)/python -m mypy assessor_app assessor_server tests benchmarks
	$(BIN)/lint-imports
	$(BIN)/python resources/make/strings.py --check
	$(BIN)/python resources/make/check_docs.py

bench: setup ## measure the figures of docs/benchmarks.md, as ratios in one run
	$(BIN)/python -m benchmarks

strings: setup ## gather the strings into the Indonesian catalogue and compile it
	$(BIN)/python resources/make/strings.py

screenshots: setup ## picture every screen into build/screenshots
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.ui.screenshots build/screenshots

installer: setup ## build the folder that starts without Python; see installers/README.md
	$(BIN)/python -m PyInstaller --noconfirm --distpath dist --workpath build/pyinstaller installers/asesor.spec

clean: ## remove what was built
	rm -rf build dist demo
