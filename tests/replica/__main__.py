"""`python -m tests.replica --port 8700 --seed 1 --faults 0.05`: try the product without Instagram.

Any name and password log in. Controls stand under `/_replica/`.
"""

from __future__ import annotations

import argparse

from tests.replica.faults import Faults
from tests.replica.server import Replica
from tests.replica.serving import server
from tests.replica.world import World


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.replica", description=__doc__)
    parser.add_argument("--port", type=int, default=8700)
    parser.add_argument("--seed", type=int, default=1, help="of the world and of its faults")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail")
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--hashtags", type=int, default=150)
    parser.add_argument("--posts", type=int, default=13_000)
    asked = parser.parse_args()
    world = World(asked.seed, asked.accounts, asked.hashtags, asked.posts)
    replica = Replica(world, Faults(asked.seed, asked.faults))
    handle, tag = next(iter(world.people)), world.tags[0]
    print(f"http://localhost:{asked.port}/{handle}/ and /explore/tags/{tag}/")  # noqa: T201
    server(replica, asked.port, level="warning").run()


if __name__ == "__main__":
    main()
