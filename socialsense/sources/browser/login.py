"""The person's own login, by hand, in a window of the browser that collects later.

Nothing here reads what is typed, and nothing of it is kept but the browser's own cookies, in
its folder.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from socialsense.errors import SourceError
from socialsense.settings import Settings
from socialsense.sources.browser.chromium import BrowserFailed, Chromium

LOOK = 0.5
"""Seconds from one look at the window to the next."""


def log_in(
    settings: Settings, waiting: Callable[[], bool] = lambda: True, *, headless: bool = False
) -> bool:
    """Opens a window at the login, or, with somebody logged in, at what the site wants to ask.

    Returns whether somebody is logged in, once the window is closed, Ctrl-C is pressed, or
    `waiting` says no. Raises SourceError where no window can be shown, or the site is away.

    Args:
        settings: where the browser runs, its folder, and the site.
        waiting: asked twice a second whether the person is still busy.
        headless: without the window, for tests.
    """
    if not headless:
        _check_screen(settings)
    _check_memory(settings)
    chromium = Chromium(settings, visible=not headless)
    site = settings.instagram_url
    try:
        there = chromium.logged_in(site)
        chromium.open(site + ("/" if there else "/accounts/login/"))
        with suppress(BrowserFailed, KeyboardInterrupt):  # closed, or left, by the person
            while waiting():
                time.sleep(LOOK)
                there = chromium.logged_in(site)
        return there
    finally:
        chromium.close()


def has_screen(settings: Settings) -> bool:
    """Whether a window can be shown, on this machine or on a remote browser's."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(settings.browser or screen) or not sys.platform.startswith("linux")


def _check_screen(settings: Settings) -> None:
    if not has_screen(settings):
        raise SourceError(
            "There is no screen to show a browser's window on.",
            means="One logs in by hand, in a window; no password is ever given to this program.",
            do="Run this on a computer with a screen, or log in there and copy its folder "
            f"{settings.browser_dir} to the same place here.",
        )


def _check_memory(settings: Settings) -> None:
    if settings.browser and settings.browser_profile is None:
        raise SourceError(
            "The remote browser has no folder that remembers a login.",
            means="It would be forgotten with the window.",
            do="Name a folder on its machine in SOCIALSENSE_BROWSER_PROFILE.",
        )
