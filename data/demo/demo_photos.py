"""Photos: which are used, how they are cut, and who is thanked for them.

`catalogue.csv` is written by hand: the theme of each photo, what is seen on it, where to look.
`credits.csv` has the credits of the photos from one package, after the lists inside it.
"""

import csv
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
SIDE, QUALITY, SAMPLE_QUALITY = 480, 80, 85
PACKAGE = "Debian package gcompris-qt-data 3.1-2"
# (width / height or None for the photo's own, share of the largest such window, shift in x)
WINDOWS: tuple[tuple[float | None, float, float], ...] = (
    (None, 1.0, 0.0),
    (1.0, 0.97, 0.0),
    (5 / 4, 0.94, -0.15),
    (1.0, 0.92, 0.15),
)
LARGE_WINDOWS: tuple[tuple[float | None, float, float], ...] = (
    (None, 1.0, 0.0),
    (4 / 5, 0.96, 0.0),
    (1.0, 0.8, -0.1),
    (5 / 4, 0.68, 0.08),
)


@dataclass(frozen=True)
class Photo:
    """One original: where it lies, what is on it, whom to credit."""

    path: Path
    theme: str
    sample: str
    subject: str
    alt: str
    focus: tuple[float, float]
    credits: dict[str, str]

    @property
    def stem(self) -> str:
        """The original's file name without its ending."""
        return self.path.stem


def catalogue(data: Path) -> list[Photo]:
    """The chosen photos, with the credits recorded beside the originals or in `credits.csv`."""
    folder = data / "demo_photos"
    recorded = {Path(row["file"]).name: row for row in _rows(folder / "ATTRIBUTION.csv")}
    packaged = {row.pop("file"): row for row in _rows(HERE / "credits.csv")}
    return [
        _photo(folder, row, _credits(recorded[row["file"]], packaged))
        for row in _rows(HERE / "catalogue.csv")
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _photo(folder: Path, row: dict[str, str], own: dict[str, str]) -> Photo:
    return Photo(
        path=folder / "photos" / row["file"],
        theme=row["theme"],
        sample=row["sample"],
        subject=row["subject"],
        alt=row["alt"],
        focus=(float(row["x"]), float(row["y"])),
        credits=own,
    )


def _credits(recorded: dict[str, str], packaged: dict[str, dict[str, str]]) -> dict[str, str]:
    """The recorded credits; for a photo of the package, those `credits.csv` must have.

    What is recorded for that package credits older pictures, which others have replaced since.
    """
    if recorded["source"].startswith(PACKAGE):
        own = packaged[Path(recorded["file"]).name]
        return {**own, "source": recorded["source"]}
    licence, _, remark = recorded["license"].partition(" (")
    return {
        "title": recorded["title"],
        "licence": "CC0-1.0"
        if licence == "CC0"
        else licence.replace("public domain", "public-domain"),
        "credit": recorded["credit"],
        "source": recorded["source"],
        "url": recorded["url"],
        "note": remark.rstrip(")"),
    }


def cut(photo: Photo, number: int, target: Path) -> str:
    """Write one window of a photo as a small JPEG; its SHA-256."""
    with Image.open(photo.path) as opened:
        image = opened.convert("RGB")
    windows = WINDOWS if max(image.size) < SIDE else LARGE_WINDOWS
    image = image.crop(_box(image.size, photo.focus, *windows[number]))
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    image.save(target, "JPEG", quality=QUALITY, optimize=True)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def copy_sample(photo: Photo, target: Path) -> None:
    """Write a photo at its full size, without metadata."""
    with Image.open(photo.path) as opened:
        opened.convert("RGB").save(target, "JPEG", quality=SAMPLE_QUALITY, optimize=True)


def _box(
    size: tuple[int, int],
    focus: tuple[float, float],
    aspect: float | None,
    share: float,
    shift: float,
) -> tuple[int, int, int, int]:
    """A window of an aspect around the focus, kept inside the picture."""
    width, height = size
    if aspect is None:
        aspect = width / height
    elif width < height and aspect > 1:
        aspect = 1 / aspect
    tall = min(height, width / aspect)
    tall = min(tall, max(tall * share, 200, 200 / aspect))
    wide = tall * aspect
    left = min(max((focus[0] + shift) * width - wide / 2, 0), width - wide)
    top = min(max(focus[1] * height - tall / 2, 0), height - tall)
    return round(left), round(top), round(left + wide), round(top + tall)


def write_attribution(path: Path, photos: list[Photo], posts: list[tuple[str, str]]) -> None:
    """One row for each original used: its credits and the files made from it."""
    made = defaultdict(list)
    for stem, file in posts:
        made[stem].append(file)
    fields = ["original", "theme", "alt", "title", "licence", "credit", "source", "url", "note"]
    with path.open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow([*fields, "files"])
        for photo in sorted(photos, key=lambda p: (p.theme, p.stem)):
            files = [f"samples/{photo.sample}.jpg"] if photo.sample else sorted(made[photo.stem])
            if files:
                own = [photo.credits[name] for name in fields[3:]]
                writer.writerow([photo.path.name, photo.theme, photo.alt, *own, ";".join(files)])
