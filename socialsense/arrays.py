"""Names for the arrays that cross borders; shapes stand in the docstrings."""

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
FloatArray = NDArray[np.float32] | NDArray[np.float64]
