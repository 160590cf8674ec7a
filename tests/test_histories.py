"""Accounts read from a folder: what counts, what is left out, who judges."""

import json

import pytest

from socialsense.errors import InputError
from socialsense.histories import History, grown_up, read_histories, read_single_posts


def write(folder, rows, name="accounts_2017"):
    root = folder / name
    root.mkdir(parents=True, exist_ok=True)
    (root / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")


def row(account="a", day=1, likes=10, **more):
    date = f"2017-04-{day:02d}T05:00:00.000Z"
    base = {"account": account, "date": date, "likes": likes, "comments": 2, "followers": 100}
    return base | {"hashtags": ["Sea", "sea"]} | more


def test_posts_are_read_oldest_first_under_one_spelling(tmp_path):
    write(tmp_path, [row(day=day, likes=day) for day in (9, 1, 5)])
    (history,) = read_histories(tmp_path)
    assert [post.engagement for post in history.posts] == [3, 7]
    assert history.posts[0].hashtags == frozenset({"sea"})
    assert read_histories(tmp_path / "accounts_2017") == [history]


def test_posts_of_the_last_two_days_still_gather_likes(tmp_path):
    write(tmp_path, [row(day=day) for day in (1, 7, 8, 9)])
    (history,) = read_histories(tmp_path)
    assert len(history.posts) == 2
    assert grown_up([]) == ()


def test_impossible_dates_unknown_likes_and_no_followers_are_left_out(tmp_path):
    odd = [
        row("b", date="1970-01-01T00:00:00.000Z"),
        row("c", likes=None),
        row("d", followers=0),
    ]
    write(tmp_path, [*(row(day=day) for day in (1, 2, 9)), *odd])
    assert [history.account for history in read_histories(tmp_path)] == ["a"]


def test_comments_count_where_they_are_known(tmp_path):
    write(tmp_path, [row(day=1, comments=None), row(day=2, comments=5), row(day=9)])
    (history,) = read_histories(tmp_path)
    assert [post.engagement for post in history.posts] == [10, 15]


def test_single_posts_are_read_where_there_are_any(tmp_path):
    assert read_single_posts(tmp_path) == []
    rows = [{"followers": 100, "likes": 7}, {"followers": 0, "likes": 3}]
    write(tmp_path, rows, "small_accounts_2017")
    assert read_single_posts(tmp_path) == [(100, 7)]


def test_half_of_the_accounts_judge_and_none_ever_changes_sides():
    histories = [History(f"account {n}", 100, ()) for n in range(1000)]
    judges = sum(history.half == "judge" for history in histories)
    assert 440 < judges < 560
    assert History("account 1", 9, ()).half == histories[1].half


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"account": "a", "date": "soon"}', "[1]"])
def test_a_folder_that_is_none_says_so(tmp_path, line):
    write(tmp_path, [])
    (tmp_path / "accounts_2017" / "posts.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match="cannot be read"):
        read_histories(tmp_path)


def test_no_folder_says_so(tmp_path):
    with pytest.raises(InputError, match=r"posts\.jsonl cannot be read"):
        read_histories(tmp_path / "nowhere")
