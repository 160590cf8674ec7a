"""The engagement to expect of the post, beside the account's own history."""

import pandas as pd
import streamlit as st

from socialsense.accounts import Account, sources_of
from socialsense.answers import HashtagSet, Prediction
from socialsense.charts import engagement_chart
from socialsense.types import DEMO
from socialsense.ui import frame, inputs, resources, state
from socialsense.ui.formulas import forecast_formula
from socialsense.words import count, gain, matters, percent


def figures(prediction: Prediction) -> None:
    """The forecast and what it is made of, two significant digits each."""
    usual = prediction.usual_rate * prediction.followers
    with st.grid(3):
        st.metric(
            "Expected likes and comments",
            count(prediction.median),
            delta=f"{count(abs(prediction.median - usual))} "
            f"{'above' if prediction.median >= usual else 'below'} usual",
            delta_color="normal" if prediction.median >= usual else "inverse",
            border=True,
            height="stretch",
        )
        st.metric(
            "Expected rate", percent(prediction.rate), border=True, height="stretch",
            help="Likes and comments per follower",
        )  # fmt: skip
        st.metric(
            "Your usual", f"{count(usual)} ({percent(prediction.usual_rate)})",
            border=True, height="stretch",
        )  # fmt: skip
    if prediction.low is None or prediction.high is None:
        st.write(
            f"Only {prediction.history} past posts count, too few for a range: nine are needed."
        )
        return
    reach = f"Expect **{count(prediction.low)} to {count(prediction.high)}**"
    tenths = f"about {10 * prediction.coverage:.0f} in 10"
    if prediction.mode == "faithful":
        st.write(
            f"{reach}, if this post is like your last {prediction.history}: {tenths} such posts "
            "fall in that range."
        )
        return
    st.write(f"{reach}: of accounts kept apart, {tenths} posts fell in a range made this way.")


def parts(prediction: Prediction) -> None:
    """What hashtags and photo each do to the forecast."""
    if prediction.mode == "faithful":
        st.caption(
            "Top posts did well by selection, so this formula of 2020 is known to promise too "
            "much: compare sets with it, and trust your usual."
        )
        return
    st.write(f"Your hashtags: {gain(prediction)}. Your photo: ×{prediction.photo:.2f}.")
    st.caption(
        "On accounts kept apart hashtags hardly changed engagement; the photo's factor was learned "
        "from celebrities and your own posts. Associations, not promises."
    )


def do_they_matter(account: Account) -> None:
    """A permutation test on the account's own history."""
    st.subheader("Do hashtags matter for you?")
    st.write(matters(resources.recommender().hashtags_matter(account)))
    st.caption(
        "Your own past posts, with their hashtags dealt anew two thousand times. It shows whether "
        "engagement went with your choice of hashtags, not whether that was the cause."
    )


with frame.page("Engagement", "How much engagement should this post get?"):
    photo, account = inputs.photo_and_account()

    left, right = st.columns([1, 3])
    with left:
        inputs.show_chosen(photo)
        mode = inputs.mode_input()
    recommender = resources.recommender()
    kept = state.kept_set(state.set_key(account, photo, mode))
    if kept is None:
        ranked = recommender.rank_hashtags(photo.image, account, mode=mode)
        chosen = recommender.best_set(ranked, mode=mode)
    else:
        chosen = HashtagSet(tuple(kept))
    if account.profile.source != DEMO:  # else the notice stands already
        frame.demo_notice(sources_of(account, chosen.hashtags))
    prediction = recommender.predict(account, chosen, photo.image, mode)
    recommender.record(prediction, photo.image, chosen)

    with left:
        st.code(chosen.text or "(no hashtag chosen)", language=None, wrap_lines=True)
        st.page_link("pages/hashtags.py", label="Change the set", icon=":material/tag:")
    with right:
        figures(prediction)
        parts(prediction)
        unit = st.segmented_control(
            "Show", ("likes and comments", "% of followers"), default="likes and comments",
            key="unit", persist_state="session",
        )  # fmt: skip
        st.altair_chart(
            engagement_chart(account.posts, prediction, as_rate=unit == "% of followers"),
            alt="Engagement of the account's past posts over time, its usual level, "
            "and the prediction with its range",
        )
        with st.expander("How this is computed"):
            st.markdown(forecast_formula(prediction, chosen, recommender.engagement))
        history = pd.DataFrame(
            {
                "posted": [post.taken_at for post in account.posts],
                "likes": [post.likes for post in account.posts],
                "comments": [post.comments for post in account.posts],
                "pinned": [post.pinned for post in account.posts],
            }
        )
        with st.expander("Past posts"):
            st.dataframe(
                history,
                hide_index=True,
                column_config={"posted": st.column_config.DatetimeColumn(format="D MMM YYYY")},
            )
        do_they_matter(account)
