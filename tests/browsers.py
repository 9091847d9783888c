"""A real browser for tests of pages: Chromium without a window, driven by Playwright.

Playwright's own browsers come from outside of every package registry, so it is one that is
installed on the machine. Without any, the tests that need it fail: a page that was not opened is
not known to work.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "No Chromium was found, and the tests of the simulated phone need one: install it (for example:"
    " sudo apt install chromium, or scripts/browser as root)."
)


def chromium() -> str:
    """The path of the browser; fails the test when there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.fail(MISSING)


@asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """A tab as large as a phone; what a script of the page throws fails the test."""
    program = chromium()
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # root has none
    faults: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=sandbox)
        page = await browser.new_page(viewport={"width": 390, "height": 780}, locale="zh-CN")
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        try:
            yield page
        finally:
            await browser.close()
    assert faults == []
