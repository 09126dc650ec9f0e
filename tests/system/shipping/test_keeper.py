"""From what a server has written to folder, store and topic, by the keeper's own program; then one is forgotten."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.doubles.logged import DAY, NOON
from tests.doubles.people import People
from tests.system.shipping.conftest import AWS, digests

from trimtab.journal.folder import Folder
from trimtab.journal.privacy.forget import Patience, forget
from trimtab.journal.privacy.keys import open_keys
from trimtab.journal.ship import shipping_status


def keep(journal, *texts):
    """One pass of the keeper."""
    command = [sys.executable, "-m", "trimtab.journal.seal.program", str(journal)]
    for text in texts:
        command += ["--ship", text]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, **AWS})
    assert ran.stderr == ""
    told = json.loads(ran.stdout)
    assert (told["problems"], ran.returncode) == ([], 0)


def test_what_was_written_arrives_and_what_was_forgotten_goes(journal, bucket, brokers, topic, tmp_path):
    folder = Folder(journal)
    keys = open_keys(folder)
    people = People(folder, keys)
    for _ in range(20):
        people.tell("truth", people.ask("anna", "bert"), "anna")
    people.tell("feedback", people.ask("carl"), "carl")
    people.end()
    (tmp_path / "archive").mkdir()
    text, content = bucket
    broker = brokers()
    texts = (f"file://{tmp_path}/archive", text, f"kafka://{broker}/journal")

    keep(journal, *texts)
    assert [(one.waiting, one.shipped) for one in shipping_status(journal)] == [(0, 3)] * 3
    assert digests(tmp_path / "archive") == digests(journal)
    before = {key: value for key, value, _, _ in topic(broker)}
    assert len(before) == 41 + 20 + 1
    assert any("anna" in str(value) for value in before.values())
    times = {value["time"] for value in before.values() if value["stream"] == "interactions"}
    assert all(time.startswith("2026-02-") and time.endswith("Z") for time in times)

    forget(folder, keys, "anna", Patience(seconds=0, clock=lambda: NOON + 9 * DAY))
    keep(journal, *texts)
    assert digests(tmp_path / "archive") == digests(journal)
    assert content() == {f"edge 7/{name}": digest for name, digest in digests(journal).items()}
    after = {key: value for key, value, _, _ in topic(broker)}
    assert after.keys() == before.keys()
    left = {key: value for key, value in after.items() if value is not None}
    assert len(left) == 21 + 1
    assert "anna" not in str(left).replace("-anna-", "")  # in `request_id`, which her neighbour's row has as well
    assert people.keys.subject("anna") not in str(left)
