"""The page Engagement: the forecast, what it is made of, and whether hashtags matter."""

import pytest

from tests.visits import ENGAGEMENT, HASHTAGS, in_mode, turn, turn_in_mode, walk, words


def number(metric):
    return float(metric.value.split(" ")[0].replace(",", ""))


def test_the_forecast_and_what_it_is_made_of(app):
    walk(app, page=ENGAGEMENT)
    expected, rate, usual = app.metric
    assert expected.label == "Expected likes and comments"
    assert number(expected) > 0
    assert rate.value.endswith(" %")
    assert usual.label == "Your usual"
    said = words(app)
    assert "of accounts kept apart, about 8 in 10 posts fell in a range made this way" in said
    assert "Your hashtags: ×" in said
    assert "in 10 that they help" in said
    assert "Your photo: ×" in said
    assert app.code[0].value.startswith("#")


def test_the_forecast_opens_into_its_formula(app):
    walk(app, page=ENGAGEMENT)
    formula = next(m.value for m in app.markdown if m.value.startswith("log rate = "))
    for part in ("your usual level + slope · mean score", "predicted engagement = rate × followers",
                 "- slope: ", "- photo: ", "- range: "):  # fmt: skip
        assert part in formula
    assert f"**{app.metric[0].value}**" in formula
    in_mode(app, "faithful")
    formula = next(m.value for m in app.markdown if m.value.startswith("predicted rate = "))
    assert f"**{app.metric[0].value}**" in formula


def test_the_mode_is_shared_by_both_pages(app):
    walk(app, page=ENGAGEMENT)
    calibrated = app.metric[0].value
    in_mode(app, "faithful")
    assert app.metric[0].value != calibrated
    assert "if this post is like your last 10" in words(app)
    assert "known to promise too much" in words(app)
    turn_in_mode(app, HASHTAGS)
    assert app.selectbox(key="mode").value == "faithful"
    in_mode(app, "calibrated")
    turn_in_mode(app, ENGAGEMENT)
    assert app.metric[0].value == calibrated


def test_each_mode_keeps_its_own_set(app):
    walk(app, page=HASHTAGS)
    app.pills[0].set_value(app.pills[0].value[:1]).run()
    turn(app, ENGAGEMENT)
    kept = app.code[0].value
    assert len(kept.split()) == 1
    in_mode(app, "faithful")
    assert len(app.code[0].value.split()) == 5
    in_mode(app, "calibrated")
    assert app.code[0].value == kept


def test_no_hashtag_chosen_changes_nothing(app):
    walk(app, page=HASHTAGS)
    app.pills[0].set_value([]).run()
    assert not app.exception
    turn(app, ENGAGEMENT)
    assert app.code[0].value == "(no hashtag chosen)"
    assert "Your hashtags: ×1.00. Your photo: ×" in words(app)
    photo = float(words(app).split("Your photo: ×")[1][:4])
    assert number(app.metric[0]) == pytest.approx(photo * number(app.metric[2]), rel=0.06)


def test_no_hashtag_chosen_predicted_the_usual_in_2020(app):
    in_mode(walk(app, page=HASHTAGS), "faithful")
    app.pills[0].set_value([]).run()
    turn_in_mode(app, ENGAGEMENT)
    assert app.metric[2].value.startswith(app.metric[0].value)


def test_the_chart_counts_or_divides_by_followers(app):
    walk(app, page=ENGAGEMENT)
    for mode in ("calibrated", "faithful"):
        in_mode(app, mode)
        for unit in ("% of followers", "likes and comments"):
            app.get("segmented_control")[0].set_value(unit).run()
            assert not app.exception
            assert app.get("vega_lite_chart")


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        ("demo.windmills", "your choice of hashtags matter"),
        ("demo.silent", "cannot be told yet: no hashtag was used in two posts"),
    ],
)
def test_whether_hashtags_matter_for_the_account_is_said(app, handle, expected):
    walk(app, handle, page=ENGAGEMENT)
    assert "Do hashtags matter for you?" in [heading.value for heading in app.subheader]
    assert expected in words(app)
    assert "not whether that was the cause" in words(app)
