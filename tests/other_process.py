"""Another Python process with a browser, to be killed."""

import os
import subprocess
import sys
from contextlib import contextmanager

HANDLE = "nora.paints"
ASK = f"""
import sys, time
from socialsense import parts
browser = parts.load("sources", "browser")
print(len(browser.posts({HANDLE!r}).items), flush=True)
time.sleep(60)
"""


@contextmanager
def collecting_with(settings):
    """It has read a page; its browser is open."""
    environment = {
        **os.environ,
        "SOCIALSENSE_DATA_DIR": str(settings.data_dir),
        "SOCIALSENSE_INSTAGRAM_URL": settings.instagram_url,
        "SOCIALSENSE_REQUEST_SECONDS": "0",
        "SOCIALSENSE_BROWSER": settings.browser,
        "SOCIALSENSE_BROWSER_PROFILE": str(settings.browser_dir),
    }
    command = [sys.executable, "-c", ASK]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "12\n"
        yield process
        process.kill()
