"""A process that writes to a journal without end, and says which frames are written, and how many are safe.

python tests/doubles/logging_child.py FOLDER UNSYNCED [RUNS]     lines `written NUMBER` and `safe COUNT`
"""

import os
import sys
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.doubles.logging_story import Story

from trimtab.journal.folder import open_folder
from trimtab.journal.segments.files import OS


def say(what: str, number: int) -> None:
    """At once: a line that is in the pipe outlives the process."""
    os.write(1, f"{what} {number}\n".encode())


if __name__ == "__main__":
    folder, unsynced, *runs = sys.argv[1:]
    story = Story(open_folder(Path(folder)), OS, int(unsynced), say)
    for _ in range(int(runs[0])) if runs else count():
        story.run()
    story.end()
