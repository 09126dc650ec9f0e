"""The reasons are a closed set, and an error carries one of them as a value."""

from trimtab.server.guard.tokens.unfit import REASONS, Unfit, UnfitError


def test_an_error_carries_its_reason():
    assert UnfitError("audience").unfit == Unfit("audience")
    assert str(UnfitError("audience")) == "audience"


def test_reasons_can_be_labels():
    assert len(set(REASONS)) == len(REASONS)
    assert all(reason == reason.lower() and reason.replace(" ", "").isalpha() for reason in REASONS)
