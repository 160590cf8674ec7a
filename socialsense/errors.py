"""Everything that can go wrong, in one tree.

    SocialsenseError
    ├── InputError                what a person gave cannot be used as it is
    │   ├── ImageError            a file is no picture, is cut off, or is too large
    │   ├── HandleError           a handle Instagram could not have given
    │   └── Busy                  somebody is at it already
    ├── AccountError              an account is known to be of no use here
    │   ├── UnknownAccount        nothing is stored about it
    │   ├── PrivateAccount        its posts are not public
    │   └── NoHistory             no followers, or no post whose likes are known
    ├── SourceError               a source of data failed or has changed
    │   ├── PageChanged           a page no longer has the shape that is known
    │   ├── Missing               what was asked for is not there
    │   ├── Withheld              it is there, but not for this visitor
    │   ├── AskedToWait           too much was asked for in a short time
    │   └── PersonNeeded          nothing may be asked for until the person has acted
    ├── ModelError                weights are missing, damaged, or of another model
    ├── UnknownPart               no embedder, source or model of that name
    └── StoreError                the database cannot be reached, read or understood

Errors of other libraries are mapped to these once, in the part that meets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SocialsenseError(Exception):
    """Says what happened, what it means, and what to do, each one sentence or two."""

    def __init__(self, what: str, *, means: str, do: str) -> None:
        super().__init__(what, means, do)
        self.what = what
        self.means = means
        self.do = do

    def __str__(self) -> str:
        return f"{self.what} {self.means} {self.do}"


class InputError(SocialsenseError):
    """What a person gave cannot be used as it is."""


class ImageError(InputError):
    """A file cannot be used as a picture; the message names the file."""


class HandleError(InputError):
    """A handle that Instagram could not have given."""


class Busy(InputError):
    """What was asked for is being done already, by another process or page."""


class AccountError(SocialsenseError):
    """An account is known to be of no use for what was asked."""


class UnknownAccount(AccountError):
    """Nothing is stored about the account."""


class PrivateAccount(AccountError):
    """The account's posts are not public."""


class NoHistory(AccountError):
    """The account has no followers, or no post whose likes are known."""


class SourceError(SocialsenseError):
    """A source of data failed, or no longer looks as it did."""


class PageChanged(SourceError):
    """A page no longer has the shape that is known; `keys` names what stood there instead.

    `payload` is what was sent, where it is to be kept.
    """

    def __init__(
        self,
        what: str,
        *,
        means: str,
        do: str,
        keys: tuple[str, ...] = (),
        payload: str | None = None,
    ) -> None:
        super().__init__(what, means=means, do=do)
        self.keys = keys
        self.payload = payload


class Missing(SourceError):
    """What was asked for is not there, or no longer."""


class Withheld(SourceError):
    """What was asked for is there, but not for this visitor."""


class AskedToWait(SourceError):
    """Too much was asked for in a short time; `until` is when to go on, where that is known."""

    def __init__(self, what: str, *, means: str, do: str, until: datetime | None = None) -> None:
        super().__init__(what, means=means, do=do)
        self.until = until


class PersonNeeded(SourceError):
    """Nothing may be asked for until the person has acted; `kind` is the wall's, say challenge."""

    def __init__(self, what: str, *, means: str, do: str, kind: str = "login") -> None:
        super().__init__(what, means=means, do=do)
        self.kind = kind


class ModelError(SocialsenseError):
    """Weights are missing, damaged, or those of another model."""


class UnknownPart(SocialsenseError):
    """No source, embedder or model has that name."""


class StoreError(SocialsenseError):
    """The database cannot be reached, read or understood."""
