"""README is run, not believed: its commands, its Python, its tree, its links."""

import os
import re
import subprocess
import sys

import pytest

from socialsense import parts
from socialsense.cli import app
from socialsense.collect.consent import accept_risk
from socialsense.settings import ROOT, Settings
from socialsense.store import Store
from tests.browser_fixtures import MARKS
from tests.browser_login import logged_in
from tests.examples import a_profile
from tests.replica.server import Replica
from tests.replica.serving import served
from tests.replica.world import World

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
TREE = README.split("## The house")[1].split("```")[1]
COMMANDS = [line for line in SHELL.splitlines() if line.startswith("python -m socialsense")]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    return {**os.environ, "SOCIALSENSE_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def collecting(environment):
    """The same before a made-up Instagram, with somebody logged in who has accepted the risk."""
    with served(Replica(World(accounts=20, hashtags=10, posts=300))) as url:
        settings = Settings(
            data_dir=environment["SOCIALSENSE_DATA_DIR"], instagram_url=url, request_seconds=0
        )
        logged_in(settings)
        with Store.open(settings.store_url, settings.images_dir) as store:
            accept_risk(store, settings.site)
        yield {
            **environment,
            "SOCIALSENSE_INSTAGRAM_URL": url,
            "SOCIALSENSE_REQUEST_SECONDS": "0",
            "SOCIALSENSE_CANDIDATES": "3",
        }


COLLECTING = [c for c in COMMANDS if " collect " in c and "login" not in c]


@pytest.mark.parametrize("command", [pytest.param(c, marks=MARKS) for c in COLLECTING])
def test_collecting_runs(command, collecting, tmp_path):
    shell = command.replace("python", sys.executable, 1).replace("DIR", str(tmp_path))
    shell = shell.replace("12000", "20")
    subprocess.run(shell, shell=True, cwd=ROOT, env=collecting, check=True, timeout=120)


NEEDS = ("DIR", " train ", " collect ", " forget nora")


@pytest.mark.parametrize("command", [c for c in COMMANDS if not any(n in c for n in NEEDS)])
def test_commands_run(command, environment):
    shell = command.replace("python", sys.executable, 1)
    subprocess.run(shell, shell=True, cwd=ROOT, env=environment, check=True, timeout=120)


@pytest.mark.parametrize("command", [c for c in COMMANDS if " forget nora" in c])
def test_forgetting_runs(command, environment):
    settings = Settings(data_dir=environment["SOCIALSENSE_DATA_DIR"])
    with Store.open(settings.store_url, settings.images_dir) as store:
        store.put_profile(a_profile("nora.paints"))
        shell = command.replace("python", sys.executable, 1)
        subprocess.run(
            shell, shell=True, cwd=ROOT, env=environment, check=True, timeout=120, input=b"y\n"
        )
        assert store.profile("nora.paints") is None


@pytest.mark.parametrize("block", PYTHON)
def test_python_runs(block, environment):
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:socialsense", "-c", block],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"\.jpg #\S+ .*\d+$", done.stdout.strip())


def test_every_cli_command_stands_in_readme():
    from typer.main import get_command

    def paths(command, prefix):
        children = getattr(command, "commands", None)
        if children is None:
            return [prefix]
        return [p for name, child in children.items() for p in paths(child, f"{prefix} {name}")]

    for path in paths(get_command(app), "python -m socialsense"):
        assert path in README


def test_every_setting_stands_in_readme():
    for name in Settings.model_fields:
        assert f"SOCIALSENSE_{name.upper()}" in README


def test_every_part_and_module_stands_in_the_tree():
    words = set(re.findall(r"[\w.]+", TREE))
    for kind in parts.KINDS:
        assert set(parts.names(kind)) <= words
    modules = {path.stem for path in (ROOT / "socialsense").glob("[!_]*.py")}
    packages = {path.parent.name for path in (ROOT / "socialsense").glob("*/__init__.py")}
    assert modules <= words
    assert packages <= words
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} <= words


def test_everything_in_the_tree_exists():
    for line in TREE.strip().splitlines():
        path = line.split("  ")[0].strip()
        if path and "<" not in path and not line.startswith(" "):
            assert (ROOT / path).exists(), path


def test_linked_and_named_files_exist():
    named = re.findall(r"\]\(([^)h][^)]*)\)", README)
    named += re.findall(r"`((?:socialsense|data|models|benchmarks|docs)/[\w./]+)`", README)
    assert named
    for path in named:
        assert (ROOT / path).exists(), path


def test_make_targets_named_in_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", SHELL, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
