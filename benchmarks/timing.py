"""Side by side in one run: timings here are noisy, ratios less so."""

import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(
    candidates: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, list[float]]:
    """Seconds of each candidate in each round, taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for call in candidates.values():
        call()
    for _ in range(rounds):
        for name, call in candidates.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def report(seconds: Mapping[str, list[float]], baseline: str) -> None:
    """Median and best of each, and the median of same-round ratios to the baseline."""
    for name, times in seconds.items():
        ratios = [t / b for t, b in zip(times, seconds[baseline], strict=True)]
        print(
            f"{name:32s} median {1000 * statistics.median(times):9.2f} ms   "
            f"best {1000 * min(times):9.2f} ms   × {statistics.median(ratios):.2f}"
        )
