# The course's commands. `make` lists them. Each one sets .venv up first, if needed.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: student site slides help run lab test notebooks lint claims verdicts lock address clean setup

help:       ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*##/ {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: setup        ## run every notebook; copies, HTML and errors go to build/
	@$(BIN)/python tools/run_notebooks.py

lab: setup        ## open JupyterLab at notebooks/
	@$(BIN)/python -m jupyterlab notebooks

test: setup       ## run every test
	@$(BIN)/python -m pytest

notebooks: setup  ## refresh the committed outputs from clean runs
	@$(BIN)/python tools/run_notebooks.py --write

lint: setup       ## look for mistakes in the code (80 columns in notebooks)
	@$(BIN)/ruff check .
	@$(BIN)/ruff check --config line-length=80 notebooks

slides: setup     ## write the slides to build/slides/ (needs npm, once)
	@$(BIN)/python tools/make_slides.py

student: setup    ## write the student edition, without solutions, to build/student/
	@$(BIN)/python tools/make_student.py

site: setup       ## build the course site: build/site/index.html
	@$(PYTHON) tools/setup_env.py --web
	@$(BIN)/python tools/make_site.py

claims: setup     ## measure the claims again, 90 minutes; all seeds: make claims SEEDS=all
	@$(BIN)/python -m tools.remeasure --seeds "$(SEEDS)"

verdicts: setup   ## write docs/claims.md: every claim, its verdict and its numbers
	@$(BIN)/python -m tools.claims

address: setup    ## show the public address, or set it: make address URL=https://...
	@$(BIN)/python tools/set_address.py $(URL)

lock:             ## resolve requirements.txt to constraints.txt (needs uv)
	@command -v uv >/dev/null || { \
	  echo "make lock needs uv: https://docs.astral.sh/uv/"; exit 1; }
	uv pip compile --universal --python-version 3.10 --no-header --no-annotate \
	  requirements.txt requirements-web.txt -o constraints.txt

clean:            ## remove build/ and caches (.venv stays)
	rm -rf build .pytest_cache .hypothesis .ruff_cache
	find . -name .venv -prune -o -name __pycache__ -exec rm -rf {} +

setup:
	@$(PYTHON) -c '' 2>/dev/null || { \
	  echo "$(PYTHON) does not run here. The course needs Python 3.10-3.13:"; \
	  echo "    Debian, Ubuntu   sudo apt install python3 python3-venv"; \
	  echo "    macOS            brew install python@3.12"; \
	  echo "    anywhere         https://www.python.org/downloads/"; \
	  echo "If it has another name: make run PYTHON=/path/to/python3.12"; \
	  exit 1; }
	@$(PYTHON) tools/setup_env.py
