"""Finding parts: a part is one module or package with `load(settings)`, its name its file's.

`names` lists a folder without importing it, `load` imports only the chosen file,
so a new source, embedder or popularity model is found by lying there.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from socialsense.errors import UnknownPart

if TYPE_CHECKING:
    from socialsense.settings import Settings
    from socialsense.types import Embedder, PopularityModel, Source

Kind = Literal["sources", "embedders", "popularity"]
KINDS: tuple[Kind, ...] = ("sources", "embedders", "popularity")

_PACKAGE = Path(__file__).parent


def names(kind: Kind) -> tuple[str, ...]:
    """The parts of a kind, by name, in alphabetical order."""
    folder = _PACKAGE / kind
    packages = (path.parent for path in folder.glob("[!_]*/__init__.py"))
    return tuple(sorted(path.stem for path in (*folder.glob("[!_]*.py"), *packages)))


@overload
def load(kind: Literal["sources"], name: str, settings: "Settings | None" = None) -> "Source": ...
@overload
def load(
    kind: Literal["embedders"], name: str, settings: "Settings | None" = None
) -> "Embedder": ...
@overload
def load(
    kind: Literal["popularity"], name: str, settings: "Settings | None" = None
) -> "PopularityModel": ...
def load(
    kind: Kind, name: str, settings: "Settings | None" = None
) -> "Source | Embedder | PopularityModel":
    """Import one part and load it. Raises UnknownPart, or what the part raises."""
    if name not in names(kind):
        raise UnknownPart(
            f"There is no {kind} part named '{name}'.",
            means="The name is misspelt, or its file is not in socialsense/" + kind + ".",
            do="Choose one of: " + ", ".join(names(kind)) + ".",
        )
    if settings is None:
        from socialsense.settings import Settings

        settings = Settings()
    part: Source | Embedder | PopularityModel = import_module(f"socialsense.{kind}.{name}").load(
        settings
    )
    return part
