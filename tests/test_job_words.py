"""What is said of a job: its title, what it is at, how long it takes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from socialsense.collect import ForDataset, ForHandle, ForHashtags
from socialsense.collect.estimate import estimate
from socialsense.types import Job
from socialsense.ui.job_words import STATES, progress, status, title
from tests.examples import NOON

DAY = 86_400


def job(plan=ForHandle("mill"), state="running", done=10, total=40, **changes):  # noqa: B008
    made = Job(plan.key, state, done, total, None, NOON, NOON, request=plan.request)
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (ForHandle("mill"), "Account @mill"),
        (ForHashtags(("sea",)), "Hashtag #sea"),
        (ForHashtags(("sea", "नमस्ते")), "Hashtags #sea #नमस्ते"),
        (ForHashtags(tuple("abcdefg")), "Hashtags #a #b #c #d #e and 2 more"),
        (ForDataset(12_000), "Dataset of 12,000 pictures"),
    ],
)
def test_a_job_is_named_by_what_it_collects(plan, said):
    assert title(job(plan)) == said


@pytest.mark.parametrize("request_", [None, "{", '{"use": "magic"}'])
def test_a_request_of_another_version_leaves_the_key(request_):
    assert title(job(request=request_)) == "handle:mill"


def test_progress_counts_what_is_collected():
    assert progress(job(done=1200, total=1300)) == "1,200 of 1,300 accounts and hashtags"
    assert progress(job(ForDataset(12_000), total=12_000)) == "10 of 12,000 pictures"
    assert progress(job(total=0)) == progress(job(total=None)) == ""


def test_the_time_left_follows_from_what_was_done():
    later = NOON + timedelta(minutes=10)  # 10 of 40: a minute each
    left = "about 30 minutes left for what is known so far"
    assert status(job(doing="#sea"), later) == f"Reading #sea; {left}."
    assert status(job(doing="#sea", done=2), later) == "Reading #sea."
    assert status(job(total=None), later) == "Opening the browser."


def test_other_states_say_what_comes_next():
    assert "as soon as nothing else" in status(job(state="queued"), NOON)
    waits = job(state="waiting", until=NOON + timedelta(hours=3))
    assert "by itself in about 3 hours" in status(waits, NOON)
    assert status(job(), NOON, stopping=True) == "Stops after the page under way."
    assert [status(job(state=state), NOON) for state in ("done", "failed", "cancelled")] == [""] * 3


def test_every_state_has_a_word():
    assert all(STATES[state] for state in STATES)
    assert len(set(STATES.values())) == len(STATES) == 6


def test_an_estimate_within_the_day_is_short():
    plan = ForHandle("mill", hashtags=30, posts=9)  # 3 + 30 · (1 + 9)
    said = estimate(plan, seconds=9, per_day=500, asked=100)
    assert said == "At most 303 pages, one every 9 seconds: about 45 minutes."


def test_an_estimate_beyond_the_days_share_says_so():
    plan = ForHashtags(tuple(f"t{number}" for number in range(120)), posts=9)  # 120 · 10
    said = estimate(plan, seconds=9, per_day=500, asked=0)
    assert said == (
        "At most 1,200 pages, one every 9 seconds: about 2 days. It asks for 500 in 24 hours; "
        "then it waits and goes on by itself."
    )
    assert "of which 20 are left" in estimate(plan, seconds=9, per_day=500, asked=480)
    assert "of which 0 are left" in estimate(plan, seconds=9, per_day=500, asked=501)
