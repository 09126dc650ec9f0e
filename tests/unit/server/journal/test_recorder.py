from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from trimtab.core.signature import Field
from trimtab.core.table import Column, Table
from trimtab.journal.interactions.decode import decode, interaction_of
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema
from trimtab.server.guard.principal import ANYBODY, Principal
from trimtab.server.journal.recorder import Recorder
from trimtab.server.journal.settings import JournalSettings

SCHEMA = Schema("m", "sha256:0", (column_schema(Field("who", "BYTES", (-1,), nullable=True)),), ())
ANN = Principal("key:ann", ())


class Scribe:
    """Remembers what it is given."""

    strict = False

    def __init__(self):
        self.kept, self.counted = [], []

    def keep(self, ended, _later):
        self.kept.append(interaction_of(decode(self.make(*ended)), SCHEMA))
        return "kept"

    def count(self, what, number):
        self.counted.append((what, number))


class Names:
    def tag(self, _nonce, principal):
        return f"({principal})"

    def subject(self, value):
        return f"<{value}>"


@pytest.fixture
def scribe():
    return Scribe()


def recorder(scribe, encoder=lambda _endpoint: Encoder(1, SCHEMA, {}, frozenset()), **settings):
    return Recorder(JournalSettings("unused", **settings), Names(), encoder, scribe)


def trail(recorder, caller=ANYBODY, *names):
    trail = recorder.begin(caller, "endpoint", "rows")
    values = np.array(names, object)
    trail.table = Table({"who": Column(values, values == None)}, len(names))  # noqa: E711 - element by element
    return trail


def test_ids_show_whose_they_are_and_are_given_once(scribe):
    one = recorder(scribe)
    ids = [one.begin(caller, "endpoint", "rows").id for caller in (ANYBODY, ANN, ANN)]
    assert len(set(ids)) == 3
    nonce = ids[0].partition("()-")[0]
    assert len(nonce) == 12
    assert ids == [f"{nonce}()-0", f"{nonce}(key:ann)-1", f"{nonce}(key:ann)-2"]
    assert not recorder(scribe).begin(ANYBODY, "endpoint", "rows").id.startswith(nonce)


def test_what_is_known_of_a_question_becomes_a_record(scribe):
    one = recorder(scribe, subject="who")
    asked = trail(one, ANN, "eve", None)
    asked.request_id, asked.error = "mine", "P318"
    assert one.end(asked, 500, 0.25, None) == "kept"
    (found,) = scribe.kept
    assert (found.id, found.status, found.rows, found.error) == (asked.id, 500, 2, "P318")
    assert (found.principal, found.request_id, found.dialect) == ("key:ann", "mine", "rows")
    assert found.seconds == 0.25
    assert found.subjects == ("<eve>", "")


def test_a_question_is_recorded_once(scribe):
    one = recorder(scribe)
    asked = trail(one)
    assert [one.end(asked, 200, 0.1, None), one.end(asked, 499, 0.2, None)] == ["kept", "kept"]
    assert len(scribe.kept) == 1


@pytest.mark.parametrize(("status", "share"), [(200, 0.0), (500, 1.0), (404, 1.0)])
def test_answers_and_failures_have_shares_of_their_own(scribe, status, share):
    one = recorder(scribe, interactions=0.0, errors=1.0)
    one.end(trail(one), status, 0.1, None)
    assert [found.sampled for found in scribe.kept] == ([share] if share else [])
    assert scribe.counted == ([] if share else [("left out", 1)])


def test_a_row_of_another_column_is_about_nobody(scribe):
    one = recorder(scribe, subject="customer")
    one.end(trail(one, ANYBODY, "eve"), 200, 0.1, None)
    assert scribe.kept[0].subjects == ()


def test_the_same_name_of_another_type_is_another_subject(scribe):
    one = recorder(scribe, subject="who")
    assert SimpleNamespace(a=one._named(1), b=one._named(True)) == SimpleNamespace(a="<1>", b="<True>")


def test_a_question_of_a_flight_has_its_arm_and_how_likely_that_was(scribe):
    one = recorder(scribe)
    flown = trail(one, ANN, "ann")
    flown.flown("challenger's", "challenger", 0.25)
    one.end(flown, 200, 0.5, None)
    one.end(trail(one, ANN, "ann"), 200, 0.5, None)
    assert flown.endpoint == "challenger's"
    assert [(kept.arm, kept.probability, kept.principal, kept.sampled) for kept in scribe.kept] == [
        ("challenger", 0.25, "key:ann", 1.0),
        ("", 1.0, "key:ann", 1.0),
    ]
