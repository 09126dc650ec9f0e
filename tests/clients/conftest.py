"""Where the server is that the clients of others talk to; `tests/system/test_clients.py` runs them elsewhere."""

import os

import numpy as np
import pytest


@pytest.fixture
def http():
    """Host and port of the HTTP listener."""
    return os.environ["TRIMTAB_HTTP"]


@pytest.fixture
def grpc():
    """Host and port of the gRPC listener."""
    return os.environ["TRIMTAB_GRPC"]


@pytest.fixture
def columns():
    """Two rows for the model in `tests/doubles/serve.py`: name to datatype and values."""
    return {
        "age": ("INT64", np.array([1, 2], np.int64)),
        "plan": ("BYTES", np.array(["plus", "basic"], object)),
        "spend": ("FP64", np.array([0.1, 1e300])),
        "city": ("BYTES", np.array(["é", "x" * 5000], object)),
    }
