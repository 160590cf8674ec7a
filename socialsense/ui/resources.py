"""What is loaded once per server: settings, the store, the models."""

import streamlit as st

from socialsense.answers import Retrained
from socialsense.collect import collect_demo
from socialsense.recommend import Recommender
from socialsense.settings import Settings
from socialsense.sources.demo import Demo
from socialsense.sources.demo import load as load_demo
from socialsense.store import Store


@st.cache_resource(show_spinner="Opening the store…", max_entries=1)
def store() -> Store:
    """The database, with the demo in it."""
    settings = Settings()
    opened = Store.open(settings.store_url, settings.images_dir)
    collect_demo(opened)
    return opened


@st.cache_resource(show_spinner="Loading the models…", max_entries=1)
def recommender() -> Recommender:
    """The models, on the store."""
    return Recommender.load(store(), Settings())


def retrain(handle: str) -> Retrained:
    """Train a ranking on an account's own posts. Raises InputError, ModelError."""
    from socialsense.train.own_popularity import retrain  # scikit-learn, for who asks for it

    return retrain(handle, store(), Settings())


@st.cache_resource(max_entries=1)
def demo() -> Demo:
    """The demo's samples and credits."""
    return load_demo(Settings())
