"""A login at the replica, as a person would do it, for tests that need one."""

import time

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from socialsense.settings import Settings
from socialsense.sources.browser.chromium import Chromium

PATIENCE = 20.0


def logged_in(settings: Settings) -> Settings:
    """The same settings, once the browser's folder remembers a login at their site."""
    chromium = Chromium(settings)
    try:
        chromium.open(settings.instagram_url + "/accounts/login/")
        fill_in(chromium)
        end = time.monotonic() + PATIENCE
        while not chromium.logged_in(settings.instagram_url):
            assert time.monotonic() < end, "the replica let nobody in"
            time.sleep(0.02)
    finally:
        chromium.close()
    return settings


def fill_in(chromium: Chromium) -> None:
    """Types a name and a password into the login page that is shown."""
    driver = chromium._driver
    driver.find_element(By.NAME, "email").send_keys("me")
    driver.find_element(By.NAME, "pass").send_keys("secret", Keys.ENTER)
