"""Collecting through a real Selenium Grid: what comes of it is no different."""

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from socialsense.collect import ForHashtags, collect
from socialsense.collect.consent import accept_risk
from socialsense.errors import SourceError
from socialsense.settings import Settings
from socialsense.sources.browser import Browser, visit
from socialsense.store import Store
from tests.browser_fixtures import address, replica, told, truth, walked
from tests.browser_login import logged_in
from tests.other_process import collecting_with
from tests.selenium_grid import MARKS, running_grid, wait_until

__all__ = ["address", "replica"]
pytestmark = MARKS
HANDLE = "nora.paints"

# All that is told of the site; left out are times, and addresses and cursors that pass.
CONTENT = {
    "profiles": "handle, name, private, followers, posts_count, source",
    "posts": "pk, shortcode, handle, taken_at, kind, caption, likes, comments, image_sha256,"
    " pinned, source",
    "hashtags": "tag, posts_count",
    "post_hashtags": "pk, tag, page_rank",
    "images": "sha256, byte_size",
    "items": "kind, name, job, place, wanted, pictures, state, posts, tries, error",
    "payloads": "job, kind, name, first_rank, readable",
    "jobs": "key, state, done, total, error, request",
}


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    with running_grid(tmp_path_factory.mktemp("grid")) as running:
        yield running


@pytest.fixture(scope="module")
def login(address, tmp_path_factory):
    """A browser's folder, logged in by a browser of this machine."""
    folder = tmp_path_factory.mktemp("login")
    logged_in(settings_for(address, folder / "data", folder))
    return folder


@pytest.fixture
def profile(login, tmp_path):
    return shutil.copytree(login, tmp_path / "profile")


@pytest.fixture(autouse=True)
def _nothing_is_left(grid, replica, monkeypatch):
    """Whatever a test does, the Grid is free again after it."""
    monkeypatch.setattr(visit, "QUIET", 0.3)
    replica.gate.log.clear()
    yield
    assert not grid.queue()
    wait_until(lambda: not grid.sessions())


@pytest.fixture
def here(address, tmp_path, login):
    """A folder of its own: a browser remembers redirects, and would ask for less the next time."""
    own = shutil.copytree(login, tmp_path / "own profile")
    return settings_for(address, tmp_path / "here", own)


@pytest.fixture
def there(address, tmp_path, profile, grid):
    """The same, but for where the browser runs."""
    return settings_for(address, tmp_path / "there", profile, browser=grid.address)


def settings_for(address, data, profile, browser=""):
    return Settings(
        data_dir=data, instagram_url=address, request_seconds=0,
        browser=browser, browser_profile=profile,
    )  # fmt: skip


def collected(settings, plan, on_progress=None):
    """The job, at its end."""
    with Store.open(settings.store_url, settings.images_dir) as store:
        accept_risk(store, settings.site)
        return collect(Browser(settings), store, plan, on_progress=on_progress)


def content(settings):
    with closing(sqlite3.connect(settings.data_dir / "socialsense.db")) as database:
        return {
            table: sorted(database.execute(f"SELECT {columns} FROM {table}"), key=repr)
            for table, columns in CONTENT.items()
        }


def pictures(settings):
    files = (path for path in settings.images_dir.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files}


def asked(replica):
    """What the site was asked for since: pages and answers in their order, pictures in any."""
    log = [(line.method, line.path, line.what) for line in replica.gate.log]
    replica.gate.log.clear()
    images = sorted(path for _, path, _ in log if path.startswith("/v/"))
    return [line for line in log if not line[1].startswith("/v/")], images


def test_a_grid_collects_the_same_by_the_same_requests(replica, here, there):
    tags = tuple(replica.world.tags[:2])
    found = []
    for settings in (here, there):
        assert collected(settings, ForHashtags(tags, posts=30)).state == "done"
        found.append((content(settings), pictures(settings), asked(replica)))
    (rows, images, (pages, links)), through_grid = found
    assert through_grid == found[0]
    top = {str(post.pk) for tag in tags for post in replica.world.top_posts(tag)[:30]}
    assert top <= {row[0] for row in rows["posts"]}
    assert len(rows["images"]) == len(images) > 30
    assert {method for method, _, _ in pages} == {"GET", "POST"}, "listings that go on as well"
    assert len(links) >= len(images)


def test_a_grid_goes_on_where_a_local_browser_stopped(replica, here, there):
    tag = replica.world.tags[0]
    with closing(Browser(here)) as local:
        first = local.tagged(tag)
    with closing(Browser(there)) as remote:
        rest = walked(remote.tagged, tag, first.cursor)
    known = {post.pk for post in first.items}
    assert len(known & {post.pk for post in rest[0].items}) == 3, "pages overlap by a row"
    assert told([first, *rest]) == truth(replica.world.top_posts(tag))


def test_two_jobs_take_turns_in_one_place(replica, grid, address, tmp_path, profile):
    """The second comes while the first collects, and waits in the Grid's queue."""
    tags = replica.world.tags[:2]
    jobs = [settings_for(address, tmp_path / tag, profile, grid.address) for tag in tags]
    plans = [ForHashtags((tag,), posts=3) for tag in tags]
    second = []

    def begin_the_second(_job):
        if not second:
            second.append(pool.submit(collected, jobs[1], plans[1]))
            wait_until(grid.queue)

    with ThreadPoolExecutor() as pool:
        assert collected(jobs[0], plans[0], begin_the_second).state == "done"
        assert second[0].result(timeout=60).state == "done"
    for settings, tag in zip(jobs, tags, strict=True):
        top = {str(post.pk) for post in replica.world.top_posts(tag)[:3]}
        assert top <= {row[0] for row in content(settings)["posts"]}


def test_a_session_that_the_grid_ended_is_started_anew(grid, there):
    with closing(Browser(there)) as browser:
        browser.posts(HANDLE)
        (session,) = grid.sessions()
        grid.end(session)
        with pytest.raises(SourceError, match="The browser failed"):
            browser.posts(HANDLE)
        assert browser.posts(HANDLE).items


def test_the_place_of_a_killed_process_is_free_for_the_next_one(grid, there):
    with collecting_with(there) as process:
        process.kill()
    (left_behind,) = grid.sessions()
    with closing(Browser(there)) as browser:
        assert browser.posts(HANDLE).items
        assert left_behind not in grid.sessions()


def test_what_the_node_refuses_is_told_in_its_drivers_words(there, tmp_path):
    taken = tmp_path / "no folder"
    taken.touch()
    refused = Browser(there.model_copy(update={"browser_profile": taken}))
    with pytest.raises(SourceError, match="does not start: session not created") as caught:
        refused.posts(HANDLE)
    assert "SOCIALSENSE_BROWSER_PROFILE" in caught.value.do


def test_a_grid_that_is_away_keeps_nothing_from_the_next_try(replica, there):
    plan = ForHashtags(tuple(replica.world.tags[:1]), posts=3)
    away = there.model_copy(update={"browser": "http://127.0.0.1:1"})
    job = collected(away, plan)
    assert (job.state, replica.gate.log) == ("failed", [])
    assert "could not be read" in job.error
    assert collected(there, plan).state == "done"
