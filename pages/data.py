"""What is stored and how fresh it is, collecting more, learning from it, and forgetting."""

import pandas as pd
import streamlit as st

from socialsense.accounts import asked_for
from socialsense.errors import SocialsenseError
from socialsense.handles import clean_handle
from socialsense.types import DEMO
from socialsense.ui import frame, inputs, resources, state
from socialsense.ui.collecting import collecting
from socialsense.ui.forgetting import forgetting
from socialsense.words import behind_top_posts, retrained


def stored() -> None:
    """How much there is of everything, and each account asked for with the day it was read."""
    store = resources.store()
    counts = store.counts()
    with st.container(horizontal=True):
        for name in ("profiles", "posts", "hashtags", "images", "predictions"):
            st.metric(name.capitalize(), f"{counts[name]:,}", border=True)
    named = asked_for(store)
    rows = [
        {
            "Account": f"@{profile.handle}",
            "Followers": profile.followers,
            "Source": profile.source,
            "Read": profile.fetched_at,
        }
        for profile in sorted(named, key=lambda profile: profile.source == DEMO)
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Followers": st.column_config.NumberColumn(format="localized"),
            "Read": st.column_config.DatetimeColumn(format="D MMM YYYY"),
        },
    )
    others = behind_top_posts(counts["profiles"] - len(named))
    if others:
        st.caption(others)


def learn() -> None:
    """A ranking of the account's own, for who wants one."""
    st.subheader("Learn from your own posts")
    st.write(
        "The popularity model learned from celebrities. With enough posts of yours it can move "
        "towards what your followers like. It is tried on your later posts first, and used only "
        "if it ranks them better than the shipped model does."
    )
    inputs.handle_input()
    account = inputs.account_or_words(link=False)
    if account is None:
        return
    if st.button("Retrain on these posts", type="primary", key="retrain"):
        try:
            with st.spinner("Looking at the posts and trying what they teach…"):
                result = resources.retrain(clean_handle(state.handle()))
        except SocialsenseError as error:
            frame.show(error)
            return
        show = st.success if result.kept else st.info
        show(frame.plain(retrained(result)))


with frame.page("Data", "What is stored on this machine, how fresh it is, and what it teaches."):
    stored()
    collecting()
    learn()
    forgetting()
