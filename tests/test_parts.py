import subprocess
import sys
from pathlib import Path

import pytest

import socialsense
from socialsense import parts
from socialsense.errors import UnknownPart
from socialsense.settings import Settings

PACKAGE = Path(socialsense.__file__).parent


@pytest.mark.parametrize("kind", parts.KINDS)
def test_the_names_are_those_of_the_files(kind: parts.Kind) -> None:
    found = parts.names(kind)
    assert list(found) == sorted(found)
    for name in found:
        folder = PACKAGE / kind
        assert (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()
        assert not name.startswith("_")


def test_a_new_file_is_a_new_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "embedders"
    folder.mkdir()
    for name in ("zebra.py", "alpha.py", "__init__.py", "_shared.py", "notes.txt"):
        (folder / name).touch()
    monkeypatch.setattr(parts, "_PACKAGE", tmp_path)
    assert parts.names("embedders") == ("alpha", "zebra")


@pytest.mark.parametrize("name", ["colour", "", "__init__", "../settings", "color.py"])
def test_an_unknown_name_lists_the_choices(name: str, settings: Settings) -> None:
    with pytest.raises(UnknownPart) as caught:
        parts.load("embedders", name, settings)
    assert f"'{name}'" in caught.value.what
    assert "color" in caught.value.do
    assert "siamese" in caught.value.do


def test_a_part_is_what_its_file_loads(settings: Settings) -> None:
    assert parts.load("embedders", "color", settings).embed([]).shape[0] == 0
    assert parts.load("embedders", "color").model_id.startswith("color/")


def test_listing_imports_nothing_and_loading_one_alone() -> None:
    """In a process of its own, as other tests may have imported anything."""
    code = """if True:
        import sys
        from socialsense import parts
        def loaded(kind):
            return {n for n in parts.names(kind) if f"socialsense.{kind}.{n}" in sys.modules}
        listed = {kind: parts.names(kind) for kind in parts.KINDS}
        assert not any(loaded(kind) for kind in parts.KINDS), "listing imports"
        assert "numpy" not in sys.modules
        parts.load("embedders", "color")
        assert loaded("embedders") == {"color"}, loaded("embedders")
        assert not loaded("sources") | loaded("popularity")
        assert "torch" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True)
