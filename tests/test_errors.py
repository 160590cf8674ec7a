import inspect

import pytest

from socialsense import errors
from socialsense.errors import SocialsenseError

EVERY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", EVERY)
def test_one_tree_with_words_at_every_leaf(kind: type[SocialsenseError]) -> None:
    assert issubclass(kind, SocialsenseError)
    error = kind("It broke.", means="Nothing is lost.", do="Try again.")
    assert (error.what, error.means, error.do) == ("It broke.", "Nothing is lost.", "Try again.")
    assert str(error) == "It broke. Nothing is lost. Try again."


@pytest.mark.parametrize("kind", EVERY)
def test_words_are_not_left_out(kind: type[SocialsenseError]) -> None:
    with pytest.raises(TypeError):
        kind("It broke.")


def test_the_tree_is_drawn_as_it_is() -> None:
    """The docstring's drawing, four columns a level, against the classes."""
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        name = next((word for word in line.split() if word in {k.__name__ for k in EVERY}), None)
        if name is None:
            continue
        depth = line.index(name) // 4 - 1
        path[depth:] = [name]
        drawn[name] = path[depth - 1] if depth else "Exception"
    assert drawn == {kind.__name__: kind.__base__.__name__ for kind in EVERY}
