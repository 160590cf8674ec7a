"""Predictions as they were made, to be compared later with what happened."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from socialsense.answers import Prediction
from socialsense.store.database import Database
from socialsense.store.sql import upsert
from socialsense.store.tables import predictions

_FIELDS = [field.name for field in fields(Prediction)]


@dataclass(frozen=True, slots=True)
class RecordedPrediction:
    """A prediction with the photo and hashtags it was made for, and the models behind it."""

    id: str
    image_sha256: str
    tags: tuple[str, ...]
    models: Mapping[str, str]
    prediction: Prediction
    made_at: datetime

    @property
    def handle(self) -> str:
        """The account it was made for."""
        return self.prediction.handle


class Predictions(Database):
    """The part of the store that keeps predictions."""

    def put_prediction(
        self,
        image_sha256: str,
        tags: Sequence[str],
        models: Mapping[str, str],
        prediction: Prediction,
        made_at: datetime,
    ) -> str:
        """Record a prediction; gives its id. The same one again keeps its first time."""
        row = {
            "image_sha256": image_sha256,
            "tags": json.dumps(list(tags), ensure_ascii=False),
            "models": json.dumps(dict(models), ensure_ascii=False, sort_keys=True),
            **asdict(prediction),
        }
        row["id"] = sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()
        row["made_at"] = made_at
        with self._writing() as connection:
            upsert(connection, predictions, [row], "first")
        return str(row["id"])

    def predictions(self, handle: str | None = None) -> tuple[RecordedPrediction, ...]:
        """Those made for an account, or all; the latest first."""
        table = predictions.c
        statement = select(
            table.id,
            table.image_sha256,
            table.tags,
            table.models,
            table.made_at,
            *(table[name] for name in _FIELDS),
        ).order_by(table.made_at.desc(), table.id)
        if handle is not None:
            statement = statement.where(table.handle == handle)
        with self._reading() as connection:
            return tuple(
                RecordedPrediction(
                    identity, image, tuple(json.loads(tags)), json.loads(models),
                    Prediction(*numbers), made_at,
                )
                for identity, image, tags, models, made_at, *numbers
                in connection.execute(statement)
            )  # fmt: skip
