"""What every test needs: its own folder, its own settings, a few pictures made on the spot."""

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

# One thread each: tests run side by side, and sums must not depend on how many cores there are.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pytest
from hypothesis import settings as hypothesis_settings
from PIL import Image as PILImage

from socialsense.settings import Settings

ON_CI = bool(os.environ.get("CI"))
NEVER_SKIPPED_ON_CI = ("browser", "postgres")

hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis_settings.load_profile("ci" if ON_CI else "here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """On CI a skipped browser or database test is a failure: nobody would miss it there."""
    report = yield
    marked = any(item.get_closest_marker(name) for name in NEVER_SKIPPED_ON_CI)
    if os.environ.get("CI") and marked and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped on CI. {reason}"
    return report


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the person at this machine has set must not reach the tests."""
    for name in [name for name in os.environ if name.upper().startswith("SOCIALSENSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose data lies in a folder of the test's own."""
    return Settings(data_dir=tmp_path / "data")


Color = str | tuple[int, ...]


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Makes a picture file of one colour: picture("red"), picture("blue", (64, 48), "PNG")."""

    def make(
        color: Color = "red",
        size: tuple[int, int] = (32, 24),
        format: str = "JPEG",  # noqa: A002
        mode: str = "RGB",
        **options: object,
    ) -> bytes:
        return encoded(PILImage.new(mode, size, color), format, **options)

    return make


def encoded(image: PILImage.Image, format: str, **options: object) -> bytes:  # noqa: A002
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()
