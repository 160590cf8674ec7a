"""kill -9 of the whole process while it collects, again and again, against a peaceful run.

python -m benchmarks.kills [--kills 100] [--images 3000] [--faults 0.0]

Each time the command line is started anew and killed at a random moment. At the end it runs to
its end in peace, and its store is held against that of a run that nobody disturbed.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from benchmarks.replica import HASHTAGS, ask, collecting, replica, settings, tell
from tests.browser_login import logged_in
from tests.collected import content

PORT = 8792


def ready(url: str, folder: Path, tags: list[str]) -> Path:
    """A folder with a login and a list of hashtags."""
    folder.mkdir()
    (folder / "hashtags.txt").write_text("\n".join(tags))
    logged_in(settings(url, folder))
    tell(url, "forget")
    return folder


def requests(url: str) -> Counter[str]:
    """What was asked for, redirects left out."""
    lines = ask(url, "log")
    return Counter(x["surface"] for x in lines if not x["path"].startswith("/explore/tags/"))


def browsers(folder: Path) -> int:
    """Processes that name the folder."""
    found = psutil.process_iter(["cmdline"])
    return sum(str(folder) in " ".join(one.info["cmdline"] or ()) for one in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, replica(PORT) as url:
        tags = ask(url, "truth")["hashtags"][:HASHTAGS]
        peaceful = ready(url, Path(name) / "peaceful", tags)
        begun = time.monotonic()
        assert collecting(url, peaceful, asked.images, quiet=True).wait() == 0
        usual, needed = time.monotonic() - begun, requests(url)
        killed = ready(url, Path(name) / "killed", tags)
        tell(url, "faults", seed=asked.seed, rate=asked.faults)
        chance = random.Random(asked.seed)
        done = left = 0
        while done < asked.kills:
            process = collecting(url, killed, asked.images, quiet=True)
            time.sleep(chance.uniform(0.0, 2.0 + 2 * usual / max(1, asked.kills)))
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.wait()
            done += 1
            time.sleep(0.2)
            left += browsers(killed / "browser") > 0
        for _ in range(20):  # with faults a run may end before all is read; the next goes on
            if collecting(url, killed, asked.images, quiet=True).wait() == 0:
                break
        spent = requests(url)
        same = content(settings(url, peaceful)) == content(settings(url, killed))
        time.sleep(1)
        print(f"{done} kills; peaceful run {usual:.0f} s")
        print("same content" if same else "OTHER CONTENT")
        more = {kind: (spent[kind] - needed[kind]) / max(1, done) for kind in needed}
        print(f"requests in peace {dict(needed)}, killed {dict(spent)}; more for each kill {more}")
        print(f"a browser still there 0.2 s after a kill: {left} times")
        print(f"processes left at the end: {browsers(killed / 'browser')}")
    sys.exit(not same)


if __name__ == "__main__":
    main()
