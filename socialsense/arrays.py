"""Names for the arrays that cross borders; shapes stand in the docstrings."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
FloatArray = NDArray[np.floating[Any]]
Int64 = NDArray[np.int64]
