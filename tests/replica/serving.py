"""The replica on a port: in a thread for tests, or until Ctrl-C."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.replica.server import Replica

PATIENCE = 10.0


def server(replica: Replica, port: int = 0, level: str = "critical") -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            replica.gate,
            "127.0.0.1",
            port,
            log_level=level,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http="h11",
            timeout_graceful_shutdown=1,
            access_log=level != "critical",
        )
    )


@contextmanager
def served(replica: Replica, port: int = 0) -> Iterator[str]:
    """The address of a replica that answers while the block runs; a free port unless told."""
    running = server(replica, port)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not running.started:
        if time.monotonic() > end or not thread.is_alive():
            raise RuntimeError("the replica did not start; is its port taken?")
        time.sleep(0.005)
    host, at = running.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{at}"
    finally:
        running.should_exit = True
        thread.join(PATIENCE)
