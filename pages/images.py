"""Handle and photos in; photos out, in the order of expected popularity."""

import streamlit as st

from socialsense.answers import RankedImage
from socialsense.cards import read_card
from socialsense.settings import Settings
from socialsense.ui import frame, inputs, resources, state
from socialsense.words import against_next, percent, percentile, reasons, took_over

SORTS = ("expected popularity", "name", "order added")


def ordered(ranked: tuple[RankedImage, ...], sort: str | None) -> list[RankedImage]:
    """The ranked photos in the order a visitor asked for."""
    if sort == "name":
        return sorted(ranked, key=lambda item: item.name.casefold())
    if sort == "order added":
        added = list(state.photos())
        return sorted(ranked, key=lambda item: added.index(item.sha256))
    return list(ranked)


def card(item: RankedImage) -> None:
    """One photo with its rank, and what can be done with it."""
    chosen = state.chosen_photo()
    is_chosen = chosen is not None and chosen.sha256 == item.sha256
    with st.container(border=True, height="stretch"):
        st.image(
            state.photos()[item.sha256].jpeg,
            width="stretch",
            alt=f"Your photo {item.name}, rank {item.rank}",
        )
        st.markdown(f"**{item.rank}.** {frame.plain(item.name)}")
        standing = f"score {item.score:+.2f}, {percentile(item)}"
        lines = (standing, against_next(item), reasons(item.reasons))
        st.caption("  \n".join(line[0].upper() + line[1:] for line in lines if line))
        inputs.credit(item.sha256)
        st.space("stretch")
        with st.container(horizontal=True):
            st.button(
                "Chosen" if is_chosen else "Choose",
                key=f"choose-{item.sha256}",
                type="primary" if is_chosen else "secondary",
                icon=":material/check:" if is_chosen else None,
                on_click=state.choose_photo,
                args=(item.sha256,),
                help=f"Find hashtags for {item.name}",
            )
            st.button(
                "Remove",
                key=f"remove-{item.sha256}",
                on_click=state.remove_photo,
                args=(item.sha256,),
                help=f"Take {item.name} out of the comparison",
            )


def trust(model: str, settings: Settings) -> None:
    """Which model ranked, and how far it can be trusted: what its card says."""
    name = frame.plain(model)
    if not (settings.models_dir / "popularity" / model / "card.json").exists():
        st.caption(f"Ranked by the popularity model “{name}”, which others published.")
        return
    st.caption(f"Ranked by the popularity model “{name}”.")
    with st.expander(f"How far to trust “{name}”", icon=":material/info:"):
        card = read_card(settings.models_dir, "popularity", model)
        st.write(frame.plain(card.summary))
        st.write(f"Trained on {frame.plain(card.trained_on)}.")
        figure = card.metrics.get("models", {}).get(model)
        if figure:
            st.write(
                "Of two photos of one account it has never seen, it finds the one with more likes "
                f"in {percent(figure['value'])} of pairs ({percent(figure['low'])} to "
                f"{percent(figure['high'])}); chance is 50 %."
            )
        st.caption(f"The whole card: models/popularity/{name}/card.json")


with frame.page(
    "Images", "Which photo will attract the most attention? Photos stay on this machine."
):
    left, right = st.columns(2)
    with left:
        inputs.handle_input()
        account = inputs.account_or_words()
    with right:
        inputs.photo_drop()

    if not state.photos():
        st.subheader("New here?")
        st.write("See the whole way with a fictional account and openly licensed photos.")
        st.button("Try the demo", type="primary", key="try-demo", on_click=inputs.start_demo)
        st.stop()

    recommender = resources.recommender()
    if recommender.popularity_problem:
        frame.warn(recommender.popularity_problem, took_over(recommender.popularity_name))
    ranked = recommender.rank_images([photo.image for photo in state.photos().values()], account)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort = st.segmented_control(
            "Sort by", SORTS, default=SORTS[0], key="sort", persist_state="session"
        )
        st.button("Remove all", key="remove-all", on_click=state.remove_all_photos)
    with st.grid("auto", min_column_width=230):
        for item in ordered(ranked, sort):
            card(item)
    if state.chosen_photo():
        st.page_link(
            "pages/hashtags.py", label="Find hashtags for the chosen photo", icon=":material/tag:"
        )
    else:
        st.info("Choose a photo to find its hashtags.", icon=":material/touch_app:")
    trust(recommender.popularity_name, recommender.settings)
