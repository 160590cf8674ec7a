"""One pass over the posts, no pictures: which hashtags inform, which themes there are.

Memory does not grow with the number of posts: names are counted, and of posts a sample
is kept that depends on their paths alone, so that several processes agree on it.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from socialsense.arrays import Float64
from socialsense.datasets import Sample, TaggedPhoto, TaggedPhotos
from socialsense.evaluate.overlap import COMMON, hashtag_table, weighted_overlap
from socialsense.evaluate.similarity import MIN_TAGS
from socialsense.train.processes import Processes

NAMES = 1_000_000
"""Hashtags counted at a time; beyond, those seen once are forgotten."""
THEMES = 64
PER_THEME = 256
VALIDATION = 2000
PRIOR_PAIRS = 20.0
"""Pairs of the mean rate that every two themes are given, against chance in small numbers."""

FitSplit = Literal["train", "validation"]


@dataclass(slots=True)
class Counts:
    """Of posts that may be fitted to: train and validation, with all their hashtags known."""

    posts: dict[FitSplit, int] = field(default_factory=lambda: {"train": 0, "validation": 0})
    hashtags: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    of_page: dict[str, Sample] = field(default_factory=dict)
    validation: Sample = field(default_factory=lambda: Sample(VALIDATION))

    def add(self, photo: TaggedPhoto) -> None:
        """One more post."""
        split = fit_split(photo)
        if split is None:
            return
        self.posts[split] += 1
        self.hashtags.update(photo.hashtags)
        if len(self.hashtags) > NAMES:
            self.hashtags = Counter({tag: n for tag, n in self.hashtags.items() if n > 1})
        many = len(photo.hashtags) >= MIN_TAGS
        if split == "validation" and many:
            self.validation.add(photo)
        if photo.page is None:
            return
        self.pages[photo.page] += 1
        if many:
            self.of_page.setdefault(photo.page, Sample(PER_THEME)).add(photo)

    def merge(self, other: "Counts") -> None:
        """Take in what another process counted."""
        for split in self.posts:
            self.posts[split] += other.posts[split]
        self.hashtags.update(other.hashtags)
        self.pages.update(other.pages)
        for page, sample in other.of_page.items():
            mine = self.of_page.setdefault(page, Sample(PER_THEME))
            for photo in sample.photos():
                mine.add(photo)
        for photo in other.validation.photos():
            self.validation.add(photo)

    @property
    def total(self) -> int:
        """Posts in both splits."""
        return sum(self.posts.values())

    def informative(self, most: int) -> dict[str, float]:
        """IDF of hashtags that can be shared and are not everywhere, the `most` frequent."""
        able = [(n, tag) for tag, n in self.hashtags.items() if 1 < n <= COMMON * self.total]
        frequent = heapq.nsmallest(most, able, key=lambda item: (-item[0], item[1]))
        return {tag: float(np.log(self.total / (1 + n))) for n, tag in frequent}

    def themes(self) -> tuple[str, ...]:
        """The hashtags under which most posts were found; one nameless theme where none were."""
        frequent = heapq.nsmallest(THEMES, self.pages.items(), key=lambda item: (-item[1], item[0]))
        return tuple(sorted(page for page, _ in frequent)) or ("",)

    def company(self, splits: Iterable[FitSplit]) -> Float64:
        """(T, T): rows whose products tell how readily posts of two themes share a hashtag.

        A product is the logarithm of the rate at which they do, over the lowest such rate.
        """
        themes, within = self.themes(), set(splits)
        photos = [
            photo
            for theme in themes
            if theme in self.of_page
            for photo in self.of_page[theme].photos()
            if fit_split(photo) in within
        ]
        rates = share_rates(photos, themes)
        values, axes = np.linalg.eigh(np.log(rates / rates.min()))
        return np.asarray(axes * np.sqrt(np.maximum(values, 0)), dtype=np.float64)


def fit_split(photo: TaggedPhoto) -> FitSplit | None:
    """The split of a photo one may fit to; None for test photos and incomplete lists."""
    split = photo.split
    return None if split == "test" or not photo.complete or not photo.hashtags else split


def count(photos: TaggedPhotos, processes: Processes) -> Counts:
    """All posts, each counted by one process, the same sum in every one."""
    mine = Counts()
    for number in processes.share(len(photos)):
        for photo in photos.run(number):
            mine.add(photo)
    everything = Counts()
    for part in processes.gathered(mine):
        everything.merge(part)
    return everything


def share_rates(photos: Sequence[TaggedPhoto], themes: Sequence[str]) -> Float64:
    """(T, T): how often two posts of two themes share an informative hashtag; never 0."""
    used, idf = hashtag_table([photo.hashtags for photo in photos])
    groups = np.array([photo.group for photo in photos])
    apart = groups[:, None] != groups if len(photos) else np.zeros((0, 0), dtype=bool)
    shared = (weighted_overlap(used, idf) > 0) & apart
    member = np.array([[photo.page == theme for theme in themes] for photo in photos], dtype=float)
    member = member.reshape(len(photos), len(themes))
    pairs, sharing = member.T @ apart @ member, member.T @ shared @ member
    mean = max(float(shared.sum() / max(apart.sum(), 1)), 1e-3)
    return np.asarray((sharing + PRIOR_PAIRS * mean) / (pairs + PRIOR_PAIRS), dtype=np.float64)
