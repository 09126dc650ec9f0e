from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace

import numpy as np
import pytest

from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table
from trimtab.journal.folder import ROTATE
from trimtab.journal.segments.frames import Kind
from trimtab.journal.segments.reader import segments
from trimtab.server.guard.principal import ANYBODY
from trimtab.server.journal.make import Journal
from trimtab.server.journal.settings import JournalSettings

SIGNATURE = Signature((Field("age", "INT64"), Field("mail", "BYTES")), (Field("p", "FP64"),))


def bundle(**privacy):
    return SimpleNamespace(signature=SIGNATURE, privacy=lambda: privacy)


def journal(tmp_path, **settings):
    return Journal(JournalSettings(tmp_path / "journal", **settings))


def faults(made, *bundles):
    with pytest.raises(UserError) as raised:
        made.check({str(at): one for at, one in enumerate(bundles)})
    return [(problem.code, problem.hint) for problem in raised.value.problems]


def test_all_faults_of_policies_and_subject_are_named_at_once(tmp_path):
    made = journal(tmp_path, columns={"agee": "drop", "mail": "bucket 10"}, subject="male")
    assert faults(made, bundle()) == [("P954", ""), ("P355", "did you mean `age`?"), ("P355", "did you mean `mail`?")]


def test_a_policy_of_one_model_is_no_fault_of_another(tmp_path):
    made = journal(tmp_path, columns={"age": "drop"}, subject="who")
    other = SimpleNamespace(signature=Signature((Field("who", "BYTES"),), ()), privacy=dict)
    made.check({"a": bundle(), "b": other})


def test_replicas_share_a_secret_that_must_be_there(tmp_path):
    with pytest.raises(UserError, match="P950"):
        journal(tmp_path, secret=tmp_path / "none")
    (tmp_path / "secret").write_text("x" * 40)
    names = [
        Journal(JournalSettings(tmp_path / folder, secret=tmp_path / "secret")).keys.subject("ann") for folder in "ab"
    ]
    assert names[0] == names[1] != Journal(JournalSettings(tmp_path / "c")).keys.subject("ann")


def ignored(_outcome):
    """Nobody waits for the record."""


def opened(made, story):
    async def within():
        recorder = made.open(asyncio.get_running_loop(), lambda *_: None, lambda *_: None)
        try:
            await story(recorder)
        finally:
            recorder.scribe.close()

    asyncio.run(within())


class Served:
    """What an endpoint is to a recorder."""

    name, digest, signature = "m", "sha256:0", SIGNATURE

    def __init__(self, bundle):
        self.bundle = bundle


def asked(recorder, privacy):
    trail = recorder.begin(ANYBODY, Served(bundle(**privacy)), "rows")
    mail = Column(np.array(["ann@example.org"], object))
    trail.table = Table({"age": Column(np.array([37])), "mail": mail}, 1)
    trail.outputs = {"p": np.array([0.5])}
    return trail


def test_what_packaging_found_stands_before_the_record_and_the_server_may_say_more(tmp_path):
    made = journal(tmp_path, columns={"age": "bucket 10"})

    async def story(recorder):
        outcomes = []
        assert recorder.end(asked(recorder, {"mail": "drop"}), 200, 0.1, outcomes.append) is None
        await asyncio.sleep(0)
        assert outcomes == ["kept"]

    opened(made, story)
    with segments(made.folder) as found:
        frames = [frame for segment in found for frame in segment.frames()]
    assert [frame.kind for frame in frames] == [Kind.SCHEMA, Kind.INTERACTION]
    assert b'"bucket 10"' in frames[0].payload
    assert b'"mail"' not in frames[0].payload
    assert b"ann@" not in frames[1].payload


def test_whoever_touches_a_file_has_all_writers_end_their_segments(tmp_path):
    made = journal(tmp_path)

    async def story(recorder):
        recorder.end(asked(recorder, {}), 200, 0.1, ignored)
        await asyncio.sleep(0)
        (begun,) = made.folder.segments.glob("*.seg")
        (made.folder.segments / ROTATE).touch()
        os.utime(made.folder.segments / ROTATE, (1, 1))
        async with asyncio.timeout(20):
            while True:
                recorder.scribe.look()
                await asyncio.sleep(0.01)
                with segments(made.folder) as found:
                    if [one.name for one in found if not one.locked] == [begun.stem]:
                        break
        recorder.end(asked(recorder, {}), 200, 0.1, ignored)

    opened(made, story)
    assert len(list(made.folder.segments.glob("*.seg"))) == 2
