"""What was known of hashtags before a day: the posts so far, and who used what."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from socialsense.caution import load_caution

COMMON = 0.05
"""Hashtags under more of the posts so far say nothing of a post."""


class Past:
    """Posts so far, by hashtag."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, frozenset[str]]] = []
        self.by_tag: dict[str, list[int]] = defaultdict(list)
        caution = load_caution()
        self._avoided = caution.generic | caution.banned
        self._accounts: dict[str, set[str]] = defaultdict(set)
        self._popular: Sequence[str] = ()

    def add(self, account: str, hashtags: Iterable[str]) -> None:
        """One more post."""
        tags = frozenset(hashtags)
        for tag in sorted(tags):
            self.by_tag[tag].append(len(self.posts))
            self._accounts[tag].add(account)
        self.posts.append((account, tags))

    def rank(self, rng: np.random.Generator) -> None:
        """Put the hashtags so far in order of popularity; equals in a random one."""
        tags = list(self._accounts)
        counts = np.array([len(self._accounts[tag]) for tag in tags], dtype=np.int64)
        mixed = rng.permutation(len(tags))
        self._popular = [tags[i] for i in mixed[np.argsort(-counts[mixed], kind="stable")]]

    def popular(self, count: int, without: Iterable[str] = ()) -> list[str]:
        """The hashtags that most accounts had used when they were ranked."""
        skipped = set(without)
        wanted = (t for t in self._popular if t not in skipped and not self.left_out(t))
        return list(islice(wanted, count))

    def left_out(self, tag: str) -> bool:
        """Whether it is too common, too generic or banned, so that nothing is judged by it."""
        common = len(self.by_tag.get(tag, ())) > COMMON * len(self.posts)
        return common or tag in self._avoided
