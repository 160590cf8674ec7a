"""Settings, from the environment (SOCIALSENSE_…) and a `.env` file beside the project.

Secrets are SecretStr: they never appear in a repr, a log or an error.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from socialsense.errors import InputError
from socialsense.types import Denominator, Mode

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_POPULARITY = "probe"
"""Also takes over where the model that was chosen cannot be loaded."""

Sha256 = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern="^[0-9a-fA-F]{64}$")
]
"""In hex; kept in lower case."""


class Settings(BaseSettings):
    """What a person can choose. Every default works without any setting."""

    model_config = SettingsConfigDict(
        env_prefix="SOCIALSENSE_",
        env_file=ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = ROOT / "data"
    """Collected pictures and, by default, the database."""
    models_dir: Path = ROOT / "models"
    database_url: SecretStr = SecretStr("")
    """A SQLAlchemy URL; it may carry a password. Default: SQLite in `data_dir`."""

    embedder: str = "hashtag"
    popularity: str = DEFAULT_POPULARITY
    intrinsic_weights: Path | None = None
    """Checkpoint of the popularity model `intrinsic`, .pth or .safetensors.

    Default: `model-resnet50.pth` or `.safetensors` in `models_dir`/popularity/intrinsic.
    """
    intrinsic_sha256: Sha256 | None = None
    """Where given, a checkpoint with another SHA-256 is not loaded."""

    mode: Mode = "calibrated"
    """Of the formula: measured and with honest ranges, or faithful to that of 2020."""
    denominator: Denominator = "weight"
    """In faithful mode, of the average of lifts: sum of weights, or number of posts (2020)."""
    caution: Path | None = None
    """A TOML file of hashtags to be careful with, in place of the shipped lists."""
    top_posts: int = Field(9, ge=1, le=1000)
    """Top posts read for each hashtag."""
    history_posts: int = Field(10, ge=1, le=1000)
    """In faithful mode, latest posts of an account that make its usual engagement rate."""
    candidates: int = Field(30, ge=1, le=1000)
    """Hashtags scored for a photo."""
    max_hashtags: int | None = Field(None, ge=1, le=100)
    """Overrides the platform's own limit (see `platforms`)."""
    max_photos: int = Field(20, ge=1, le=200)
    """Candidate photos at a time."""

    def __init__(self, **values: Any) -> None:
        """Raises InputError, which names the settings at fault and no secret."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _unusable(error) from None

    @field_validator("data_dir", "models_dir", "intrinsic_weights", "caution")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        try:
            return path and path.expanduser().resolve()
        except RuntimeError:
            raise ValueError(f"no user's home is known for {path}") from None

    @property
    def store_url(self) -> str:
        """The database's URL with its secret; for the store alone."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir}/socialsense.db"

    @property
    def own_models_dir(self) -> Path:
        """Folder of models trained on one account's posts."""
        return self.data_dir / "models"

    @property
    def images_dir(self) -> Path:
        """Folder of collected picture files, named by SHA-256."""
        return self.data_dir / "images"


def _unusable(error: ValidationError) -> InputError:
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    named = [f"SOCIALSENSE_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in faults]
    return InputError(
        "A setting cannot be used.",
        means="; ".join(named) + ".",
        do="Correct it in the environment or in the file .env, or leave it out for its default.",
    )
