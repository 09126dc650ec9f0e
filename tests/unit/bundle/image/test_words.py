"""Words of a user, before they stand in an image."""

import pytest

from trimtab.bundle.image.words import created_of, labels_of
from trimtab.core.errors import UserError


def test_labels_are_keys_and_values():
    assert labels_of(("a=b", "org.x/y=c=d", "empty=")) == {"a": "b", "org.x/y": "c=d", "empty": ""}
    for word in ("novalue", "=x", "a b=c", "a\n=c"):
        with pytest.raises(UserError, match="P278"):
            labels_of((word,))


def test_the_time_is_the_one_that_reproducible_builds_hand_over():
    assert created_of("0") == "1970-01-01T00:00:00Z"
    assert created_of("1700000000") == "2023-11-14T22:13:20Z"
    for text in ("now", "", "9" * 30):
        with pytest.raises(UserError, match="P278"):
            created_of(text)
