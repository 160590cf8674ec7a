"""What only a browser shows: the real server, the real page, real clicks, desktop and phone."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from socialsense.collect import ForHandle
from socialsense.settings import ROOT, Settings
from socialsense.store import Store
from socialsense.types import Job, Profile

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
SAMPLES = sorted((ROOT / "data" / "demo" / "samples").glob("*.jpg"))
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"] [data-testid="stHeading"]'

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (CHROMIUM and CHROMEDRIVER), reason="chromium and chromedriver are not installed"
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as url:
        yield url


@contextmanager
def served(folder):
    """The dashboard on a free port, on an empty data folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "streamlit", "run", "app.py"),
                f"--server.port={port}",
                "--server.address=localhost",
            ],
            cwd=ROOT,
            env={**os.environ, "SOCIALSENSE_DATA_DIR": str(folder / "data")},
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_healthy(f"http://localhost:{port}/_stcore/health")
            yield f"http://localhost:{port}/"
        finally:
            server.terminate()
            server.wait(20)


def wait_until_healthy(url):
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail("the server was not healthy within 30 s")


@pytest.fixture(params=SIZES)
def browser(request, address):
    width, height = SIZES[request.param]
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", f"--window-size={width},{height}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(CHROMEDRIVER))
    if request.param == "phone":
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"origin": address, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    driver.get(address)
    try:
        yield driver
    finally:
        driver.quit()


def settle(browser):
    time.sleep(0.3)  # a click reaches the server first
    WebDriverWait(browser, 60).until(lambda b: b.find_elements(By.CSS_SELECTOR, IDLE))


def find(browser, selector):
    return WebDriverWait(browser, 60).until(
        lambda b: next(iter(b.find_elements(By.CSS_SELECTOR, selector)), None)
    )


def click(browser, label):
    found = f"//button[.//p[text()='{label}']] | //a[.//p[text()='{label}']]"
    target = WebDriverWait(browser, 60).until(
        lambda b: next((e for e in b.find_elements(By.XPATH, found) if e.is_displayed()), None)
    )
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
    target.click()
    settle(browser)


def text(browser):
    return browser.find_element(By.CSS_SELECTOR, '[data-testid="stMain"]').text


def fits(browser):
    """No sideways scrolling, and every picture has a text for those who cannot see it."""
    main = browser.find_element(By.CSS_SELECTOR, '[data-testid="stMain"]')
    wide = "return arguments[0].scrollWidth > arguments[0].clientWidth"
    assert not browser.execute_script(wide, main)
    pictures = browser.find_elements(By.CSS_SELECTOR, '[data-testid="stMain"] img')
    assert all(picture.get_attribute("alt") for picture in pictures)


def test_the_whole_way(browser, address):
    settle(browser)
    fits(browser)
    find(browser, 'input[aria-label="Instagram handle"]').send_keys("demo.windmills\n")
    settle(browser)
    files = "\n".join(str(path) for path in SAMPLES[:3])
    find(browser, "input[type=file]").send_keys(files)
    WebDriverWait(browser, 60).until(lambda b: "3." in text(b) and "Choose" in text(b))
    settle(browser)
    fits(browser)
    click(browser, "Choose")
    click(browser, "Find hashtags for the chosen photo")
    WebDriverWait(browser, 60).until(lambda b: "Evidence" in text(b))
    settle(browser)
    fits(browser)
    assert copied(browser) == browser.find_element(By.TAG_NAME, "code").text
    click(browser, "See the engagement to expect")
    WebDriverWait(browser, 60).until(lambda b: "Expected likes and comments" in text(b))
    settle(browser)
    fits(browser)
    assert "Expect" in text(browser)
    assert asked_outside(browser, address) == set()
    assert [e for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []


def copied(browser):
    """Press the copy button; what the clipboard then holds, once it is confirmed."""
    find = (
        "for (const e of document.querySelectorAll('*'))"
        "  if (e.shadowRoot?.querySelector('[role=status]')) return e.shadowRoot;"
        "return document.querySelector('[role=status]')?.parentNode"
    )
    root = WebDriverWait(browser, 30).until(lambda b: b.execute_script(find))
    button = root.find_element(By.CSS_SELECTOR, "button")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    status = root.find_element(By.CSS_SELECTOR, "[role=status]")
    WebDriverWait(browser, 10).until(lambda _: status.text == "Copied 5 hashtags")
    return browser.execute_async_script(
        "const done = arguments[0]; navigator.clipboard.readText().then(done, done)"
    )


def asked_outside(browser, address):
    """Hosts other than the server that the page asked for anything."""
    home = urlsplit(address).hostname
    hosts = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = urlsplit(message["params"]["request"]["url"])
            if url.scheme in ("http", "https") and url.hostname != home:
                hosts.add(url.hostname)
    return hosts


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("hashtags", "No photo is chosen yet"),
        ("engagement", "No photo is chosen yet"),
        ("track_record", "how far to trust it"),
        ("data", "Learn from your own posts"),
    ],
)
def test_a_deep_link_stands_on_its_own(browser, address, page, expected):
    browser.get(address + page)
    settle(browser)
    assert expected in text(browser)
    fits(browser)


@pytest.mark.parametrize("browser", ["desktop"], indirect=True)
def test_the_first_visit_of_a_server_may_be_a_deep_link(browser, tmp_path):
    with served(tmp_path) as fresh:
        browser.get(fresh + "track_record")
        settle(browser)
        above = find(browser, '[data-testid="stHeader"]').text.split("\n")
        assert {"Images", "Hashtags", "Engagement", "Track record", "Data"} <= set(above)
        assert "how far to trust it" in text(browser)
        assert browser.current_url == fresh + "track_record"


def test_a_job_is_followed_without_a_click(browser, address, folder):
    """The page looks by itself while a job is under way, and renews its table at the end."""
    settings, plan = Settings(data_dir=folder / "data"), ForHandle("lone.mill")
    soon = datetime.now(UTC) + timedelta(hours=1)  # so that the server does not pick it up
    job = Job(plan.key, "running", 1, 40, None, soon, soon, "#sea", plan.request)
    with Store.open(settings.store_url, settings.images_dir) as store:
        store.put_job(job)
        browser.get(address + "data")
        settle(browser)
        wait = WebDriverWait(browser, 20)
        wait.until(lambda b: "1 of 40" in text(b))
        fits(browser)
        store.put_job(replace(job, done=7, doing="#wind"))
        wait.until(lambda b: "7 of 40" in text(b) and "Reading #wind" in text(b))
        before = store.counts()["profiles"]
        store.put_profile(Profile(f"owner{before}", 100, 1, soon, "browser"))
        store.put_job(replace(job, state="done", done=40))
        wait.until(lambda b: f"Profiles\n{before + 1}" in text(b) and "Cancel" not in text(b))
        fits(browser)
