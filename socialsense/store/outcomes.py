"""What became of the posts that predictions were made for."""

from dataclasses import asdict, dataclass, fields

from sqlalchemy import delete, select

from socialsense.answers import Outcome
from socialsense.store.predictions import Predictions, RecordedPrediction
from socialsense.store.sql import upsert
from socialsense.store.tables import outcomes

_SELECT = select(*(outcomes.c[field.name] for field in fields(Outcome)))


@dataclass(frozen=True, slots=True)
class Tracked:
    """A prediction and what happened to its post; None while that is unknown."""

    recorded: RecordedPrediction
    outcome: Outcome | None


class Outcomes(Predictions):
    """The part of the store that keeps outcomes, one a prediction."""

    def put_outcome(self, outcome: Outcome) -> None:
        """Keep the newest; what a person told stands, and gives way to a person's word alone."""
        key = outcomes.c.prediction_id == outcome.prediction_id
        with self._writing() as connection:  # one writer at a time: nothing comes between
            row = connection.execute(_SELECT.where(key)).one_or_none()
            if row is None or _standing(Outcome(*row)) <= _standing(outcome):
                upsert(connection, outcomes, [asdict(outcome)], "last")

    def outcomes(self, handle: str | None = None) -> tuple[Tracked, ...]:
        """The predictions made for an account, or all, with their outcomes; the latest first."""
        with self._reading() as connection:
            known = {row.prediction_id: Outcome(*row) for row in connection.execute(_SELECT)}
        return tuple(Tracked(item, known.get(item.id)) for item in self.predictions(handle))

    def forget_outcome(self, prediction_id: str) -> None:
        """Take back what is known of a prediction's post."""
        with self._writing() as connection:
            connection.execute(delete(outcomes).where(outcomes.c.prediction_id == prediction_id))


def _standing(outcome: Outcome) -> tuple[bool, float]:
    """Of two, the one that stands compares higher."""
    return outcome.pk is None, outcome.seen_at.timestamp()
