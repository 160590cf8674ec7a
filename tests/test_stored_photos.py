"""Training reads what the user has collected, a run at a time, in the order of the pages."""

import pytest

from socialsense.datasets import RUN, each
from socialsense.store import Store
from socialsense.train.stored_photos import StoredPhotos
from tests.examples import a_post


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.db", tmp_path / "images") as store:
        yield store


def test_photos_come_by_page_with_all_their_hashtags(store):
    shas = [store.put_image(b"picture %d" % number) for number in range(40)]
    on_sea = [a_post(f"s{n}", caption="#sea #wave", image_sha256=shas[n]) for n in range(20)]
    unknown = {"handle": None, "caption": None}
    on_car = [a_post(f"c{n}", image_sha256=shas[20 + n], **unknown) for n in range(9)]
    own = [a_post(f"p{n}", handle="own", image_sha256=shas[30 + n]) for n in range(5)]
    store.put_tagged("sea", on_sea)
    store.put_tagged("car", on_car)
    store.put_posts(own)
    photos = StoredPhotos(store)
    found = list(each(photos))
    assert len(photos) == -(-34 // RUN)
    assert [photo.page for photo in found] == ["car"] * 9 + ["sea"] * 20 + [None] * 5
    assert photos.run(1) == found[RUN : 2 * RUN]
    assert not found[0].complete
    assert found[0].group == shas[20]
    assert found[9].complete
    assert found[9].hashtags == {"sea", "wave"}
    assert (found[9].group, found[-1].group) == ("mill", "own")
    assert found[9].path.read_bytes() == b"picture 0"


def test_an_empty_store_has_none(store):
    assert list(each(StoredPhotos(store))) == []
