"""Start-up: the import, the server against a bare Streamlit hello, a cold `rank`.

python -m benchmarks.startup
"""

import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from socialsense.settings import ROOT

HELLO = 'import streamlit as st\nst.write("hello")\n'
HEAVY = ("torch", "streamlit", "selenium", "numpy", "sqlalchemy")


def import_cpu_seconds() -> float:
    """CPU time of `import socialsense` alone, in a process of its own."""
    code = (
        "import json, resource, sys; t = resource.getrusage(resource.RUSAGE_SELF);"
        "import socialsense; u = resource.getrusage(resource.RUSAGE_SELF);"
        f"assert not set({HEAVY!r}) & set(sys.modules);"
        "print(json.dumps(u.ru_utime + u.ru_stime - t.ru_utime - t.ru_stime))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return float(json.loads(done.stdout))


def seconds_until_healthy(script: Path) -> float:
    """From the start of the process until /_stcore/health says `ok`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    start = time.perf_counter()
    server = subprocess.Popen(
        [*command, "--server.headless", "true", "--browser.gatherUsageStats", "false"],
        cwd=script.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - start < 60:
            try:
                url = f"http://127.0.0.1:{port}/_stcore/health"
                with urllib.request.urlopen(url, timeout=1) as answer:
                    if answer.read() == b"ok":
                        return time.perf_counter() - start
            except OSError:
                time.sleep(0.01)
        raise TimeoutError(f"{script} was not healthy within a minute")
    finally:
        server.kill()
        server.wait()


def cold_rank_seconds(data_dir: Path) -> float:
    """`rank` on an empty data folder: fills the demo, loads the models, answers."""
    samples = sorted((ROOT / "data" / "demo" / "samples").glob("*.jpg"))[:3]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "socialsense", "rank", "demo.windmills", *map(str, samples)],
        cwd=ROOT,
        env={**os.environ, "SOCIALSENSE_DATA_DIR": str(data_dir)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def first_photo_seconds() -> float:
    """A process that starts, loads the default embedder with its weights, and embeds a photo."""
    photo = next((ROOT / "data" / "demo" / "samples").glob("*.jpg"))
    code = (
        "import sys; from pathlib import Path; from socialsense import parts;"
        "from socialsense.images import read_image;"
        "photo = read_image(Path(sys.argv[1])).pixels;"
        "assert len(parts.load('embedders', 'hashtag').embed([photo])) == 1"
    )
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(photo)], cwd=ROOT, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    cpu = [import_cpu_seconds() for _ in range(7)]
    print(f"import socialsense: {statistics.median(cpu):.3f} s of CPU (bar 0.3)")
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO, encoding="utf-8")
        rounds = [
            (seconds_until_healthy(hello), seconds_until_healthy(ROOT / "app.py")) for _ in range(7)
        ]
    bare, ours = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(b / a for a, b in rounds)
    print(f"healthy: bare {bare:.2f} s, socialsense {ours:.2f} s, × {ratio:.2f} (bar 1.5)")
    photo = statistics.median(first_photo_seconds() for _ in range(5))
    print(f"first photo of a cold process: {photo:.1f} s (bar 3)")
    with tempfile.TemporaryDirectory() as folder:
        first = cold_rank_seconds(Path(folder))
        second = cold_rank_seconds(Path(folder))
    print(f"rank: {first:.1f} s with an empty data folder, {second:.1f} s after (bar 10)")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
