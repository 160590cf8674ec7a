"""The chosen photo's hashtags in order, the posts that speak for each, and the set to copy."""

from typing import get_args

import pandas as pd
import streamlit as st

from socialsense.accounts import Account, sources_of
from socialsense.answers import HashtagSet, RankedHashtag
from socialsense.charts import hashtag_chart, photo_chart
from socialsense.hashtag_text import find_hashtags
from socialsense.platforms import SELECTABLE, hashtag_limit
from socialsense.types import DEMO, Denominator, Mode
from socialsense.ui import frame, inputs, resources, state
from socialsense.ui.clipboard import copy_button
from socialsense.ui.evidence import evidence
from socialsense.words import cautions, chance, change

DENOMINATORS = {"weight": "the sum of similarities", "count": "the number of posts (2020)"}
SCORES = {
    "calibrated": "How much more than usual the accounts behind each hashtag's top posts got with "
    "them, for posts like your photo: corrected for selection and drawn towards no effect where "
    "evidence is thin. Bars: 80 % interval. Pale: no clear effect. An association, not a promise.",
    "faithful": "How much better than usual the top posts of each hashtag did, in percentage "
    "points of followers, weighted by similarity to your photo. Bars: 80 % interval. An "
    "association seen on top posts, not a promise.",
}


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
    """The two readings of the formula of 2020; the brief's is the default."""
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


def choose_set(ranked: tuple[RankedHashtag, ...], limit: int, mode: Mode, key: str) -> HashtagSet:
    """Pills to drop and add; starts from the best set."""
    by_tag = {item.tag: item for item in ranked}
    picked = st.pills(
        "Your set: tap to drop or add",
        list(by_tag),
        selection_mode="multi",
        default=list(resources.recommender().best_set(ranked, limit, mode).tags),
        format_func=lambda tag: f"#{tag}",
        key=f"set-{key}-{limit}",
        wrap=True,
        persist_state="session",
    )
    kept = [by_tag[tag] for tag in picked if tag in by_tag]
    state.keep_set(key, kept)
    return HashtagSet(tuple(kept))


def copy_box(chosen: HashtagSet) -> None:
    """The set as text, with a button, and what to be careful with."""
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
    for text in cautions(chosen.hashtags):
        st.warning(frame.plain(text))


def what_if(chosen: HashtagSet, ranked: tuple[RankedHashtag, ...], mode: Mode) -> None:
    """What dropping or swapping each hashtag would change."""
    rows = [
        {
            "change": f"drop #{item.drop}" if item.add is None else f"#{item.drop} → #{item.add}",
            "engagement": change(item.effect, mode),
            "80 % interval": f"{change(item.low, mode)} to {change(item.high, mode)}",
            "for the better": chance(item.helps),
        }
        for item in resources.recommender().changes(chosen, ranked, mode)
    ]
    with st.expander("What if: drop or swap one"):
        st.dataframe(rows, hide_index=True)


def table(ranked: tuple[RankedHashtag, ...], mode: Mode) -> None:
    """All figures, to read and to download."""
    st.dataframe(
        [
            {
                "hashtag": f"#{item.tag}",
                "score": change(item.score, mode),
                "80 % from": None if item.low is None else change(item.low, mode),
                "80 % to": None if item.high is None else change(item.high, mode),
                "verdict": item.verdict,
                "above usual": None if item.helps is None else 100 * item.helps,
                "similarity": item.similarity,
                "plain lift": change(item.lift, mode),
                "posts": item.support,
                "accounts": item.accounts,
                "you used it": 100 * item.habit,
                "careful": item.caution,
            }
            for item in ranked
        ],
        hide_index=True,
        column_config={
            "similarity": st.column_config.NumberColumn(format="%.2f"),
            "above usual": st.column_config.NumberColumn(format="%.0f %%"),
            "you used it": st.column_config.NumberColumn(format="%.0f %%"),
        },
    )


def other_photos(account: Account, mode: Mode) -> None:
    """The same hashtags for every candidate photo."""
    photos = list(state.photos().values())
    if len(photos) < 2:
        return
    found = resources.recommender().photo_hashtags([p.image for p in photos], account, mode)
    if not found.tags:
        return
    st.subheader("Your photos side by side")
    st.caption("The score of each hashtag for each of your photos: the best ones differ.")
    st.altair_chart(photo_chart(found, mode), alt="Scores of all hashtags for all your photos")
    with st.expander("The same in numbers"):
        shown = [[change(float(score), mode) for score in row] for row in found.scores.T]
        tags = [f"#{tag}" for tag in found.tags]
        st.dataframe(pd.DataFrame(shown, index=tags, columns=list(found.photos)))


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
        mode = inputs.mode_input()
        denominator = denominator_input() if mode == "faithful" else None

    ranked = resources.recommender().rank_hashtags(
        photo.image, account, state.own_hashtags(), denominator, mode
    )
    if not ranked:
        st.info(
            "No hashtag has evidence yet: none of the stored top posts has a picture, visible "
            "likes and a known owner. Collect more, or try the demo.",
            icon=":material/search_off:",
        )
        st.stop()
    if account.profile.source != DEMO:  # else the notice stands already
        frame.demo_notice(sources_of(account, ranked))
    if not resources.store().hashtags_used(account.profile.handle):
        st.info("This account has used no hashtags so far, so the search began with common ones.")

    with right:
        chosen = choose_set(ranked, limit, mode, state.set_key(account, photo, mode))
        copy_box(chosen)
        if not any(item.verdict == "likely above usual" for item in ranked):
            st.write("No hashtag clearly helps here; these suit your photo and your habits best.")
        what_if(chosen, ranked, mode)
        st.page_link(
            "pages/engagement.py",
            label="See the engagement to expect",
            icon=":material/monitoring:",
        )
    st.subheader("Scores")
    st.caption(SCORES[mode])
    st.altair_chart(
        hashtag_chart(ranked, chosen.tags, mode),
        alt="Scores of all candidate hashtags with intervals around zero, your usual",
    )
    with st.expander("All figures"):
        table(ranked, mode)
    st.subheader("Evidence")
    evidence(ranked, mode)
    other_photos(account, mode)
