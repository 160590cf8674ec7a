"""Toy data to train the similarity on, and a backbone that needs no download."""

import json
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import torch
from PIL import Image

from socialsense.lite import Lite

THEMES = {"sea": ((30, 60, 200), ["sea", "beach", "wave", "sand"]),
          "food": ((200, 80, 30), ["food", "lunch", "pasta", "tasty"]),
          "wood": ((30, 150, 40), ["wood", "tree", "leaf", "moss"])}  # fmt: skip


def write_toys(folder, photos=120, lists=600):
    """Pictures whose colour says which hashtags they carry, and lists of such hashtags."""
    (folder / "hashtag_photos").mkdir(parents=True)
    (folder / "hashtag_lists").mkdir()
    rng = np.random.default_rng(0)
    posts = []
    for number in range(photos):
        page, (color, tags) = list(THEMES.items())[number % 3]
        noise = rng.normal(color, 30, (16, 16, 3)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noise).save(folder / "hashtag_photos" / f"{number}.png")
        own = [f"{tag}{rng.integers(8)}" for tag in tags]
        posts.append({"file": f"{number}.png", "hashtags": own, "page": page,
                      "tags_complete": True, "group": number})  # fmt: skip
    spoken = []
    for number in range(lists):
        tags = list(THEMES.values())[number % 3][1]
        spoken.append({"hashtags": [f"{tag}{rng.integers(8)}" for tag in tags]})
    for file, rows in (("hashtag_photos/posts.jsonl", posts), ("hashtag_lists/a.jsonl", spoken)):
        (folder / file).write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


@contextmanager
def untrained_backbone():
    """lite0 with random weights in place of a pretrained lite2; hashtags of toys inform."""
    torch.manual_seed(0)
    backbone = Lite("lite0").eval()
    training = "socialsense.train.similarity"
    with (
        patch(f"{training}.VERSION", "lite0"),
        patch(f"{training}.pretrained", lambda version: backbone),
        patch("socialsense.train.fitting.STRENGTH", 100.0),
        patch("socialsense.train.counts.COMMON", 0.2),
        patch("socialsense.evaluate.overlap.COMMON", 0.2),
    ):
        yield backbone
