"""Pictures that no post shows any more: their files go too, whatever comes between."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from socialsense.errors import StoreError
from socialsense.store import Store
from socialsense.store import images as stored_images
from socialsense.types import Forgotten
from tests.examples import a_post
from tests.forgetting_examples import BOAT, JOB, MILL, everything, files, forget, shown


def test_those_of_uploads_stay(store: Store) -> None:
    shown(store, "1", b"picture")
    store.put_embeddings("color", {"upload": np.float32([1])})
    forget(store)
    assert [row[1] for row in everything(store)["embeddings"]] == ["upload"]
    assert store.counts()["images"] == 0


def test_after_a_kill_the_next_forgetting_goes_on(store: Store) -> None:
    sha256 = shown(store, "1", b"picture")
    store.forget_account(MILL, JOB)  # and no more: killed
    assert (store.counts()["posts"], store.image(sha256)) == (0, b"picture")
    assert forget(store, BOAT) == Forgotten(pictures=1)
    assert (store.counts()["images"], files(store)) == (0, set())


def test_one_that_the_disk_does_not_give_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shas = [shown(store, str(number), b"picture %d" % number) for number in range(4)]
    unlink = Path.unlink

    def refused(path: Path, missing_ok: bool = False) -> None:
        if path.name == sorted(shas)[2]:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refused)
        with pytest.raises(StoreError, match="Permission denied"):
            forget(store)
    assert store.counts()["posts"] == 0
    assert store.put_image(b"picture 0") == shas[0]  # its file may be gone, its row is not
    assert store.image(shas[0]) == b"picture 0"
    assert store.drop_unshown() == 4
    assert files(store) == set()


def test_one_that_is_shown_again_meanwhile_stays(store: Store) -> None:
    sha256 = store.put_image(b"picture")
    store.put_posts([a_post()])
    with ThreadPoolExecutor(1) as pool:
        with store.transaction():
            store.put_image(b"picture")  # it is there already
            dropped = pool.submit(store.drop_unshown)
            time.sleep(0.05)
            store.set_pictures({"1": sha256})
        assert dropped.result() == 0
    assert store.image(sha256) == b"picture"


def test_a_file_that_is_found_there_is_there_when_its_row_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_image(b"picture")
    write = stored_images._write_files
    with ThreadPoolExecutor(1) as pool:

        def dropped_meanwhile(found: Iterable[tuple[Path, bytes]]) -> None:
            write(found)
            pool.submit(store.drop_unshown)
            time.sleep(0.05)

        monkeypatch.setattr(stored_images, "_write_files", dropped_meanwhile)
        store.put_image(b"picture")
    assert len(files(store)) == store.counts()["images"]


def test_more_than_are_taken_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socialsense.store.forgetting.CHUNK", 2)
    for number in range(5):
        shown(store, str(number), b"picture %d" % number)
    assert forget(store).pictures == 5
    assert not any(everything(store).values())
