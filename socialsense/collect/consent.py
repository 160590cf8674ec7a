"""What a person has to agree to before anything is collected from a site."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from socialsense.errors import PersonNeeded

if TYPE_CHECKING:
    from socialsense.store import Store

RISK = (
    "Instagram's terms forbid collecting by machine without its permission. It may limit, lock or "
    "close the account that you are logged in with. Socialsense opens pages in a browser of its "
    "own, as you would, one every few seconds and a few hundred a day. It hides nothing, stops at "
    "the first check of your account, and stores no password. What it reads stays on this machine; "
    "other people's posts are theirs: do not publish them."
)
ACCEPT = "I have read this and accept the risk for my account."


def accept_risk(store: Store, site: str) -> None:
    """The person has read RISK and said ACCEPT."""
    store.give_consent(site, f"{RISK} {ACCEPT}", datetime.now(UTC))


def check_consent(store: Store, site: str) -> None:
    """Raises PersonNeeded where the person has not agreed."""
    if store.consent(site) is None:
        raise PersonNeeded(
            f"Collecting from {site} is off.",
            means=RISK,
            do="Agree to it first: on the Data page, or with --accept-risk on the command line.",
            kind="consent",
        )
