"""Collecting in a real browser from the replica, as the command line and the dashboard do it."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from socialsense import parts
from socialsense.collect import ForDataset, ForHandle, ForHashtags, collect
from socialsense.collect.consent import accept_risk
from socialsense.collect.dataset import write_dataset
from socialsense.errors import PersonNeeded
from socialsense.recommend import Recommender
from socialsense.settings import ROOT, Settings
from socialsense.sources.browser import visit
from socialsense.store import Store
from tests.browser_fixtures import MARKS, address, replica
from tests.browser_login import logged_in
from tests.collected import content, import_truth
from tests.replica.faults import KINDS
from tests.replica.pictures import draw
from tests.test_browser_processes import wait_until_none_is_left
from tests.worlds import BLUE, RED, photo

__all__ = ["address", "replica"]
pytestmark = MARKS
HANDLE = "nora.paints"
KILLS = 6


@pytest.fixture(autouse=True)
def quiet(replica, monkeypatch):
    """A replica without faults, and a browser that need not wait long for what never comes."""
    monkeypatch.setattr(visit, "QUIET", 0.3)
    replica.faults.programme(seed=1, rate=0.0, kinds=(), delay=0.05)
    replica.faults.clear()


@pytest.fixture(scope="module")
def profile(address, tmp_path_factory):
    """A browser's folder that is logged in."""
    return logged_in(
        Settings(data_dir=tmp_path_factory.mktemp("me"), instagram_url=address, request_seconds=0)
    ).browser_dir


@pytest.fixture(scope="module")
def place(address, profile, tmp_path_factory):
    """Settings of a new store beside the one login."""

    def made(name):
        return Settings(
            data_dir=tmp_path_factory.mktemp(name),
            instagram_url=address,
            request_seconds=0,
            requests_per_day=100_000,
            browser_profile=profile,
            embedder="color",
            popularity="color",
        )

    return made


@pytest.fixture(scope="module")
def wide(replica, place):
    """A plan of many pages, and what it leaves when nothing fails."""
    plan, peaceful = ForHashtags(tuple(replica.world.tags[:6]), posts=110), place("wide")
    run(peaceful, plan)
    return plan, content(peaceful)


def opened(settings):
    store = Store.open(settings.store_url, settings.images_dir)
    accept_risk(store, settings.site)
    return store


def run(settings, plan, **options):
    with opened(settings) as store:
        return collect(parts.load("sources", "browser", settings), store, plan, **options)


def asked(replica):
    """Requests but for pictures: redirects of a hashtag's address to its page are one with it."""
    return [
        line
        for line in replica.gate.log
        if line.surface != "image" and not line.path.startswith("/explore/tags/")
    ]


def killed_or_not(settings, plan):
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "socialsense", "collect", "hashtag", *plan.tags]
    environment = os.environ | {
        "SOCIALSENSE_DATA_DIR": str(settings.data_dir),
        "SOCIALSENSE_INSTAGRAM_URL": settings.instagram_url,
        "SOCIALSENSE_REQUEST_SECONDS": "0",
        "SOCIALSENSE_REQUESTS_PER_DAY": "100000",
        "SOCIALSENSE_BROWSER_PROFILE": str(settings.browser_dir),
    }
    return subprocess.Popen(
        [*command, "--posts", str(plan.posts), "--accept-risk"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process):
    _, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints


def test_ctrl_c_stops_after_the_page_under_way_and_the_same_command_goes_on(replica, place):
    plan, settings = ForHashtags(tuple(replica.world.tags[:5]), posts=60), place("stopped")
    with opened(settings) as store:
        process = killed_or_not(settings, plan)
        end = time.monotonic() + 30
        while not store.count_items(plan.key).get(("hashtag", "done")):
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        finished(process)
        assert store.job(plan.key).state == "cancelled"
        assert ("hashtag", "waiting") in store.count_items(plan.key)
        finished(killed_or_not(settings, plan))
        assert store.job(plan.key).state == "done"


def test_what_is_collected_ranks_as_the_same_data_imported_directly(replica, place):
    ours, direct = place("collected"), place("imported")
    plan = ForHandle(HANDLE, hashtags=8, posts=5)
    assert run(ours, plan).state == "done"
    answers = []
    with opened(ours) as collected, opened(direct) as imported:
        items = collected.items_of(plan.key)
        import_truth(replica.world, imported, items)
        for store in (collected, imported):
            recommender = Recommender.load(store, ours)
            account = recommender.account(HANDLE)
            photos = [photo(RED, "red"), photo(BLUE, "blue")]
            hashtags = recommender.rank_hashtags(photos[0], account)
            chosen = recommender.best_set(hashtags)
            answers.append(
                (
                    recommender.rank_images(photos, account),
                    hashtags,
                    chosen,
                    recommender.predict(account, chosen),
                )
            )
    assert {item.state for item in items} == {"done"}
    assert sum(h.support for h in answers[0][1]) > 20
    assert answers[0] == answers[1]


def test_a_dataset_is_the_truth(replica, place, tmp_path):
    settings = place("dataset")
    plan = ForDataset(150, tuple(replica.world.tags[:6]))
    assert run(settings, plan).done == 150
    with opened(settings) as store:
        assert write_dataset(store, plan, tmp_path / "out") == 150
    pictures = {
        hashlib.sha256(draw(post.pk, post.theme)).hexdigest(): post
        for post in replica.world.by_pk.values()
        if post.kind != "video"
    }
    for line in (tmp_path / "out" / "posts.jsonl").read_text().splitlines():
        row = json.loads(line)
        data = (tmp_path / "out" / row["file"]).read_bytes()
        post = pictures.pop(hashlib.sha256(data).hexdigest())
        assert row["hashtags"] == list(dict.fromkeys(tag.lower() for tag in post.hashtags))
        assert row["page"] in row["hashtags"]


def test_a_challenge_stops_everything_until_the_person_has_answered(replica, place):
    settings = place("challenged")
    plan = ForHashtags(tuple(replica.world.tags[:4]), posts=5)
    pages = []

    def challenge_later(job):
        pages.append(job)
        if len(pages) == 5:
            replica.faults.programme(ahead=["challenge"])

    with pytest.raises(PersonNeeded, match="wants to check the account"):
        run(settings, plan, on_progress=challenge_later)
    before = len(asked(replica))
    assert asked(replica)[-1].path.startswith("/challenge/")
    with pytest.raises(PersonNeeded, match="wants to check the account"):
        run(settings, plan)
    assert len(asked(replica)) == before, "nothing is asked while the challenge stands"
    with opened(settings) as store:
        assert store.job(plan.key).state == "failed"
        store.clear_breaker(settings.site)
    replica.faults.clear()
    assert run(settings, plan).state == "done"
    peaceful = place("peaceful")
    run(peaceful, plan)
    assert content(settings) == content(peaceful)


def test_random_faults_change_nothing(replica, place, wide):
    plan, peaceful = wide
    for seed in (1, 2):
        faulty = place(f"faulty{seed}")
        replica.faults.programme(seed=seed, rate=0.05)
        replica.gate.log.clear()
        assert run(faulty, plan).state == "done"
        assert len({line.fault for line in replica.gate.log} - {None}) >= 4
        assert content(faulty) == peaceful


def test_a_fault_of_every_kind_changes_nothing(replica, place, wide):
    plan, peaceful = wide
    to_come = [
        f"{surface}:{kind}" for surface in ("answer", "image", "page") for kind in KINDS[surface]
    ]

    def fail_next(job):
        if to_come and not replica.faults.ahead:
            replica.faults.programme(ahead=[to_come.pop(0)])

    faulty = place("faulty")
    replica.gate.log.clear()
    assert run(faulty, plan, on_progress=fail_next).state == "done"
    assert not to_come
    assert {line.fault for line in replica.gate.log} - {None} == {
        kind for kinds in KINDS.values() for kind in kinds
    }
    assert content(faulty) == peaceful


def test_killed_again_and_again_it_ends_as_in_peace(replica, place):
    plan = ForHashtags(tuple(replica.world.tags[:5]), posts=60)
    peaceful, killed = place("peaceful"), place("killed")
    replica.gate.log.clear()
    began = time.monotonic()
    finished(killed_or_not(peaceful, plan))
    usual = time.monotonic() - began
    needed = len(asked(replica))
    replica.gate.log.clear()
    chance = random.Random(6)
    for _ in range(KILLS):
        process = killed_or_not(killed, plan)
        time.sleep(chance.uniform(0.3, 0.9) * usual / 2)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    finished(killed_or_not(killed, plan))
    assert content(killed) == content(peaceful)
    assert len(asked(replica)) <= needed + 2 * KILLS, "the page under way, and opening its list"
    wait_until_none_is_left(killed.browser_dir)
