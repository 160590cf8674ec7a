"""The top posts behind one hashtag's score, and the score's formula with its values."""

import streamlit as st

from socialsense.answers import Evidence, RankedHashtag
from socialsense.types import Mode
from socialsense.ui import inputs, resources
from socialsense.words import change, followers, percent, points

COLUMNS = 170
"""Least width of a post's card, in pixels."""


def evidence(ranked: tuple[RankedHashtag, ...], mode: Mode) -> None:
    """One hashtag to choose, why it has its score, and the posts; their accounts stay unnamed."""
    by_tag = {item.tag: item for item in ranked if item.support}
    if not by_tag:
        st.info("No stored post speaks for or against these hashtags yet.")
        return
    item = by_tag[
        st.selectbox("Evidence for", list(by_tag), format_func=lambda tag: f"#{tag}", key="why")
    ]
    st.write(f"**{change(item.score, mode)}** from {_basis(item)}: {item.verdict}.")
    with st.expander("How this score is computed"):
        st.markdown(_formula(item, mode))
    owners: dict[int, int] = {}
    with st.grid("auto", min_column_width=COLUMNS):
        for post in sorted(item.evidence, key=lambda post: -post.similarity):
            number = owners.setdefault(post.owner, len(owners) + 1)
            with st.container(border=True, height="stretch"):
                _post(post, number, mode)


def _basis(item: RankedHashtag) -> str:
    posts = "1 post" if item.support == 1 else f"{item.support} posts"
    accounts = "1 account" if item.accounts == 1 else f"{item.accounts} accounts"
    return f"{posts} of {accounts}"


def _post(post: Evidence, account: int, mode: Mode) -> None:
    picture = resources.store().image(post.image_sha256)
    if picture:
        st.image(picture, width="stretch", alt=inputs.alt(post.image_sha256))
    st.markdown(f"similarity **{post.similarity:.2f}**")
    st.caption(
        f"{percent(post.rate)} against {percent(post.usual_rate)} as usual: "
        f"{change(post.lift, mode)}. Account {account}, {followers(post.followers)}."
    )
    inputs.credit(post.image_sha256)


def _formula(item: RankedHashtag, mode: Mode) -> str:
    """The formula with this hashtag's own values in it."""
    if mode == "faithful":
        return (
            "score = Σ similarity · lift / the sum that was chosen  \n"
            f"= {points(item.score)} points, over {item.support} posts; a post's lift is its rate "
            "minus the mean rate of its account's last posts"
        )
    return (
        "score = trust · (weighted mean lift − what selection alone gives)  \n"
        f"= {item.trust:.2f} · ({item.raw:+.3f} − ({item.correction:+.3f}))  \n"
        f"= {item.score:+.3f} in log engagement, that is {change(item.score, mode)}\n\n"
        "- a post's lift: log of its rate, less its account's usual level without that post\n"
        "- weighted by similarity to your photo; an account counts at most as one post just "
        "like it\n"
        "- selection: what pages of top posts show whatever the hashtag, by their posters' size\n"
        "- trust: the share of the rest that so few accounts deserve, judged by how far all "
        "hashtags differ beyond chance"
    )
