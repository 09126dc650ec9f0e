"""Many flights: the same whoever plays them."""

from trimtab.ops.simulate.play import Runs, play
from trimtab.ops.simulate.source import Described


def test_a_seed_gives_the_same_flights_and_another_one_others(plan, world):
    source = Described(world)
    once = play(plan, source, Runs(8, seed=3))
    assert once == play(plan, source, Runs(8, seed=3))
    assert once != play(plan, source, Runs(8, seed=4))


def test_more_processes_give_the_same(plan, world):
    source = Described(world)
    assert play(plan, source, Runs(51, processes=2)) == play(plan, source, Runs(51))


def test_flights_begin_over_the_days_evenly(plan, world):
    begun = []

    class Noting:
        def __init__(self):
            self.world = world

        def draw(self, stretch, chance):
            begun.append(stretch.begin)
            return Described(world).draw(stretch, chance)

    play(plan, Noting(), Runs(4, days=2.0, since=1000.0))
    days = {int((time - 1000.0) // 43_200) for time in begun}
    assert days == {0, 1, 2, 3}
