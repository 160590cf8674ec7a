"""A forecast of round numbers."""

from socialsense.engagement import EngagementModel
from socialsense.usual import Curve

MODEL = EngagementModel(
    "test",
    Curve(at=-3.0, slopes=(-0.5, -0.25, -0.125)),
    slope=0.5,
    slope_error=0.125,
    photo=0.25,
    tails=((-1.0, 2.0), (-1.25, 1.5), (-1.0, 1.0), (-0.75, 0.5)),
)
