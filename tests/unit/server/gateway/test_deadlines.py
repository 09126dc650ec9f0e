from __future__ import annotations

from trimtab.server.gateway.deadlines import Deadlines


class Waiting:
    def __init__(self, deadline: float, deadlines: Deadlines) -> None:
        self.deadline, self.told, self._deadlines = deadline, [], deadlines
        deadlines.waiting.add(self)

    def late(self, now: float) -> None:
        self.told.append(now)
        self._deadlines.waiting.discard(self)


def test_those_whose_time_is_up_are_told_and_may_leave_meanwhile():
    deadlines = Deadlines()
    ones = [Waiting(at, deadlines) for at in (1.0, 2.0, 3.0)]
    deadlines.look(2.0)
    assert [one.told for one in ones] == [[2.0], [2.0], []]
    assert deadlines.waiting == {ones[2]}
