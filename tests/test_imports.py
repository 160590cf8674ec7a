import subprocess
import sys

import pytest

HEAVY = ("torch", "torchvision", "streamlit", "selenium", "sqlalchemy", "pandas", "sklearn")
HEAVY += ("scipy", "altair", "typer", "requests")


def loaded_by(module: str) -> set[str]:
    """Top-level packages in a fresh interpreter after one import."""
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-W", "error", "-c", code]
    return set(subprocess.check_output(command, text=True).split())


@pytest.mark.parametrize("module", ["socialsense", "socialsense.types", "socialsense.parts"])
def test_words_alone_load_no_library(module: str) -> None:
    assert not loaded_by(module) & {*HEAVY, "numpy", "PIL", "pydantic"}


@pytest.mark.parametrize("module", ["socialsense.settings", "socialsense.images"])
def test_the_ground_stays_light(module: str) -> None:
    assert not loaded_by(module) & set(HEAVY)
