"""Deaths within the budget are mended at once."""

from trimtab.server.workers.budget import Budget


def test_the_budget_is_spent_within_a_window_and_comes_back_after_it():
    budget = Budget(2, 10.0)
    assert [budget.spend(now) for now in (0.0, 1.0, 2.0)] == [True, True, False]
    assert budget.spend(10.5) is False  # 1.0, 2.0 and this one
    assert budget.spend(30.0) is True


def test_slow_deaths_are_always_within_it():
    budget = Budget(1, 1.0)
    assert all(budget.spend(now * 1.5) for now in range(20))
