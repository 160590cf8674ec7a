"""What every test needs: its own folder, its own settings, a few pictures made on the spot."""

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

# One thread each: tests run side by side, and sums must not depend on how many cores there are.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pytest
from hypothesis import settings as hypothesis_settings
from PIL import Image as PILImage
from sqlalchemy import create_engine

from socialsense.settings import Settings
from socialsense.store import Store
from tests.worlds import World

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

NUMBERS = count(1)
SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
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


@pytest.fixture(scope="session")
def intrinsic_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint like the one the intrinsic model's authors publish, with random weights."""
    import torch

    from benchmarks.popularity import photos, settled

    path = tmp_path_factory.mktemp("intrinsic") / "model-resnet50.pth"
    torch.save(settled(photos(4)).state_dict(), path)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of this test process's own, on a socket in its own folder."""
    if not SERVERS:
        pytest.skip("no PostgreSQL server in /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # root is refused
    if user:
        shutil.chown(folder, "postgres")

    def run(*command: str) -> None:
        subprocess.run(
            [*user, str(SERVERS[-1] / command[0]), "-D", str(folder / "data"), *command[1:]],
            check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    try:
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=Asia/Tokyo"
        run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
        yield f"postgresql://postgres@/postgres?host={folder}"
        run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Each call gives the URL of an empty database."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/new/{next(NUMBERS)}.db"
    server = request.getfixturevalue("postgres")

    def make() -> str:
        schema = f"s{next(NUMBERS)}"
        engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        engine.dispose()
        return f"{server}&options=-csearch_path%3D{schema}"

    return make


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "new_url" in metafunc.fixturenames:
        both = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
        metafunc.parametrize("new_url", both, indirect=True)


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store.open(url, tmp_path / "images") as opened:
        yield opened


@pytest.fixture
def small_store(tmp_path: Path) -> Iterator[Store]:
    """On SQLite alone, for what stands above the store."""
    with Store.open(f"sqlite:///{tmp_path}/small.db", tmp_path / "images") as opened:
        yield opened


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Store.open(f"sqlite:///{tmp_path}/test.db", tmp_path / "images") as opened:
        yield World(opened)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all pages: the demo is filled once."""
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture
def dashboard(
    demo_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., "AppTest"]]:
    """Opens the dashboard on the demo: dashboard(MODE="faithful") under that setting."""
    import streamlit as st

    from tests import visits

    def opened(**settings: object) -> "AppTest":
        for name, value in {"DATA_DIR": demo_folder, **settings}.items():
            monkeypatch.setenv(f"SOCIALSENSE_{name}", str(value))
        st.cache_resource.clear()
        return visits.opened()

    yield opened
    st.cache_resource.clear()


@pytest.fixture
def app(dashboard: Callable[..., "AppTest"]) -> "AppTest":
    return dashboard()
