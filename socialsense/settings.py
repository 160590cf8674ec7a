"""Settings, from the environment (SOCIALSENSE_…) and a `.env` file beside the project.

Secrets are SecretStr: they never appear in a repr, a log or an error.
"""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from socialsense.errors import InputError
from socialsense.types import Denominator, Mode

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_POPULARITY = "probe"
"""Also takes over where the model that was chosen cannot be loaded."""
MIN_SECONDS, MAX_PER_DAY = 6, 1_000
"""The fastest that Instagram itself may be asked."""

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

    instagram_url: str = "https://www.instagram.com"
    """The site that is collected from; another one for tests, see `make replica`."""
    browser: str = ""
    """The WebDriver URL of a remote browser or a Selenium Grid; empty: Chromium on this machine."""
    browser_profile: Path | None = None
    """The browser's own folder, which remembers the login. Default: `data_dir`/browser."""
    request_seconds: float = Field(9, ge=0)
    """From one request to the next; at least 6 on Instagram itself."""
    requests_per_day: int = Field(500, ge=1)
    """At most 1,000 on Instagram itself."""

    def __init__(self, **values: Any) -> None:
        """Raises InputError, which names the settings at fault and no secret."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _unusable(error) from None

    @field_validator("data_dir", "models_dir", "intrinsic_weights", "caution", "browser_profile")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        try:
            return path and path.expanduser().resolve()
        except RuntimeError:
            raise ValueError(f"no user's home is known for {path}") from None

    @field_validator("instagram_url", "browser")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("it is no http:// or https:// address")
        return url.rstrip("/")

    @field_validator("request_seconds", "requests_per_day")
    @classmethod
    def _gentle(cls, number: float, info: ValidationInfo) -> float:
        """Any pace does for a site of one's own."""
        if not _is_instagram(info.data.get("instagram_url", "")):
            return number
        if info.field_name == "request_seconds" and number < MIN_SECONDS:
            raise ValueError(f"Instagram is asked at most every {MIN_SECONDS} seconds")
        if info.field_name == "requests_per_day" and number > MAX_PER_DAY:
            raise ValueError(f"Instagram is asked at most {MAX_PER_DAY:,} times a day")
        return number

    @property
    def site(self) -> str:
        """The host that is collected from: whose requests count together."""
        return urlsplit(self.instagram_url).netloc.rpartition("@")[2]

    @property
    def browser_dir(self) -> Path:
        """Folder of the browser that collects."""
        return self.browser_profile or self.data_dir / "browser"

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


def _is_instagram(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "instagram.com" or host.endswith(".instagram.com")


def _unusable(error: ValidationError) -> InputError:
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    named = [f"SOCIALSENSE_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in faults]
    return InputError(
        "A setting cannot be used.",
        means="; ".join(named) + ".",
        do="Correct it in the environment or in the file .env, or leave it out for its default.",
    )
