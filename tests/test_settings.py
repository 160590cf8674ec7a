from pathlib import Path

import pytest
from pydantic import ValidationError

from socialsense.errors import InputError
from socialsense.settings import ROOT, Settings

SECRET = "postgresql://maria:geheim@db.example/socialsense"


def test_every_default_works() -> None:
    settings = Settings()
    assert settings.data_dir == ROOT / "data"
    assert settings.store_url == f"sqlite:///{ROOT}/data/socialsense.db"
    assert settings.images_dir == ROOT / "data" / "images"
    assert (settings.mode, settings.denominator) == ("calibrated", "weight")


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOCIALSENSE_TOP_POSTS", "12")
    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TOP_POSTS", "99")
    monkeypatch.setenv("SOCIALSENSE_MODE", "faithful")
    settings = Settings()
    assert settings.mode == "faithful"
    assert settings.top_posts == 12
    assert settings.store_url == f"sqlite:///{tmp_path}/socialsense.db"


def test_a_file_sets_them_and_the_environment_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env = tmp_path / ".env"
    env.write_text(
        "SOCIALSENSE_TOP_POSTS=12\nSOCIALSENSE_CANDIDATES=40\nSOCIALSENSE_MAX_HASHTAGS=\nOTHER=1\n"
    )
    monkeypatch.setitem(Settings.model_config, "env_file", env)
    monkeypatch.setenv("SOCIALSENSE_CANDIDATES", "50")
    settings = Settings()
    assert (settings.top_posts, settings.candidates, settings.max_hashtags) == (12, 50, None)


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALSENSE_DATA_DIR", "")
    assert Settings().data_dir == ROOT / "data"


def test_folders_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    settings = Settings(data_dir="here", models_dir="~/models", caution="lists/mine.toml")
    assert settings.data_dir == tmp_path / "here"
    assert settings.models_dir == tmp_path / "home" / "models"
    assert settings.caution == tmp_path / "lists" / "mine.toml"


def test_they_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().top_posts = 3


def test_a_secret_is_told_to_nobody_but_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALSENSE_DATABASE_URL", SECRET)
    settings = Settings()
    assert settings.store_url == SECRET
    told = (repr, str, lambda s: s.model_dump_json(), lambda s: str(s.model_dump()))
    for tell in told:
        assert "geheim" not in tell(settings)
        assert "maria" not in tell(settings)


def test_a_secret_is_not_told_by_another_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALSENSE_DATABASE_URL", SECRET)
    with pytest.raises(InputError) as caught:
        Settings(top_posts=0)
    assert "geheim" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TOP_POSTS", "0", "greater than or equal to 1"),
        ("TOP_POSTS", "many", "valid integer"),
        ("MAX_HASHTAGS", "1000", "less than or equal to 100"),
        ("DENOMINATOR", "posts", "'weight' or 'count'"),
        ("MODE", "2020", "'calibrated' or 'faithful'"),
        ("CAUTION", "~nobody-of-that-name/list.toml", "no user's home"),
        ("INTRINSIC_SHA256", "abc", "match pattern"),
        ("INTRINSIC_WEIGHTS", "~nobody-of-that-name/w.pth", "no user's home"),
        ("DATA_DIR", "~nobody-of-that-name/data", "no user's home"),
    ],
)
def test_a_bad_value_is_named_and_explained(
    name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SOCIALSENSE_{name}", value)
    with pytest.raises(InputError, match=rf"SOCIALSENSE_{name}: .*{why}") as caught:
        Settings()
    assert ".env" in caught.value.do
