"""Make the demo again: python data/demo/make_demo.py --data ../shared/data

Reads the openly licensed photos and the engagement statistics in the data
folder and writes everything in data/demo that is not written by hand. The same
seed gives the same bytes. README.md says what is real and what is made up.
"""

import argparse
import json
import random
import shutil
from pathlib import Path
from typing import Any

import demo_plan as plan
from demo_drafts import Draft, draft_posts, slight_effects
from demo_fit import fit
from demo_photos import Photo, catalogue, copy_sample, cut, write_attribution
from demo_posts import CAPTIONLESS, pages, simulate
from demo_texts import write_captions

SEED = 20261101
FETCHED_AT = "2026-11-01T00:00:00+00:00"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of demo_photos and more")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    make(given.data, given.out, given.seed)


def make(data: Path, out: Path, seed: int) -> None:
    """Write the whole demo to a folder."""
    rng = random.Random(seed)
    photos, figures = catalogue(data), fit(data)
    drafts = draft_posts(photos, rng)
    effects = slight_effects(rng)
    simulate(drafts, figures, effects, rng)
    write_captions(drafts, CAPTIONLESS, rng)
    drafts.sort(key=lambda d: (d.taken_at, d.account.handle))
    found = pages(drafts, rng)
    for folder in ("photos", "samples"):
        shutil.rmtree(out / folder, ignore_errors=True)
        (out / folder).mkdir(parents=True)
    posts = [_post(number, draft, out) for number, draft in enumerate(drafts, 1)]
    for photo in photos:
        if photo.sample:
            copy_sample(photo, out / "samples" / f"{photo.sample}.jpg")
    made = [(d.photo.stem, p["photo"]) for d, p in zip(drafts, posts, strict=True) if d.photo]
    write_attribution(out / "ATTRIBUTION.csv", photos, made)
    _write_json(out / "accounts.json", _accounts(drafts))
    _write_json(out / "hashtags.json", {t: [posts[i]["pk"] for i in at] for t, at in found.items()})
    _write_json(out / "effects.json", _effects(figures, effects, posts, drafts, seed))
    lines = [json.dumps(post, ensure_ascii=False) for post in posts]
    (out / "posts.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def _post(number: int, draft: Draft, out: Path) -> dict[str, Any]:
    if draft.photo is None:
        raise ValueError(f"post {number} of {draft.account.handle} has no photo")
    file = _photo_file(draft.photo, draft.window)
    return {
        "pk": f"demo{number:04d}",
        "shortcode": f"Demo{number:04d}",
        "handle": draft.account.handle,
        "taken_at": draft.taken_at.isoformat(),
        "kind": "carousel" if draft.carousel else "image",
        "caption": draft.caption,
        "likes": None if draft.hidden else draft.engagement - draft.comments,
        "comments": draft.comments,
        "pinned": draft.pinned,
        "photo": file,
        "sha256": cut(draft.photo, draft.window, out / file),
    }


def _photo_file(photo: Photo, window: int) -> str:
    return f"photos/{photo.stem}-{window + 1}.jpg"


def _accounts(drafts: list[Draft]) -> dict[str, Any]:
    rows = [
        {
            "handle": account.handle,
            "name": account.name,
            "followers": account.followers,
            "posts_count": None if account.private else sum(d.account is account for d in drafts),
            "private": account.private,
        }
        for account in plan.ACCOUNTS
    ]
    return {"fetched_at": FETCHED_AT, "accounts": rows}


def _effects(
    figures: dict[str, Any],
    effects: dict[str, float],
    posts: list[dict[str, Any]],
    drafts: list[Draft],
    seed: int,
) -> dict[str, Any]:
    conditional = {
        tag: {"themes": list(themes), "on_theme": plan.ON_THEME, "off_theme": plan.OFF_THEME}
        for tag, themes in plan.CONDITIONAL.items()
    }
    return {
        "seed": seed,
        "unit": "difference of log engagement",
        "measured_2017": figures,
        "planted": effects,
        "planted_by_theme": conditional,
        "themes": {post["pk"]: draft.theme for post, draft in zip(posts, drafts, strict=True)},
    }


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
