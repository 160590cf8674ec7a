"""What was predicted, what happened, and a place to tell what happened."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from socialsense.answers import Outcome, Record
from socialsense.charts import track_chart
from socialsense.handles import clean_handle
from socialsense.matching import match_outcomes
from socialsense.store import Tracked
from socialsense.track_record import MAX_COUNT, summary, told
from socialsense.ui import frame, inputs, resources, state
from socialsense.words import count, forecast, happened, percent, track

SHORT = 8  # letters of a prediction's id that are shown
DRAWN = 30  # outcomes in the chart


def figures(record: Record) -> None:
    """Inside, bias and order, as far as there is anything to say."""
    with st.grid(3):
        if record.inside_low is not None and record.inside_high is not None:
            st.metric(
                "Inside their range", f"{record.inside} of {record.ranges}",
                border=True, height="stretch",
                help=f"{record.expected_inside:.1f} were to be expected. In the long run "
                f"{percent(record.inside_low)} to {percent(record.inside_high)} may fall inside.",
            )  # fmt: skip
        if record.bias is not None and record.error is not None:
            st.metric(
                "Got, of what was predicted", f"{count(record.bias)} ×",
                border=True, height="stretch",
                help="The geometric mean: 1 × is neither too much nor too little. Half of the "
                f"posts came within a factor of {count(record.error)}, up or down.",
            )  # fmt: skip
        if record.pairs:
            st.metric(
                "Right order", f"{record.rank_hits} of {record.pairs} pairs",
                border=True, height="stretch",
                help="Of two posts of one account, the one predicted higher got more.",
            )  # fmt: skip


def listing(tracked: Sequence[Tracked]) -> None:
    """All predictions, to read and to download."""
    table = pd.DataFrame(_row(item) for item in tracked)
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="localized")
            for name in ("predicted", "from", "to", "likes", "comments")
        }
        | {
            name: st.column_config.DatetimeColumn(format="D MMM YYYY")
            for name in ("made", "posted")
        },
    )
    st.download_button(
        "Download as CSV",
        table.to_csv(index=False),
        "track-record.csv",
        "text/csv",
        icon=":material/download:",
    )


def _row(item: Tracked) -> dict[str, object]:
    recorded, outcome = item.recorded, item.outcome
    prediction = recorded.prediction
    return {
        "ID": recorded.id[:SHORT],
        "made": recorded.made_at,
        "account": recorded.handle,
        "hashtags": " ".join(f"#{tag}" for tag in recorded.tags),
        "predicted": _two_digits(prediction.median),
        "from": _two_digits(prediction.low),
        "to": _two_digits(prediction.high),
        "likes": outcome.likes if outcome else None,
        "comments": outcome.comments if outcome else None,
        "posted": outcome.posted_at if outcome else None,
        "known from": "" if outcome is None else "you" if outcome.pk is None else "stored post",
    }


def _two_digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.2g}")


def tell(tracked: Sequence[Tracked]) -> None:
    """Takes what happened to one prediction's post from who knows it."""
    st.subheader("Tell what happened")
    by_id = {item.recorded.id: item for item in tracked}
    key = st.selectbox("Prediction", list(by_id), format_func=lambda key: _label(by_id[key]))
    item = by_id[key]
    photo = state.photos().get(item.recorded.image_sha256)
    if photo:
        st.image(photo.jpeg, width=160, alt=f"Your photo {photo.name}")
        inputs.credit(photo.sha256)
    with st.form(f"tell-{key}"):
        likes = st.number_input("Likes", 0, MAX_COUNT, None, key=f"likes-{key}")
        comments = st.number_input("Comments, if known", 0, MAX_COUNT, None, key=f"comments-{key}")
        with st.container(horizontal=True):
            save = st.form_submit_button("Save", type="primary", key="save")
            by_hand = item.outcome is not None and item.outcome.pk is None
            forget = by_hand and st.form_submit_button("Forget what was told", key="forget")
    if save:
        keep(told(key, likes, comments, datetime.now(UTC)))
    if forget:
        resources.store().forget_outcome(key)
        say_and_show("Forgotten.")
    if words := st.session_state.pop("told", None):
        st.success(words, icon=":material/check:")


def keep(outcome: Outcome) -> None:
    """Into the store; the page then shows what it means."""
    resources.store().put_outcome(outcome)
    say_and_show(f"Saved: {happened(outcome)}.")


def say_and_show(words: str) -> None:
    """Run the page anew, whose figures have changed, and say why."""
    st.session_state.told = words
    st.rerun()


def _label(item: Tracked) -> str:
    recorded = item.recorded
    tags = " ".join(f"#{tag}" for tag in recorded.tags[:2]) or "no hashtag"
    return (
        f"{recorded.made_at:%d %b %Y} · @{recorded.handle} · {tags} · "
        f"{forecast(recorded.prediction)} · {recorded.id[:SHORT]}"
    )


def nothing_yet(handle: str | None) -> None:
    """What to do where there is no prediction."""
    whom = f" for @{frame.plain(handle)}" if handle else ""
    st.info(
        f"Nothing has been predicted{whom} yet. The Engagement page keeps each prediction it "
        "shows. What happened is found among the stored posts, or you tell it here.",
        icon=":material/fact_check:",
    )
    st.page_link("pages/engagement.py", label="Make a prediction", icon=":material/monitoring:")


with frame.page("Track record", "What was predicted, and what happened: how far to trust it."):
    inputs.handle_input()
    handle = clean_handle(state.handle()) if state.handle().strip() else None
    store = resources.store()
    match_outcomes(store, resources.recommender().embedder)
    tracked = store.outcomes(handle)
    if not tracked:
        nothing_yet(handle)
        st.stop()

    profiles = store.profiles_of(item.recorded.handle for item in tracked)
    frame.demo_notice({profile.source for profile in profiles.values()})
    record = summary(tracked)
    st.markdown(f"**{track(record)}**")
    st.caption(
        "A stored post counts a week after it was posted, if it shows the photo of a prediction "
        f"made before. What stands in brackets is an interval of {percent(record.level)}."
    )
    if record.outcomes:
        figures(record)
        st.altair_chart(
            track_chart([item for item in tracked if item.outcome][:DRAWN]),
            alt="For each post the prediction with its range, and what happened",
        )
    listing(tracked)
    tell(tracked)
