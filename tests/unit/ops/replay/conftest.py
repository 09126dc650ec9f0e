"""A report with something in every part."""

import pytest
from tests.doubles.replayed import EVIL, evil_report


@pytest.fixture
def report():
    return evil_report()


@pytest.fixture
def evil():
    return EVIL
