"""One small replica for the tests of a file, and a visitor who finds it as new."""

import pytest

from tests.replica.server import Replica
from tests.replica.serving import served
from tests.replica.visitor import Visitor
from tests.replica.world import World

SMALL = {"accounts": 40, "hashtags": 30, "posts": 900}


@pytest.fixture(scope="module")
def replica():
    return Replica(World(seed=3, **SMALL))


@pytest.fixture(scope="module")
def address(replica):
    with served(replica) as url:
        yield url


@pytest.fixture
def visitor(replica, address):
    replica.faults.programme(seed=1, rate=0.0, kinds=(), delay=0.05)
    replica.faults.clear()
    replica.links.lifetime, replica.embedded = 86_400, True
    replica.gate.log.clear()
    return Visitor(address)


@pytest.fixture
def member(visitor):
    return visitor.login()
