# The commands of the README. Everything else is `.venv/bin/banshi --help`.
.PHONY: up test bench proof env

up: env ## set up, train when needed, start everything
	@exec .venv/bin/banshi up

test: env ## format, lint, types, import rules, catalogue, tests
	@exec scripts/check

bench: env ## messages a second through the webhook, beside a stock Rasa bot and a bare echo
	@exec .venv/bin/python -m benchmarks.webhook

proof: env ## the webhook under malformed requests and under load (some twenty minutes)
	@exec scripts/proof

env:
	@scripts/setup
