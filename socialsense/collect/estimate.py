"""How much a plan will ask for, in words, before anything is asked."""

from socialsense.collect.plan import Plan
from socialsense.words import duration

DAY = 86_400


def estimate(plan: Plan, seconds: float, per_day: int, asked: int) -> str:
    """How long a plan takes at most.

    Args:
        plan: what is to be collected.
        seconds: from one page to the next.
        per_day: pages in any 24 hours.
        asked: pages asked for in the last 24 hours.
    """
    pages = plan.requests()
    took = max(pages * seconds, pages // per_day * DAY)
    text = f"At most {pages:,} pages, one every {seconds:g} seconds: {duration(took)}."
    room = max(0, per_day - asked)
    if pages <= room:
        return text
    left = f", of which {room:,} are left" if asked else ""
    return f"{text} It asks for {per_day:,} in 24 hours{left}; then it waits and goes on by itself."
