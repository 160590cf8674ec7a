"""Filling the store from a source, page by page, so that it can stop at any moment.

A page's posts and the place reached are kept in one transaction: after a kill the same call
continues there and duplicates nothing.
"""

from socialsense.collect.crawl import collect
from socialsense.collect.demo import collect_demo
from socialsense.collect.plan import Listings, Plan
from socialsense.collect.plans import ForDataset, ForHandle, ForHashtags, plan_of

__all__ = [
    "ForDataset",
    "ForHandle",
    "ForHashtags",
    "Listings",
    "Plan",
    "collect",
    "collect_demo",
    "plan_of",
]
