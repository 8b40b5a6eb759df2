# 问策 wence. `make run` starts it, `make test` tests it: each does all it needs on a fresh machine.

PYTHON      ?= python3
VENV        ?= .venv
PORT        ?= 8737
# On Linux the registry's torch brings CUDA (several GB). Name an index with the CPU build here,
# e.g. make run TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
DATA        ?= ../shared/data
MODEL       ?= index/models/wence-static-v2

BIN     := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
           $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: run test check format train bench bench-pages pictures clean help

help:
	@echo "make run    环境、安装、索引、服务和网页（http://127.0.0.1:$(PORT)/）"
	@echo "make test   全部测试"
	@echo "make check  ruff、mypy --strict、import-linter"
	@echo "make bench  速度量测；make bench-pages 网页的速度"
	@echo "make pictures  重拍文档里的网页图片"
	@echo "make train DATA=目录  重新训练随附的向量模型"

run: $(VENV)/.installed
	$(BIN)/wence build --if-needed
	$(BIN)/wence serve --port $(PORT)

test: $(VENV)/.installed-dev
	./tools/system-packages chromium fonts-noto-cjk postgresql curl libreoffice-writer-nogui
	$(BIN)/python -m pytest -n 2

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: $(VENV)/.installed-dev
	$(BIN)/python -m index.training --data $(DATA) --out $(MODEL)
	$(BIN)/python -m index.training.measure --data $(DATA) --model $(MODEL) --write

bench: $(VENV)/.installed
	$(BIN)/wence build --if-needed
	$(BIN)/wence bench

bench-pages: $(VENV)/.installed-dev
	./tools/system-packages chromium fonts-noto-cjk
	$(BIN)/python -m tests.measure_pages

pictures: $(VENV)/.installed-dev
	./tools/system-packages chromium fonts-noto-cjk libreoffice-writer-nogui
	$(BIN)/python -m tests.pictures

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更新的版本")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(INSTALL) -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(INSTALL) -e '.[dev]'
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
