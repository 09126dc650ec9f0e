"""BentoML: a service of two workers, its metrics and access log off, arrays by its own type annotation.

Two workers, as many as cores, is what its page on workers advises for models that hold Python's lock. Its adaptive
batching was tried: about the same, and a batch of 1000 rows is refused.
"""

from __future__ import annotations

from typing import Annotated

import bentoml
import numpy as np
from bentoml.validators import DType
from predictors import DTYPES, Predictor, named

Rows = Annotated[np.ndarray, DType(DTYPES[named()])]


@bentoml.service(
    workers=2,
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    traffic={"timeout": 60},
)
class Model:
    """The model as a service."""

    def __init__(self) -> None:
        """Loads the model."""
        self.run = Predictor(named())

    @bentoml.api
    def predict(self, rows: Rows) -> np.ndarray:
        """The answers to the rows."""
        return self.run(rows)
