"""Settings, from the environment (SOCIALSENSE_…) and a `.env` file beside the project.

Secrets are SecretStr: they never appear in a repr, a log or an error.
"""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from socialsense.types import Denominator

ROOT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """What a person can choose. Every default works without any setting."""

    model_config = SettingsConfigDict(
        env_prefix="SOCIALSENSE_", env_file=ROOT / ".env", extra="ignore", frozen=True
    )

    data_dir: Path = ROOT / "data"
    """Collected pictures and, by default, the database."""
    models_dir: Path = ROOT / "models"
    database_url: SecretStr = SecretStr("")
    """A SQLAlchemy URL; it may carry a password. Default: SQLite in `data_dir`."""

    embedder: str = "siamese"
    popularity: str = "color"

    denominator: Denominator = "weight"
    """Of the weighted average of lifts: the sum of weights, or the number of posts (2020)."""
    top_posts: int = Field(9, ge=1, le=1000)
    """Top posts read for each hashtag."""
    history_posts: int = Field(10, ge=1, le=1000)
    """Latest posts of an account that make its usual engagement rate."""
    candidates: int = Field(30, ge=1, le=1000)
    """Hashtags scored for a photo."""
    max_hashtags: int | None = Field(None, ge=1, le=100)
    """Overrides the platform's own limit (see `platforms`)."""
    max_photos: int = Field(20, ge=1, le=200)
    """Candidate photos at a time."""

    @model_validator(mode="after")
    def _absolute(self) -> Self:
        for name in ("data_dir", "models_dir"):
            object.__setattr__(self, name, getattr(self, name).expanduser().resolve())
        return self

    @property
    def store_url(self) -> str:
        """The database's URL with its secret; for the store alone."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir}/socialsense.db"

    @property
    def images_dir(self) -> Path:
        """Folder of collected picture files, named by SHA-256."""
        return self.data_dir / "images"
