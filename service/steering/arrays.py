"""The few array types the steering code speaks in."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

IntArray: TypeAlias = npt.NDArray[np.integer]
"""Rows, tokens, offsets: any integer width, since artifacts choose the narrowest that fits."""

FloatArray: TypeAlias = npt.NDArray[np.floating]
"""Scores and logits."""

BoolArray: TypeAlias = npt.NDArray[np.bool_]
"""Masks over rows or classes."""
