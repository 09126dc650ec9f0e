from trimtab.ops.check.live import live_digest


def test_nothing_is_live_where_nothing_was_released():
    assert live_digest((), "prod", "churn") == ""
