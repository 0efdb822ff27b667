# Two commands do everything on a fresh Debian machine: `make demo` and `make test`.

PORT ?= 8000
export STAGE SEED
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo demo-fresh test setup lock

demo: setup
	.ci/demo
	DJANGO_SETTINGS_MODULE=sihao.settings.dev .venv/bin/python manage.py up --port $(PORT)

demo-fresh: setup
	.ci/demo fresh
	DJANGO_SETTINGS_MODULE=sihao.settings.dev .venv/bin/python manage.py up --port $(PORT)

setup:
	.ci/setup run

test:
	.ci/setup test
	.ci/test

# Needs uv. The locks name no host; they hold for every platform and for Python 3.11 and later.
lock:
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-emit-index-url \
		requirements.in --output-file requirements.txt
	cd tests && uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
		--no-emit-index-url requirements.in --output-file requirements.txt
