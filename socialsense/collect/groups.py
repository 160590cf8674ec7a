"""Things that belong together because they share something, by union and find."""

from collections.abc import Hashable, Iterable


class Groups:
    """Numbered in the order in which each was met first. Ask only once all are added."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}
        self._numbers: dict[Hashable, int] = {}
        self._of: dict[Hashable, Hashable] = {}

    def add(self, name: str, shares: Iterable[Hashable]) -> None:
        """A thing, and what it may share with others."""
        first, *others = shares
        self._of[name] = first
        for other in others:
            self._parent[self._root(other)] = self._root(first)

    def __getitem__(self, name: str) -> int:
        """The number of a thing's group."""
        if not self._numbers:
            for key in self._of.values():
                self._numbers.setdefault(self._root(key), len(self._numbers))
        return self._numbers[self._root(self._of[name])]

    def _root(self, key: Hashable) -> Hashable:
        path = []
        while (parent := self._parent.get(key, key)) != key:
            path.append(key)
            key = parent
        for passed in path:
            self._parent[passed] = key
        return key
