"""Instagram, through a Chromium in which the person has logged in by hand.

The browser opens a page, scrolls, and listens to what the page itself is told: there is no
request of our own but for pictures, and no way around anything the site refuses. Needs Chromium
and chromedriver on this machine, or a remote browser.
"""

from socialsense.settings import Settings
from socialsense.sources.browser.login import has_screen, log_in
from socialsense.sources.browser.source import Browser

__all__ = ["Browser", "has_screen", "load", "log_in"]


def load(settings: Settings) -> Browser:
    """The source; its browser starts with the first question."""
    return Browser(settings)
