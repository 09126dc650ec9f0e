"""A journal with people in it."""

from __future__ import annotations

import pytest
from tests.doubles.people import People

from trimtab.journal.folder import Folder
from trimtab.journal.privacy.keys import Keys, open_keys


@pytest.fixture
def keys(folder: Folder) -> Keys:
    """Those of the journal."""
    return open_keys(folder)


@pytest.fixture
def people(folder: Folder, keys: Keys) -> People:
    """Writes of people into the journal, and finds what is left of them."""
    return People(folder, keys)
