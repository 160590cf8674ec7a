"""Fetching the files of pictures, by the addresses that posts tell."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from socialsense.errors import SourceError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

LARGEST = 32 * 2**20
"""Bytes of a file."""
TRIES = 3

_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")


class _Trouble(SourceError):
    """May pass by itself within seconds."""


class Pictures:
    """A few connections, to be used from several threads.

    Args:
        wait: seconds before a second try; twice that before the third.
    """

    def __init__(self, wait: float) -> None:
        self._wait = wait

    def fetch(self, url: str) -> bytes | None:
        """The file at an address; None where it is gone. Raises SourceError."""
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        again = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=self._wait),
            retry=retry_if_exception_type(_Trouble),
            reraise=True,
        )
        return again(self._once, url)

    def _once(self, url: str) -> bytes | None:
        from urllib3.exceptions import HTTPError

        if not url.startswith(("https://", "http://")):
            raise _failed("its address is none of the web")
        try:
            response = self._pool.request("GET", url, preload_content=False)
        except HTTPError as error:
            raise _failed(type(error).__name__, _Trouble) from error
        try:
            return _file(response)
        except HTTPError as error:
            raise _failed("it broke off", _Trouble) from error
        finally:
            response.close()  # read to its end, its connection is back in the pool by now

    @cached_property
    def _pool(self) -> PoolManager:
        from urllib3 import PoolManager, Timeout

        return PoolManager(maxsize=8, retries=False, timeout=Timeout(connect=10, read=30))

    def close(self) -> None:
        """Ends the connections."""
        if pool := self.__dict__.pop("_pool", None):
            pool.clear()


def _file(response: BaseHTTPResponse) -> bytes | None:
    if response.status in (404, 410):
        return None
    if response.status >= 500:
        raise _failed(f"its server failed ({response.status})", _Trouble)
    if response.status != 200:
        raise _failed(f"its server refused ({response.status})")
    data = response.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _failed(f"it has more than {LARGEST // 2**20} MB")
    if not _is_picture(data):
        raise _failed("what was sent is no picture")
    return data


def _is_picture(data: bytes) -> bool:
    named = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return data.startswith(_STARTS) or named or data[4:8] == b"ftyp"  # AVIF and HEIC


def _failed(why: str, kind: type[SourceError] = SourceError) -> SourceError:
    return kind(
        f"A picture could not be fetched: {why}.",
        means="Its address may have expired, or the line is disturbed. The post itself is kept.",
        do="Try again later; the post's page has a fresh address.",
    )
