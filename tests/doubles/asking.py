"""People who ask a served model 20 times a second, and a project in which its challenger is flown."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass

RATE = 20.0
PROJECT = """name = "m"
[model]
path = "m:a"
[flight]
steps = [10, 50]
watch = "3s"
give_up = "90s"
minimum = 10
[limits]
errors = { at_most = 0.1 }
p50 = { worse_by = 2.0 }
shift = { at_most = 1.0 }
"""


@dataclass
class Answer:
    """at: on the monotonic clock, when it came."""

    at: float
    status: int
    revision: str
    seconds: float
    y: float | None


class People:
    """Ask at a steady rate, whatever becomes of those before."""

    def __init__(self, flown, do="sleep 0.03"):
        self.flown, self.do = flown, do
        self.answers: list[Answer] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.come)
        self.asking: list[threading.Thread] = []

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        for one in self.asking:
            one.join(60)

    def come(self):
        begin, number = time.monotonic(), 0
        while not self.stop.wait(max(begin + number / RATE - time.monotonic(), 0)):
            one = threading.Thread(target=self.ask, args=(4.0 + number % 2 / 2,))
            one.start()
            self.asking.append(one)
            number += 1

    def ask(self, x):
        begin = time.monotonic()
        connection = self.flown.connection()
        body = json.dumps([{"x": x, "do": self.do}])
        try:
            connection.request("POST", "/v1/models/m/rows", body, {"content-type": "application/json"})
            response = connection.getresponse()
            said = json.loads(response.read())
            revision, status = response.getheader("x-trimtab-revision") or "", response.status
            y = said["rows"][0]["y"] - 2 * x if status == 200 else None
        except (OSError, http.client.HTTPException) as error:
            revision, status, y = str(error), 0, None
        finally:
            connection.close()
        now = time.monotonic()
        self.answers.append(Answer(now, status, revision, now - begin, y))

    def of(self, revision):
        return [one for one in self.answers if one.revision == revision]


def ended(child, seconds=100):
    """The exit status."""
    return child.process.wait(seconds)


def bad(answer):
    return answer.status != 200 or answer.seconds > 0.08 or bool(answer.y)


def exposed_s(answers):
    return max(one.at for one in answers) - min(one.at for one in answers) if answers else 0.0
