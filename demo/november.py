"""Plays November to a server while challengers are flown, and says afterwards what its flights were answered.

python demo/november.py play URL   until it is terminated: each flight a request of its own, over kept connections
python demo/november.py look       writes scratch/flown.json: what the ledger and the journal have of both flights
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from itertools import count
from typing import Any, Final

import nyc
from keepalive import Connection, RefusedRequestError

MONTH: Final = 11
CONNECTIONS: Final = 4
PAUSE_S: Final = 0.01  # between two requests of a connection: some hundred a second, not as many as there could be
BEFORE_S: Final = 3  # of the first flight are looked at too
WATCHED: Final = """
    SELECT floor(epoch(time)) - {began} AS second, coalesce(nullif(arm, ''), 'champion') AS arm,
        count(DISTINCT id) AS answers, count(DISTINCT id) FILTER (status >= 500) AS errors
    FROM interactions WHERE epoch(time) >= {began} - {before} GROUP BY ALL ORDER BY ALL
"""


async def play(url: str) -> None:
    """November again and again; a flight that gets no answer is the next one's fault in nothing."""
    november = nyc.flights()
    lines = nyc.ask_line(nyc.requests(november[november["month"] == MONTH]))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    numbers, refused = count(), 0

    async def work() -> None:
        nonlocal refused
        connection = await Connection.open(url)
        while not ended.is_set():
            try:
                await connection.ask(f"[{lines[next(numbers) % len(lines)]}]".encode())
            except RefusedRequestError:
                refused += 1
            if connection.closing:
                await connection.close()
                connection = await Connection.open(url)
            await asyncio.sleep(PAUSE_S)
        await connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(work())
    asked = next(numbers)
    (nyc.WORK / "november.json").write_text(json.dumps({"asked": asked, "refused": refused}) + "\n")
    print(f"{asked:,} flights of November asked about, {refused:,} without an answer")


def look() -> None:
    """The two flights, and second by second what each arm has answered."""
    from trimtab.journal.query import open_journal

    command = [sys.executable, "-m", "trimtab", "flights", "--ledger", "scratch/ledger", "--json"]
    said = subprocess.run(command, cwd=nyc.DEMO, capture_output=True, text=True, check=True).stdout
    flights = json.loads(said)["flights"]
    with open_journal(nyc.WORK / "journal") as journal:
        seconds = journal.sql(WATCHED.format(began=int(flights[0]["began"]), before=BEFORE_S)).fetchall()
    flown: dict[str, Any] = {"flights": flights, "seconds": seconds}
    flown |= json.loads((nyc.WORK / "november.json").read_text())
    (nyc.WORK / "flown.json").write_text(json.dumps(flown, default=float) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "play":
        asyncio.run(play(sys.argv[2]))
    else:
        look()
