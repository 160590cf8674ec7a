"""The chosen photo's hashtags in order, the posts that speak for each, and the set to copy."""

from typing import get_args

import streamlit as st

from socialsense.charts import hashtag_chart
from socialsense.hashtag_text import find_hashtags
from socialsense.platforms import SELECTABLE, hashtag_limit
from socialsense.recommend import sources_of
from socialsense.types import Denominator, HashtagSet, RankedHashtag
from socialsense.ui import frame, inputs, resources, state
from socialsense.ui.clipboard import copy_button
from socialsense.words import followers, percent, points

DENOMINATORS = {"weight": "the sum of similarities", "count": "the number of posts (2020)"}


def limit_input() -> int:
    """How many hashtags the post will carry; the platform's cap by default."""
    cap = hashtag_limit()
    default = resources.recommender().max_hashtags
    options = sorted({*SELECTABLE, default})
    return st.selectbox(
        "Hashtags in the post",
        options,
        index=options.index(default),
        key="limit",
        persist_state="session",
        help=f"Instagram takes {cap.max_tags} since {cap.as_of:%d %B %Y} ({cap.note}).",
    )


def denominator_input() -> Denominator:
    """The two readings of the formula; the brief's is the default."""
    options: tuple[Denominator, ...] = get_args(Denominator)
    return st.selectbox(
        "Average lifts over",
        options,
        index=options.index(resources.recommender().settings.denominator),
        format_func=lambda option: DENOMINATORS[option],
        key="denominator",
        persist_state="session",
        help="A weighted mean, or the sum divided by the number of posts as in 2020, "
        "which favours hashtags whose posts look more like your photo.",
    )


def add_own() -> None:
    """Take what was typed, as one hashtag or several."""
    typed = st.session_state.get("own-tag") or ""
    words = find_hashtags(typed) or find_hashtags(" ".join(f"#{w}" for w in typed.split()))
    known = state.own_hashtags()
    known.extend(tag for tag in words if tag not in known)
    st.session_state["own-tag"] = ""


def choose_set(ranked: tuple[RankedHashtag, ...], limit: int, key: str) -> HashtagSet:
    """Pills to drop and add; starts from the best set."""
    by_tag = {item.tag: item for item in ranked}
    picked = st.pills(
        "Your set: tap to drop or add",
        list(by_tag),
        selection_mode="multi",
        default=[item.tag for item in ranked[:limit]],
        format_func=lambda tag: f"#{tag}",
        key=f"set-{key}-{limit}",
        wrap=True,
        persist_state="session",
    )
    kept = [by_tag[tag] for tag in picked if tag in by_tag]
    state.keep_set(key, kept)
    return HashtagSet(tuple(kept))


def copy_box(chosen: HashtagSet) -> None:
    """The set as text, with a button."""
    text = chosen.text
    count = len(chosen.hashtags)
    noun = "hashtag" if count == 1 else "hashtags"
    copy_button(text, label=f"Copy {count} {noun}", done=f"Copied {count} {noun}", key="copy")
    st.code(text or "(no hashtag chosen)", language=None, wrap_lines=True)
    cap = hashtag_limit()
    if count > cap.max_tags:
        st.warning(
            f"Instagram takes {cap.max_tags} hashtags a post since {cap.as_of:%B %Y}; "
            f"your set has {count}. Some accounts may still be allowed {SELECTABLE[-1]}."
        )


def table(ranked: tuple[RankedHashtag, ...]) -> None:
    """All figures, to read and to download."""
    st.dataframe(
        [
            {
                "hashtag": f"#{item.tag}",
                "score (points)": 100 * item.score,
                "80 % from": None if item.low is None else 100 * item.low,
                "80 % to": None if item.high is None else 100 * item.high,
                "similarity": item.similarity,
                "plain lift (points)": 100 * item.lift,
                "posts": item.support,
            }
            for item in ranked
        ],
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%+.2f")
            for name in ("score (points)", "80 % from", "80 % to", "plain lift (points)")
        }
        | {"similarity": st.column_config.NumberColumn(format="%.2f")},
    )


def evidence(ranked: tuple[RankedHashtag, ...]) -> None:
    """The top posts behind one hashtag; their accounts stay unnamed."""
    by_tag = {item.tag: item for item in ranked if item.support}
    if not by_tag:
        st.info("No stored post speaks for or against these hashtags yet.")
        return
    item = by_tag[
        st.selectbox("Evidence for", list(by_tag), format_func=lambda tag: f"#{tag}", key="why")
    ]
    st.write(
        f"**{points(item.score)} points**: the average of these {item.support} posts' lifts, "
        "each weighted by its similarity to your photo."
    )
    with st.grid("auto", min_column_width=170):
        for post in sorted(item.evidence, key=lambda post: -post.similarity):
            with st.container(border=True, height="stretch"):
                picture = resources.store().image(post.image_sha256)
                if picture:
                    st.image(picture, width="stretch", alt=inputs.alt(post.image_sha256))
                st.markdown(f"similarity **{post.similarity:.2f}**")
                st.caption(
                    f"{percent(post.rate)} against {percent(post.usual_rate)} as usual: "
                    f"{points(post.lift)} points. An account with {followers(post.followers)}."
                )
                inputs.credit(post.image_sha256)


with frame.page("Hashtags", "Which hashtags go best with this photo, and why?"):
    photo, account = inputs.photo_and_account()

    left, right = st.columns([1, 2])
    with left:
        inputs.show_chosen(photo)
        limit = limit_input()
        st.text_input(
            "Add your own",
            key="own-tag",
            placeholder="#yourhashtag",
            on_change=add_own,
            max_chars=200,
            help="Scored like the others where its top posts are stored.",
        )
        denominator = denominator_input()

    ranked = resources.recommender().rank_hashtags(
        photo.image, account, state.own_hashtags(), denominator
    )
    if not ranked:
        st.info(
            "No hashtag has evidence yet: none of the stored top posts has a picture, visible "
            "likes and a known owner. Collect more, or try the demo.",
            icon=":material/search_off:",
        )
        st.stop()
    if account.profile.source != "demo":  # else the notice stands already
        frame.demo_notice(sources_of(account, ranked))
    if not resources.store().hashtags_used(account.profile.handle):
        st.info("This account has used no hashtags so far, so the search began with common ones.")

    with right:
        chosen = choose_set(ranked, limit, f"{account.profile.handle}-{photo.sha256[:16]}")
        copy_box(chosen)
        st.page_link(
            "pages/engagement.py",
            label="See the engagement to expect",
            icon=":material/monitoring:",
        )
    st.subheader("Scores")
    st.caption(
        "How much better than usual the top posts of each hashtag did, in percentage points of "
        "followers, weighted by similarity to your photo. Bars: 80 % interval. An association "
        "seen on top posts, not a promise."
    )
    st.altair_chart(
        hashtag_chart(ranked, chosen.tags),
        alt="Scores of all candidate hashtags with intervals around zero, your usual",
    )
    with st.expander("All figures"):
        table(ranked)
    st.subheader("Evidence")
    evidence(ranked)
