# The two commands of the README. Everything else is `.venv/bin/banshi --help`.
.PHONY: up test env

up: env ## set up, train when needed, start everything
	@exec .venv/bin/banshi up

test: env ## format, lint, types, import rules, catalogue, tests
	@exec scripts/check

env:
	@scripts/setup
