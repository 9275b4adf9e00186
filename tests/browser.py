"""A real browser for tests: Chromium or Chrome as installed, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def need(found: object, what: str) -> None:
    """Skip the test if something is missing; fail with COURSE_BROWSER=1.

    Args:
        found: Something false if it is missing.
        what: What is missing, and how to get it.
    """
    if not found:
        must = os.environ.get("COURSE_BROWSER") == "1"
        (pytest.fail if must else pytest.skip)(f"not tried in a browser: {what}")


@contextmanager
def open_browser() -> Iterator:
    """Yield a browser without a window; skip the test if there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    need(program, f"install one of {', '.join(BROWSERS)}")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        need(False, "python3 tools/setup_env.py --web installs playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
