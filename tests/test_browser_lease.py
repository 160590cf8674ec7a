"""A place in a remote browser, and the notes by which a killed process is known."""

import signal
import subprocess
import sys

import pytest

from socialsense.errors import SourceError
from socialsense.sources.browser.lease import Lease

ADDRESS = "http://127.0.0.1:4444"
HOLD = """
import sys, time
from pathlib import Path
from socialsense.sources.browser.lease import Lease
lease = Lease("http://127.0.0.1:4444", Path(sys.argv[1]), print)
lease.note(sys.argv[2])
print("noted", flush=True)
time.sleep(60)
"""


@pytest.fixture
def ended():
    return []


@pytest.fixture
def lease(tmp_path, ended):
    def take():
        return Lease(ADDRESS, tmp_path / "leases", ended.append)

    return take


@pytest.fixture
def holder(tmp_path):
    """Another process that uses a session, whose name is no good name of a file."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "leases"), "../a/b é"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "noted\n"
        yield process
        process.kill()


def test_sessions_in_use_are_left_alone(lease, holder, ended):
    own = lease()
    own.note("own")
    lease()
    assert ended == []
    own.end()


def test_the_session_of_a_killed_process_is_ended_once(lease, holder, ended):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    lease()
    lease()
    assert ended == ["../a/b é"]


def test_one_that_cannot_be_ended_is_tried_again(tmp_path, lease, holder, ended):
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    def away(session):
        raise SourceError(session, means="", do="")

    with pytest.raises(SourceError):
        Lease(ADDRESS, tmp_path / "leases", away)
    lease()
    assert ended == ["../a/b é"]


def test_a_session_that_has_ended_leaves_no_note(tmp_path, lease, ended):
    taken = lease()
    taken.note("own")
    taken.forget()
    taken.end()
    lease()
    assert ended == []
    assert not list((tmp_path / "leases").iterdir())


def test_a_session_that_was_let_go_of_is_ended_by_the_next_one(lease, ended):
    taken = lease()
    taken.note("own")
    taken.end()
    lease()
    assert ended == ["own"]


def test_nothing_is_noted_where_no_session_came(tmp_path, lease):
    taken = lease()
    taken.forget()
    taken.end()
    assert not list((tmp_path / "leases").iterdir())


def test_a_folder_that_cannot_be_used_is_explained(tmp_path, lease):
    (tmp_path / "leases").touch()
    with pytest.raises(SourceError, match="leases cannot be used"):
        lease()
