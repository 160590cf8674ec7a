"""Which stored accounts may be named."""

from datetime import UTC, datetime

from socialsense.accounts import asked_for
from socialsense.collect import ForHandle, ForHashtags
from socialsense.types import Job, Profile

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def stored(world, handle, source):
    world.store.put_profile(Profile(handle, 1000, 5, NOW, source))


def asked(world, plan):
    world.store.put_job(Job(plan.key, "done", 1, 1, None, NOW, NOW, request=plan.request))


def test_those_of_the_demo_and_those_asked_for_are_named_and_no_others(world):
    for handle, source in [("demo.mill", "demo"), ("me", "browser"), ("someone.else", "browser")]:
        stored(world, handle, source)
    asked(world, ForHandle("me", hashtags=3))
    asked(world, ForHashtags(("someone.else",)))  # a hashtag that is spelt like an account
    assert [profile.handle for profile in asked_for(world.store)] == ["demo.mill", "me"]


def test_one_that_was_asked_for_and_does_not_exist_has_nothing_to_show(world):
    asked(world, ForHandle("nobody"))
    assert asked_for(world.store) == ()
