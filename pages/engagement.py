"""The engagement to expect of the post, beside the account's own history."""

import pandas as pd
import streamlit as st

from socialsense.charts import engagement_chart
from socialsense.recommend import sources_of
from socialsense.types import HashtagSet, Prediction
from socialsense.ui import frame, inputs, resources, state
from socialsense.words import count, percent, points


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
    else:
        st.write(
            f"Expect **{count(prediction.low)} to {count(prediction.high)}**, if this post is like "
            f"your last {prediction.history}: about {10 * prediction.coverage:.0f} in 10 such "
            "posts fall in that range."
        )


def formula(prediction: Prediction, chosen: HashtagSet) -> None:
    """The formula with this visitor's own values in it."""
    scores = " + ".join(f"{points(item.score)}" for item in chosen.hashtags) or "0"
    st.markdown(
        "predicted rate = usual rate + mean score of the chosen hashtags  \n"
        f"= {percent(prediction.usual_rate)} + ({scores}) / {max(1, len(chosen.hashtags))}  \n"
        f"= {percent(prediction.rate)}\n\n"
        "predicted engagement = predicted rate × followers  \n"
        f"= {percent(prediction.rate)} × {prediction.followers:,} "
        f"= **{count(prediction.median)}**"
    )
    st.caption(
        f"The usual rate is the mean of the last {prediction.history} posts, pinned posts and "
        "hidden likes left out."
    )


with frame.page("Engagement", "How much engagement should this post get?"):
    photo, account = inputs.photo_and_account()

    recommender = resources.recommender()
    key = f"{account.profile.handle}-{photo.sha256[:16]}"
    kept = state.kept_set(key)
    if kept is None:
        chosen = recommender.best_set(recommender.rank_hashtags(photo.image, account))
    else:
        chosen = HashtagSet(tuple(kept))
    if account.profile.source != "demo":  # else the notice stands already
        frame.demo_notice(sources_of(account, chosen.hashtags))
    prediction = recommender.predict(account, chosen)
    recommender.record(prediction, photo.image, chosen)

    left, right = st.columns([1, 3])
    with left:
        inputs.show_chosen(photo)
        st.code(chosen.text or "(no hashtag chosen)", language=None, wrap_lines=True)
        st.page_link("pages/hashtags.py", label="Change the set", icon=":material/tag:")
    with right:
        figures(prediction)
        st.caption(
            "Top posts did well by selection, so this formula of 2020 is known to promise too "
            "much: compare sets with it, and trust your usual."
        )
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
            formula(prediction, chosen)
        history = pd.DataFrame(
            {
                "posted": [post.taken_at for post in account.posts],
                "likes": [post.likes for post in account.posts],
                "comments": [post.comments for post in account.posts],
                "pinned": [post.pinned for post in account.posts],
            }
        )
        with st.expander("Past posts"):
            st.dataframe(history, hide_index=True)
