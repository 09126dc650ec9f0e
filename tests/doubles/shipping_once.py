"""Ships a journal once for each step that can go wrong: a process that dies, or a disk that fails, at the n-th of them.

`shipping_once.py FOLDER DESTINATION ERRNO STRIDE ROWS...`: each time a new journal below the folder, with files of so
many rows that were in none before, is shipped by a process that ends at one of its steps (ERRNO 0), or has the system
refuse it, and then by one that is left alone. Prints how many steps there are, the ends that there were, and the names
of the journals.
"""

import json
import sys
from pathlib import Path

import confluent_kafka  # noqa: F401 - once, before the forks, which is cheaper
import obstore  # noqa: F401
from tests.doubles.harbour import interactions, seal
from tests.doubles.nth import fail_at, kill_at, left_alone, steps_of

from trimtab.journal.folder import open_folder
from trimtab.journal.ship.lane import Machine
from trimtab.journal.ship.parse import parse_destinations
from trimtab.journal.ship.shipping import open_shipping

FAR = 4e9


def new(folder: Path, number: int, sizes: list[int]) -> Path:
    journal = open_folder(folder / str(number)).path
    first = number * sum(sizes)
    for at, size in enumerate(sizes):
        seal(journal, number * len(sizes) + at, interactions(first, size))
        first += size
    return journal


def ship(journal: Path, text: str, now: float = 0.0) -> None:
    machine = Machine(lambda: now) if now else Machine()
    with open_shipping(journal, parse_destinations([text]), machine=machine) as shipping:
        shipping.run(60)


def main(folder: Path, text: str, code: int, stride: int, sizes: list[int]) -> None:
    first = new(folder, 0, sizes)
    steps = steps_of(lambda: ship(first, text))
    journals, ends, going = ["0"], [], []
    for number in range(0, steps, stride):
        journal = new(folder, number + 1, sizes)
        act = lambda journal=journal: ship(journal, text)  # noqa: E731
        ends.append(fail_at(number, act, code) if code else kill_at(number, act))
        going.append(left_alone(lambda journal=journal: ship(journal, text, FAR)))
        journals.append(journal.name)
    for ended in going:
        ended()
    print(json.dumps({"steps": steps, "ends": sorted(set(ends)), "journals": journals}))


main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), [int(size) for size in sys.argv[5:]])
