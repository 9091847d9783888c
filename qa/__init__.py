"""The conversation test bench: cases in YAML, run against a running copy, with reports for people.

The command `banshi qa` calls this. What a running copy is and how its conversations are read comes
from outside, through the protocols of `qa.stacks`.
"""
