"""A dataset collected in a real browser, against bare Selenium on the same pages.

python -m benchmarks.collecting [--images 12000]

Politeness is zero. Ours is `collect dataset`, which keeps every post, hashtag and picture. The
bare one drives one Chromium too: it opens the same hashtags, scrolls as often, and waits until
what it scrolled for is there; its pages show their pictures, as in any browser. With pictures
off nobody fetches any, so it does less than is asked of ours.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import psutil
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from benchmarks.replica import HASHTAGS, ask, collecting, replica, settings, tell
from tests.browser_login import logged_in
from tests.replica.pictures import draw
from tests.replica.world import World

PORT = 8791
MEMORY_BAR, RATE_BAR = 300, 0.9
PATIENCE = 30.0
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip
NO_PICTURES = {"profile.managed_default_content_settings.images": 2}


@dataclass(frozen=True)
class Run:
    """Seconds, and the highest memory (MiB) that the Python process held."""

    seconds: float
    memory: float


def ours(url: str, folder: Path, images: int, tags: list[str]) -> Run:
    """The command line, as a person would call it."""
    (folder / "hashtags.txt").write_text("\n".join(tags))
    start, memory = time.perf_counter(), 0.0
    with collecting(url, folder, images) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            memory = max(memory, watched.memory_info().rss / 2**20)
            time.sleep(0.05)
    assert process.returncode == 0, "it did not complete"
    return Run(time.perf_counter() - start, memory)


def bare(url: str, pages: Counter[str], *, pictures: bool) -> float:
    """Seconds for so many pages of each hashtag, the first of them opened, the others scrolled."""
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    if not pictures:
        options.add_experimental_option("prefs", NO_PICTURES)
    start = time.perf_counter()
    with webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver"))) as driver:
        started = time.perf_counter() - start
        log_in(driver, url)
        start = time.perf_counter()
        for tag, number in pages.items():
            driver.get(f"{url}/explore/tags/{tag}/")
            for _ in range(number - 1):
                scroll(driver)
        return time.perf_counter() - start + started


def log_in(driver: webdriver.Chrome, url: str) -> None:
    driver.get(url + "/accounts/login/")
    driver.find_element(By.NAME, "email").send_keys("me")
    driver.find_element(By.NAME, "pass").send_keys("secret", Keys.ENTER)
    end = time.monotonic() + PATIENCE
    while driver.get_cookie("ds_user_id") is None:
        assert time.monotonic() < end, "nobody was let in"
        time.sleep(0.02)


def scroll(driver: webdriver.Chrome) -> None:
    tiles = "return document.querySelectorAll('main a').length"
    before = driver.execute_script(tiles)
    driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    end = time.monotonic() + PATIENCE
    while driver.execute_script(tiles) == before:
        assert time.monotonic() < end, "nothing more came"
        time.sleep(0.02)


def pages_read(url: str) -> Counter[str]:
    """Pages that led on in their hashtag's listing, each once: the first, and those scrolled to."""
    seen = set()
    for line in ask(url, "log"):
        if line["surface"] == "answer":
            asked = json.loads(line["what"].partition("PaginationQuery ")[2])
            seen.add((asked["query"].removeprefix("#"), asked["after"]))
        elif line["path"] == "/explore/search/keyword/":
            seen.add((unquote(line["what"]).partition("q=#")[2], None))
    return Counter(tag for tag, _ in seen)


def wrong(out: Path, world: World, images: int) -> list[str]:
    """What differs from the truth: pictures and their hashtags."""
    truth = {
        hashlib.sha256(draw(post.pk, post.theme)).hexdigest(): post for post in world.by_pk.values()
    }
    rows = [json.loads(line) for line in (out / "posts.jsonl").open(encoding="utf-8")]
    faults = [] if len(rows) == images else [f"{len(rows)} pictures"]
    for row in rows:
        sha256 = hashlib.sha256((out / row["file"]).read_bytes()).hexdigest()
        post = truth.pop(sha256, None)
        if post is None:
            faults.append(f"{row['file']} is no picture of the replica, or is there twice")
        elif row["hashtags"] != list(dict.fromkeys(tag.lower() for tag in post.hashtags)):
            faults.append(f"{row['file']}: {row['hashtags']} instead of {post.hashtags}")
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=12_000)
    images = parser.parse_args().images
    with tempfile.TemporaryDirectory() as name, replica(PORT) as url:
        folder = Path(name)
        logged_in(settings(url, folder))
        tags = ask(url, "truth")["hashtags"][:HASHTAGS]
        tell(url, "forget")
        run = ours(url, folder, images, tags)
        requests = Counter(line["surface"] for line in ask(url, "log"))
        pages = pages_read(url)
        faults = wrong(folder / "out", World(), images)
        print(f"{images:,} pictures from {pages.total():,} pages in {run.seconds:.0f} s")
        print(f"requests: {dict(requests)}")
        print("equal to the truth" if not faults else f"{len(faults)} faults: {faults[:3]}")
        print(f"memory of the Python process: {run.memory:.0f} MiB (bar {MEMORY_BAR})")
        for pictures in (True, False):
            seconds = bare(url, pages, pictures=pictures)
            shown = "with" if pictures else "without"
            rate = seconds / run.seconds
            print(f"bare, {shown} pictures: {seconds:.0f} s; ours at {rate:.2f} of its rate")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
