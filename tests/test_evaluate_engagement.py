"""The engagement model fitted and judged: on made-up accounts whose truth is known."""

import json
from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from socialsense.cards import write_model
from socialsense.engagement import TIER_NAMES, load_engagement, tensors_of
from socialsense.errors import InputError
from socialsense.evaluate.backtest import days, trials
from socialsense.evaluate.engagement import evaluate_engagement
from socialsense.histories import History, PastPost, read_histories
from socialsense.settings import Settings
from socialsense.train.engagement import (
    FREE_PAGES,
    capped_lifts,
    fit_curve,
    fit_engagement,
    fit_slope,
    fit_tails,
    hashtag_effects,
)
from socialsense.train.photo_slope import slope_of
from socialsense.train.publish_engagement import publish_engagement, retrain_engagement
from socialsense.usual import Curve

CURVE = Curve(log(0.02), (-0.5, -0.3, 0.0))
TAGS = [f"tag{n}" for n in range(12)]


def made_up(accounts=120, posts=9, effect=0.0, spread=0.4, seed=0):
    """Accounts of all sizes; half of the posts carry #tag0, which multiplies by exp(effect)."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(accounts):
        followers = int(exp(rng.uniform(log(2_000), log(3_000_000))))
        level = CURVE(followers) + rng.normal(0, 0.3)
        own = []
        for day in range(posts):
            tags = {"tag0"} if rng.random() < 0.5 else {str(rng.choice(TAGS[1:]))}
            y = level + effect * ("tag0" in tags) + rng.normal(0, spread)
            own.append(PastPost(float(day), round(exp(y) * followers), frozenset(tags)))
        found.append(History(f"account {number}", followers, tuple(own)))
    return found


@pytest.fixture(scope="module")
def histories():
    return made_up()


@pytest.fixture(scope="module")
def model(histories):
    return fit_engagement(histories)


def test_trials_know_only_what_came_before(histories):
    changed = [replace(h, posts=(*h.posts[:-1], PastPost(99.0, 0, frozenset()))) for h in histories]
    before = [t for t in trials(histories, CURVE) if t.day < 8]
    after = [t for t in trials(changed, CURVE) if t.day < 8]
    assert before == after
    assert all(len(trial.past) == trial.day for trial in before)


def test_pages_hold_other_accounts_posts_of_earlier_days(histories):
    found = trials(histories, CURVE)
    for pages, today in days(found, FREE_PAGES, capped_lifts(found)):
        day = found[today[0]].day
        if pages is None:
            assert day <= 2  # nothing is on a page before its account has a history
            continue
        assert all(found[i].day < day for posts in pages.posts.values() for i in posts)
        trial = found[today[0]]
        own = [replace(t, y=t.y + 5) if t.account == trial.account else t for t in found]
        tags = sorted(trial.hashtags)
        score, spread = pages.score(tags, trial)
        assert np.isfinite(score).all()
        assert (spread > 0).all()
        # Whatever its own account did is not on the page it is judged by.
        lifts = np.array([t.lift for t in own])
        same, _ = replace(pages, trials=own, lifts=np.where(lifts > 3, 9.0, pages.lifts)).score(
            tags, trial
        )
        np.testing.assert_allclose(score, same)


def test_a_page_shows_the_most_engaging_posts_alone(histories):
    found = trials(histories, CURVE)
    *_, (pages, _) = days(found, FREE_PAGES, capped_lifts(found), 5)
    assert pages is not None
    posts = pages.posts["tag0"]
    assert len(posts) == 5
    lowest = min(found[i].y + log(found[i].followers) for i in posts)
    others = [t for t in found if t.day < 8 and len(t.past) >= 2 and "tag0" in t.hashtags]
    assert sum(t.y + log(t.followers) > lowest for t in others) == 4


def test_the_curve_is_found_again():
    histories = made_up(accounts=1500, posts=3)
    curve = fit_curve(histories, [])
    for followers in (3_000, 30_000, 300_000, 2_000_000):
        assert curve(followers) == pytest.approx(CURVE(followers), abs=0.15)
    with_singles = fit_curve(histories, [(500, 50)] * 400)
    assert with_singles(500) == pytest.approx(log(0.1), abs=0.1)


def test_a_true_effect_of_a_hashtag_gives_a_slope_and_none_gives_hardly_any():
    strong, none = made_up(effect=0.4), made_up(effect=0.0)
    slopes = []
    for histories in (strong, none):
        found = trials(histories, CURVE)
        slopes.append(fit_slope(found, hashtag_effects(found)))
    assert slopes[0][0] > 0.5
    assert slopes[0][0] > 2 * slopes[0][1]
    assert slopes[1][0] < 2 * slopes[1][1] + 0.2
    assert fit_slope(found, np.full(len(found), np.nan)) == (0.0, 0.5)


def test_tails_leave_a_tenth_on_either_side(histories, model):
    fitted = [h for h in histories if h.half == "fit"]
    found = trials(fitted, model.curve)
    zero = np.zeros(len(found))
    scaled = np.array([trial.lift / trial.level.sd for trial in found])
    low, high = fit_tails(found, zero)[2]
    assert len(fit_tails(found, zero)) == len(TIER_NAMES)
    assert np.mean(scaled < low) == pytest.approx(0.1, abs=0.03)
    assert np.mean(scaled > high) == pytest.approx(0.1, abs=0.03)


def test_ranges_hold_on_accounts_kept_apart(histories, model):
    report = evaluate_engagement(histories, model)
    judges = {h.account for h in histories if h.half == "judge"}
    assert report.accounts == len(judges)
    coverage = report.ranges["all"].coverage
    assert coverage.low < 0.8 < coverage.high
    assert report.forecasts["calibrated"].bias.low < 0 < report.forecasts["calibrated"].bias.high
    assert sum(report.ranges[name].posts for name in TIER_NAMES if name in report.ranges) == (
        report.posts
    )


def test_the_forecast_beats_what_is_simpler(histories, model):
    found = evaluate_engagement(histories, model).forecasts
    assert found["calibrated"].error.value < found["account median"].error.value
    assert found["account median"].error.value < found["tier mean"].error.value
    assert found["calibrated"].spearman.value > 0.8


def test_what_hashtags_add_is_seen_where_they_do_something_and_not_by_chance():
    strong = made_up(accounts=200, effect=0.5)
    term = evaluate_engagement(strong, fit_engagement(strong)).hashtags
    assert term is not None
    assert term.gain.low > 0.01
    assert term.placebo[0] < term.gain.value / 3
    none = made_up(accounts=200)
    nothing = evaluate_engagement(none, fit_engagement(none)).hashtags
    assert nothing is not None
    assert nothing.gain.low < 0.01


def test_the_formula_of_2020_is_judged_beside_it(histories, model):
    found = evaluate_engagement(histories, model).forecasts
    assert found["formula of 2020"].error.value > found["calibrated"].error.value


def test_everyone_judges_where_nothing_was_learned_from_them(histories, model):
    report = evaluate_engagement(histories, model, everyone=True)
    assert report.accounts == len(histories)
    assert not report.pictures


def test_too_few_accounts_say_so(model):
    with pytest.raises(InputError, match="too few to learn from"):
        fit_engagement(made_up(accounts=10))
    with pytest.raises(InputError, match="accounts have more than"):
        evaluate_engagement(made_up(accounts=3), model)


def as_folder(folder, histories):
    rows = [
        {
            "account": h.account,
            "date": f"2017-04-{1 + int(post.when):02d}T05:00:00Z",
            "likes": post.engagement,
            "comments": 0,
            "followers": h.followers,
            "hashtags": sorted(post.hashtags),
        }
        for h in histories
        for post in h.posts
    ]
    root = folder / "accounts_2017"
    root.mkdir()
    (root / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def silent(*_):
    """Nobody is watching."""


def test_a_trained_model_is_written_with_its_card_and_loads_again(tmp_path, histories):
    as_folder(tmp_path, histories)
    settings = Settings(data_dir=tmp_path, models_dir=tmp_path / "models")
    card = publish_engagement(tmp_path, read_histories(tmp_path), settings, silent)
    loaded = load_engagement(settings.models_dir)
    assert loaded.model_id == card.weights_sha256
    assert card.metrics["ranges"]["all"]["coverage"]["value"] > 0.7
    assert loaded.photo == 0
    fitted = fit_engagement(read_histories(tmp_path))
    for name, tensor in tensors_of(loaded).items():
        np.testing.assert_array_equal(tensor, tensors_of(fitted)[name])


def test_a_model_learned_from_the_store_must_do_better_to_be_kept(tmp_path, histories):
    as_folder(tmp_path, histories)
    settings = Settings(data_dir=tmp_path, models_dir=tmp_path / "models")
    card = publish_engagement(tmp_path, read_histories(tmp_path), settings, silent)
    good = load_engagement(settings.models_dir)
    same = retrain_engagement(histories, settings, silent)
    assert not same.kept
    assert load_engagement(settings.models_dir) == good
    bad = replace(good, curve=Curve(5.0, (0.0, 0.0, 0.0)))
    write_model(settings.models_dir, card, tensors_of(bad))
    better = retrain_engagement(histories, settings, silent)
    assert better.kept
    assert load_engagement(settings.models_dir).curve != bad.curve
    assert "collected here" in better.card.trained_on


def photos_with_likes(slope, accounts=12, posts=20):
    """Scores, log likes with a planted slope, times a day apart, accounts of different size."""
    rng = np.random.default_rng(3)
    n = accounts * posts
    names = [f"account {i // posts}" for i in range(n)]
    size = np.repeat(rng.normal(12, 2, accounts), posts)
    scores = rng.normal(0, 0.6, n)
    y = size + slope * scores + rng.normal(0, 0.3, n)
    return scores, y, np.tile(np.arange(posts) * 86400.0, accounts), names


def test_what_a_photos_score_says_of_likes_is_found_and_its_low_end_kept():
    found = slope_of(*photos_with_likes(0.5))
    assert found.low < 0.5 < found.slope + 0.15
    assert found.saved.low > 0.1
    none = slope_of(*photos_with_likes(0.0))
    assert none.low < 0 < none.slope + 0.1
    assert none.saved.value < 0.02


def test_posts_still_gathering_likes_say_nothing_of_photos():
    scores, y, taken, names = photos_with_likes(0.5)
    young = taken > 17 * 86400.0
    assert slope_of(scores, np.where(young, 0.0, y), taken, names) == slope_of(
        scores, y, taken, names
    )
