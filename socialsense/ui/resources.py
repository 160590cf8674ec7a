"""What is loaded once per server: settings, the store, the jobs that fill it, the models."""

import threading

import streamlit as st

from socialsense import parts
from socialsense.answers import Retrained
from socialsense.collect import collect_demo
from socialsense.jobs import Jobs
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


@st.cache_resource(show_spinner=False, max_entries=1, on_release=Jobs.close)
def jobs() -> Jobs:
    """What collects in the background; once begun, it also picks up what was under way before."""
    settings = Settings()
    begun = Jobs(store(), lambda: parts.load("sources", "browser", settings))
    # Python waits for a job's thread before it calls what `atexit` holds: for hours.
    threading._register_atexit(begun.close)  # type: ignore[attr-defined]  # noqa: SLF001
    return begun


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
