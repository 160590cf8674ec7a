"""Whatever is sent: a reading or PageChanged, and nothing else."""

import json
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from socialsense.dialects.read import _ROOTS, read_answer, read_documents, read_page
from socialsense.dialects.reading import Reading
from socialsense.dialects.walls import wall_of
from socialsense.errors import PageChanged
from tests.dialect_documents import (
    NOW,
    connection,
    grid,
    legacy_media,
    legacy_profile,
    media,
    page,
    polaris_media,
    post_root,
    row,
    timeline,
)

REAL = [
    timeline(media("1"), media("2"), cursor="c"),
    grid(row(media("1")), cursor="c"),
    post_root(media()),
    legacy_profile(legacy_media()),
    {"xig_user_by_username": {"username": "o", "pk": "1", "follower_count": 3, "media_count": 1}},
    {"node": {"polaris_ordered_timeline_connection": connection([polaris_media()])}},
    {"xig_polaris_media": {"if_not_gated_logged_out": polaris_media(like_count=1)}},
    {"sections": [{"layout_content": {"medias": [{"media": media()}]}}], "more_available": False},
    {"items": [media()], "num_results": 1, "more_available": False},
]

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
leaves |= st.sampled_from([10**15, 2**70, -1, "1", "9" * 40, "\ud800", "POLARIS_1", "²"])


def _keys(tree):
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    own = set(tree) if isinstance(tree, dict) else set()
    return own.union(*map(_keys, children))


keys = st.sampled_from(sorted(_keys(REAL) | set(_ROOTS))) | st.text(max_size=5)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5)
)


def _places(tree, path=()):
    yield path
    pairs = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, child in pairs:
        yield from _places(child, (*path, key))


def _with(tree, path, value):
    """A copy of the tree with another value at one place."""
    if not path:
        return value
    copy = tree.copy()
    copy[path[0]] = _with(tree[path[0]], path[1:], value)
    return copy


def check(document):
    with suppress(PageChanged):
        reading = read_documents([document], NOW)
        assert isinstance(reading, Reading)
        pks = [post.pk for post in reading.posts]
        assert len(set(pks)) == len(pks)
        assert reading.more == (reading.cursor is not None)
        assert all(post.likes is None or post.likes > 0 for post in reading.posts)
        str(reading).encode()


@given(trees)
def test_any_tree(tree):
    check(tree)
    check({"data": tree})


@settings(max_examples=300)
@given(st.data())
def test_real_documents_with_one_value_changed(data):
    document = data.draw(st.sampled_from(REAL))
    place = data.draw(st.sampled_from(list(_places(document))))
    check(_with(document, place, data.draw(trees)))


@given(st.data())
def test_text_cut_off_or_garbled(data):
    document = data.draw(st.sampled_from(REAL))
    whole = data.draw(st.sampled_from([page(document), "for (;;);" + json.dumps(document)]))
    cut = data.draw(st.integers(0, len(whole)))
    text = (
        whole[:cut] + data.draw(st.text(max_size=3)) + whole[cut + data.draw(st.integers(0, 9)) :]
    )
    for read in (read_page, read_answer):
        with suppress(PageChanged):
            assert isinstance(read(text, NOW), Reading)


@given(st.integers(100, 599), st.text() | st.just("http://["), st.text() | trees.map(json.dumps))
def test_any_answer_is_a_wall_or_none(status, location, body):
    wall_of(status, location, body)


def test_a_cut_page_is_told_however_it_is_cut():
    """Half a page must not pass for a page with fewer posts."""
    html = page(timeline(media("1"), media("2")))
    first = html.index("<script type")
    for end in range(first + len("<script type") + 60, len(html) - len("</script></html>")):
        with suppress(PageChanged):
            raise AssertionError(read_page(html[:end], NOW))
