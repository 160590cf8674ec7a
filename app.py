"""The dashboard's router: names the pages. Each page is complete in itself."""

import streamlit as st

from socialsense.ui import frame

PAGES = [
    st.Page(
        "pages/images.py",
        title="Images",
        icon=":material/photo_library:",
        help="Give a handle and photos; see which should attract the most attention.",
        default=True,
    ),
    st.Page(
        "pages/hashtags.py",
        title="Hashtags",
        icon=":material/tag:",
        help="The best hashtags for the chosen photo, and the posts that speak for them.",
    ),
    st.Page(
        "pages/engagement.py",
        title="Engagement",
        icon=":material/monitoring:",
        help="The engagement to expect, beside the account's own history.",
    ),
    st.Page(
        "pages/track_record.py",
        title="Track record",
        icon=":material/fact_check:",
        help="What was predicted and what happened; tell what became of a post.",
    ),
    st.Page(
        "pages/data.py",
        title="Data",
        icon=":material/database:",
        help="What is stored and how fresh; collect more; let the model learn from your posts.",
    ),
]

st.set_page_config(page_icon=str(frame.ICON))  # else the tab's icon comes from a third party
frame.route(st.navigation(PAGES, position="top"), PAGES)
