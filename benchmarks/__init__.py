"""Benchmarks: how well and how fast the search finds, each a command of its own (README.md)."""
