"""The run as JUnit XML, as continuous integration reads it: a suite a file, a case a case."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import click
from junitparser import Attr, Error, Failure, IntAttr, JUnitXml, Skipped, TestCase, TestSuite

from qa.console import case_story
from qa.results import CaseResult, Outcome, Run

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENDS = {Outcome.FAILED: Failure, Outcome.BROKEN: Error, Outcome.SKIPPED: Skipped}


class _Case(TestCase):
    """A case that says where it stands, for programs that show the place."""

    file = Attr("file")
    line = IntAttr("line")


def write_junit(run: Run, file: Path) -> None:
    """Write the run to `file`."""
    xml = JUnitXml("banshi qa")
    for name, cases in groupby(run.cases, key=lambda case: case.file):
        suite = TestSuite(_clean(name))
        suite.timestamp = run.began[:19]  # JUnit has no offset there
        for case in cases:
            suite.add_testcase(_case(case))
        xml.add_testsuite(suite)
    xml.update_statistics()  # type: ignore[no-untyped-call]
    xml.time = run.seconds
    file.parent.mkdir(parents=True, exist_ok=True)
    xml.write(str(file), pretty=True)


def _case(case: CaseResult) -> TestCase:
    test = _Case(_clean(case.name), _clean(case.topic), case.seconds)
    test.file, test.line = _clean(case.file), case.line
    if case.outcome in _ENDS:
        end = _ENDS[case.outcome](_clean(_headline(case)), "banshi")
        end.text = _clean(click.unstyle("\n".join(case_story(case))))
        test.result = [end]
    return test


def _headline(case: CaseResult) -> str:
    wrong = [one for turn in case.turns for one in turn.judged if not one.passed]
    return case.reason or "；".join(f"{one.line}行：{one.expected}" for one in wrong)


def _clean(text: str) -> str:
    """Without the characters that XML has no way to write; cases may hold any."""
    return _NOT_XML.sub("�", text)
