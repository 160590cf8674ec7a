"""One Chromium, on this machine or remote, through one door: a WebDriver address.

A remote one is a bare chromedriver or a Selenium Grid; both take the same options. Everything
that the WebDriver library raises becomes a SourceError here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from socialsense.errors import SourceError
from socialsense.sources.browser.keeper import Keeper
from socialsense.sources.browser.lease import Lease

if TYPE_CHECKING:
    from selenium.webdriver import ChromeOptions
    from selenium.webdriver.remote.client_config import ClientConfig

    from socialsense.settings import Settings

SESSION = "sessionid"
"""The cookie of whoever is logged in."""
LOADING, WORKING, LED = 60, 120, 180
"""Seconds for a page to load, for a script in it, and for any command."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1280,900",
)  # fmt: skip
_SHOW, _HIDE, _AT_ADDRESSES = 1, 2, 4


class BrowserFailed(SourceError):
    """The browser, not the site: it has to be started anew."""


class Chromium:
    """A running browser. Raises SourceError where it cannot be had.

    Args:
        settings: where it runs, and its folder.
        visible: a window for the person, with pictures; else nothing is drawn, nor are the
            pictures of a page fetched.
    """

    def __init__(self, settings: Settings, *, visible: bool = False) -> None:
        with ExitStack() as undo:
            self._place = _lease(settings) if settings.browser else _keeper(settings)
            undo.callback(self._place.end)
            self._driver = self._session(settings, visible=visible)
            if isinstance(self._place, Lease):
                undo.callback(self.close)
                self._place.note(self._driver.session_id)
            undo.pop_all()

    def _session(self, settings: Settings, *, visible: bool) -> Any:
        from selenium import webdriver

        remote = isinstance(self._place, Lease)
        with _explained(_not_had if remote else _failed):
            return webdriver.Remote(
                self._place.address,
                options=_options(settings, visible=visible),
                client_config=_connection(self._place.address, direct=not remote),
            )

    def open(self, url: str) -> None:
        """Goes there; its own scripts have run when this returns."""
        with _explained():
            self._driver.get(url)

    def run(self, script: str, *values: Any) -> Any:
        """What a script in the page returns, which may be a promise."""
        with _explained():
            return self._driver.execute_script(script, *values)

    def at_every_start(self, script: str) -> None:
        """A script to run in every page from now on, before the page's own."""
        self._developer("Page.addScriptToEvaluateOnNewDocument", source=script)

    def logged_in(self, site: str) -> bool:
        """Whether somebody is, as far as the cookies tell; asks nobody."""
        cookies = self._developer("Network.getCookies", urls=[site])["cookies"]
        return any(cookie["name"] == SESSION and cookie["value"] for cookie in cookies)

    def _developer(self, command: str, **values: Any) -> Any:
        with _explained():
            asked = {"cmd": command, "params": values}
            return self._driver.execute("executeCdpCommand", asked)["value"]

    def close(self, *, cleanly: bool = True) -> None:
        """Ends it; only a clean end writes the last cookies to its folder."""
        if cleanly or isinstance(self._place, Lease):
            with suppress(SourceError), _explained():
                self._driver.quit()
                if isinstance(self._place, Lease):
                    self._place.forget()
        self._place.end()


def _lease(settings: Settings) -> Lease:
    """A place in the remote browser, once those are free that a killed process had."""
    from selenium.webdriver.remote.command import Command
    from selenium.webdriver.remote.remote_connection import RemoteConnection

    def end(session: str) -> None:
        with _explained(_not_had):
            config = _connection(settings.browser, direct=False)
            remote: Any = RemoteConnection(client_config=config)
            remote.execute(Command.QUIT, {"sessionId": session})

    return Lease(settings.browser, settings.data_dir / "leases", end)


def _keeper(settings: Settings) -> Keeper:
    chromedriver = shutil.which("chromedriver")
    if not (_browser() and chromedriver):
        missing = "Chromium" if chromedriver else "chromedriver"
        raise SourceError(
            f"{missing} is not installed.",
            means="Instagram is read through Chromium, which chromedriver leads.",
            do="On Debian or Ubuntu: sudo apt install chromium chromium-driver. "
            "Or name a remote browser in SOCIALSENSE_BROWSER.",
        )
    return Keeper(chromedriver, settings.browser_dir)


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def _options(settings: Settings, *, visible: bool) -> ChromeOptions:
    from selenium.webdriver import ChromeOptions

    options = ChromeOptions()
    options.page_load_strategy = "eager"
    # Among the options: no command after the start, which would leave a session behind if it fails.
    options.timeouts = {"pageLoad": LOADING * 1000, "script": WORKING * 1000}
    for flag in (*_FLAGS, *([] if visible else ["--headless=new"])):
        options.add_argument(flag)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium refuses to be root's otherwise
    if not settings.browser:
        options.binary_location = _browser() or ""
    if settings.browser_profile or not settings.browser:
        options.add_argument(f"--user-data-dir={settings.browser_dir}")
    preferences = {
        "session.restore_on_startup": _AT_ADDRESSES,
        "session.startup_urls": ["about:blank"],  # the usual first page takes up to 5 s
        "profile.managed_default_content_settings.images": _SHOW if visible else _HIDE,
        "profile.password_manager_enabled": False,
        "credentials_enable_service": False,
    }
    options.add_experimental_option("prefs", preferences)
    options.add_experimental_option("excludeSwitches", ["enable-logging"])
    return options


def _connection(address: str, *, direct: bool) -> ClientConfig:
    from selenium.webdriver.common.proxy import Proxy, ProxyType
    from selenium.webdriver.remote.client_config import ClientConfig

    kind = ProxyType.DIRECT if direct else ProxyType.SYSTEM
    return ClientConfig(address, proxy=Proxy({"proxyType": kind}), timeout=LED)


def _failed(said: str) -> SourceError:
    if "net::ERR_" in said:
        return SourceError(
            f"The page could not be loaded: {said}.",
            means="The network is down, or the site cannot be reached through it.",
            do="Try again when it is.",
        )
    return BrowserFailed(
        f"The browser failed: {said}.",
        means="It lost its connection, crashed or was closed. What was collected is kept.",
        do="Try again: it is started anew.",
    )


def _not_had(said: str) -> SourceError:
    return BrowserFailed(
        f"The remote browser does not start: {said}.",
        means="It is away, has no free place, or cannot use its folder. "
        "What was collected is kept.",
        do="Check SOCIALSENSE_BROWSER, SOCIALSENSE_BROWSER_PROFILE and what the remote browser "
        "itself reports, then try again.",
    )


@contextmanager
def _explained(explanation: Callable[[str], SourceError] = _failed) -> Iterator[None]:
    from selenium.common.exceptions import WebDriverException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except WebDriverException as error:
        raise explanation(_gist(error.msg or "")) from error
    except HTTPError as error:  # the last part says why; those before name pools and retries
        said = str(getattr(error, "reason", None) or error).rpartition(": ")[2]
        raise explanation(said) from error


def _gist(said: str) -> str:
    """The driver's own words: a Grid puts its own before them, and its versions after."""
    driver = said.rpartition("Message: ")[2].strip().partition("\n")[0]
    return driver.removeprefix("unknown error: ").rstrip(". ")
