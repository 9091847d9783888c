"""What reports say, and that hostile text stays text in all of them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from qa.console import progress, story
from qa.reports.junit import write_junit
from qa.reports.kept import keep, kept
from qa.reports.page import page as page_of
from qa.reports.page import waits, write_page
from qa.results import CaseResult, Judged, Outcome, Run, TurnResult
from qa.seen import Understood

EVIL = "<script>alert('x')</script>\x00\x1b]]>&{{ 7*7 }}"
UNDERSTOOD = Understood("ask", 0.9, (("service", "id-card"),))


def turn(*judged, said="身份证", answer="居民身份证\n要带……", seconds=0.2):
    slots, actions = {"service": "id-card"}, ("action_guide",)
    return TurnResult(3, said, answer, ("补领",), seconds, judged, UNDERSTOOD, slots, actions)


GOOD = Judged(4, True, "回答里有“身份证”")
SENTENCE = Judged(5, False, "回答里有“护照”", "居民身份证\n要带……")
WHOLE = Judged(6, False, "甲\n乙", "甲\n丙", exact=True)
CASES = (
    CaseResult("好的", "a.yml", 2, "身份证", Outcome.PASSED, 1.0, (turn(GOOD),)),
    CaseResult("错的", "a.yml", 9, "护照", Outcome.FAILED, 2.0, (turn(GOOD, SENTENCE, WHOLE),), 2),
    CaseResult("跑不成", "b.yml", 2, "护照", Outcome.BROKEN, left=1, reason="起不来"),
    CaseResult("不适用", "b.yml", 8, "护照", Outcome.SKIPPED, left=1, reason="REST通道发不了"),
    CaseResult(
        EVIL, "b.yml", 9, EVIL, Outcome.FAILED, 1.0, (turn(SENTENCE, said=EVIL, answer=EVIL),)
    ),
)
RUN = Run("2026-11-23T09:00:00+08:00", 12.5, "wechat", ("m1",), CASES)


def test_the_terminal_tells_what_was_said_and_what_is_wrong():
    told = "\n".join(story(RUN))
    told = re.sub(r"\x1b\[[0-9;]*m", "", told)
    assert "【不通过】错的（a.yml:9）" in told
    assert "✗ a.yml:5\n    - 回答里有“护照”\n  ✗" in told  # the answer stands above already
    assert "✗ a.yml:6\n      甲\n    - 乙\n    + 丙" in told
    assert "意图：ask（0.90）" in told
    assert "实体：service=id-card" in told
    assert "动作：action_guide" in told
    assert "槽位：service=id-card" in told
    assert "后面还有2步没有跑" in told
    assert "好的" not in told
    assert "5个用例：1个通过，2个不通过，1个没跑成，1个不适用。用时12秒。" in told


def test_progress_is_one_line_a_case():
    lines = [progress(case) for case in CASES[:4]]
    assert all("\n" not in line for line in lines)
    assert "✓ 身份证 · 好的（1.0秒）" in lines[0]


def test_junit(tmp_path):
    file = tmp_path / "out" / "junit.xml"
    write_junit(RUN, file)
    root = ElementTree.parse(file).getroot()  # noqa: S314 - we wrote it
    assert root.tag == "testsuites"
    counts = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "2", "errors": "1", "skipped": "1"}
    suites = root.findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["a.yml", "b.yml"]
    assert suites[0].get("timestamp") == "2026-11-23T09:00:00"
    good, bad = suites[0].findall("testcase")
    assert (good.get("name"), good.get("classname"), good.get("time")) == ("好的", "身份证", "1.0")
    assert list(good) == []
    assert (bad.get("file"), bad.get("line")) == ("a.yml", "9")
    assert bad.find("failure").get("message").startswith("5行：回答里有“护照”；6行：")
    assert "市民：身份证" in bad.find("failure").text
    broken, skipped, evil = suites[1].findall("testcase")
    assert broken.find("error").get("message") == "起不来"
    assert skipped.find("skipped") is not None
    assert "<script>" in evil.get("name")


class Page(HTMLParser):
    """What a browser would make of the page, as far as the tests ask."""

    def __init__(self, html):
        super().__init__()
        self.cases, self.scripts, self.outside, self.bubbles = [], 0, [], []
        self._bubble = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        classes = (given.get("class") or "").split()
        if "case" in classes:
            self.cases.append((given["data-outcome"], given["data-topic"], "open" in given))
        self.scripts += tag == "script"
        self.outside += [given[name] for name in ("src", "href") if name in given]
        self._bubble = "bubble" in classes

    def handle_data(self, data):
        if self._bubble:
            self.bubbles.append(data)
            self._bubble = False


def test_the_page_has_failures_first_and_needs_nothing_else():
    html = page_of(RUN)
    found = Page(html)
    outcomes = [outcome for outcome, _, _ in found.cases]
    assert outcomes == ["broken", "failed", "failed", "skipped", "passed"]
    assert [opened for _, _, opened in found.cases] == [True, True, True, False, False]
    assert found.outside == []
    assert "url(" not in html
    assert '<html lang="zh-CN">' in html
    assert found.bubbles[:2] == ["身份证", "居民身份证\n要带……"]
    assert "共 <b>5</b> 个用例" in html
    assert '<div class="m">- 乙</div><div class="p">+ 丙</div>' in html


def test_what_citizens_wrote_is_no_markup():
    html = page_of(RUN)
    assert Page(html).scripts == 1
    assert "<script>alert" not in html
    assert "49" not in re.sub(r"<style>.*?</style>", "", html, flags=re.S)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_page_of_few_cases(count):
    run = Run(RUN.began, 0.0, "rest", ("",), CASES[:count])
    assert len(Page(page_of(run)).cases) == count


def test_waits():
    turns = tuple(turn(seconds=one / 100) for one in range(1, 101))
    case = CaseResult("x", "a.yml", 1, "t", Outcome.PASSED, 1.0, turns)
    middle, most, longest = waits((case,))
    assert middle == pytest.approx(0.505)
    assert most == pytest.approx(0.9505)
    assert longest == 1.0


def test_a_run_is_kept(tmp_path):
    keep(RUN, tmp_path / "a" / "run.json")
    assert kept(tmp_path / "a" / "run.json") == RUN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"banshi_qa_run": 1}',
        '{"banshi_qa_run": 2}',
        '{"banshi_qa_run": 1, "cases": [{}], "models": []}',
    ],
)
def test_another_file_is_no_run(tmp_path, text):
    file = tmp_path / "run.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"JSON|存的文件|不完整"):
        kept(file)


async def shown(tab):
    """The names of the cases that one sees."""
    found = await tab.locator("details.case:visible > summary").all_inner_texts()
    return [text.split("\n")[0] for text in found]


async def test_the_page_in_a_browser(page, tmp_path):
    file = tmp_path / "report.html"
    write_page(RUN, file)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("request", lambda asked: wrong.append(asked.url) if asked.url[:4] == "http" else None)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(file.as_uri())
    assert await page.locator("details.case").count() == 5
    assert await page.get_by_role("status").inner_text() == "显示5个"
    assert await page.get_by_text("后面还有2步没有跑").is_visible(), "failures are open"
    assert not await page.locator("details.passed .chat").is_visible()
    await page.get_by_label("结果").select_option("failed")
    assert len(await shown(page)) == 2
    await page.get_by_label("主题").select_option("护照")
    (only,) = await shown(page)
    assert "错的" in only
    await page.get_by_label("包含").fill("没有这句话")
    assert await shown(page) == []
    assert await page.get_by_role("status").inner_text() == "显示0个"
    await page.get_by_label("包含").fill("丙")
    await page.get_by_label("结果").select_option("")
    await page.get_by_label("主题").select_option("")
    (only,) = await shown(page)
    assert "错的" in only
    await page.get_by_label("包含").fill("")
    await page.locator("details.passed > summary").click()
    bubble = page.locator("details.passed .bubble")
    citizen, hall = await bubble.nth(0).bounding_box(), await bubble.nth(1).bounding_box()
    assert citizen["x"] + citizen["width"] > hall["x"] + hall["width"], "citizens stand right"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390, "it fits a phone"
    assert wrong == []
