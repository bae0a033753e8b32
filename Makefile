# Everything a person types here. Each target prepares what it needs; see packaging/setup.sh.
# PYTHON=/path/to/python3.12 chooses another interpreter, ARGS="…" is handed to the program or to pytest.

.DEFAULT_GOAL := help
.PHONY: help run test lint format lock package screenshots starter-model dev clean

SETUP := @sh packaging/setup.sh
BIN := .venv/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: ## open the window; without a display inspect the samples. ARGS="inspect FOLDER" runs the command line
	$(SETUP) run
	@$(BIN)/weldspot $(ARGS)

test: ## pass every test; needs no display
	$(SETUP) dev
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/python -m pytest $(ARGS)

lint: ## check style, format, types and import contracts
	$(SETUP) dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: ## format the code and mend what ruff can mend
	$(SETUP) dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## choose new versions and write packaging/locks (needs uv)
	sh packaging/lock.sh

package: ## build the program in dist/weldspot and start it once
	$(SETUP) package
	$(BIN)/pyinstaller --noconfirm --clean --log-level WARN --distpath dist --workpath build packaging/weldspot.spec
	$(BIN)/python packaging/smoke_test.py dist/weldspot

screenshots: ## photograph every page of the running program into resources/screenshots
	$(SETUP) dev
	$(BIN)/python packaging/screenshots.py $(ARGS)

starter-model: ## train the shipped model anew from ../shared/datasets (hours)
	$(SETUP) dev
	$(BIN)/python packaging/starter_model.py $(ARGS)

dev: ## prepare .venv with training, tests and tools, and start nothing
	$(SETUP) dev

clean: ## remove what builds and tools left; .venv stays
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
