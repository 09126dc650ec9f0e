"""What is suggested for the columns of a model."""

from __future__ import annotations

import numpy as np

from trimtab.bundle.privacy.kinds import Suggestion
from trimtab.bundle.privacy.suggest import suggest
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column

SIGNATURE = Signature(
    (
        Field("contact", "BYTES"),
        Field("email", "BYTES"),
        Field("age", "FP64"),
        Field("born", "BYTES"),
        Field("birthday", "BYTES", kind="datetime"),
        Field("customer_id", "INT64"),
        Field("name", "BYTES"),
        Field("product_name", "BYTES"),
        Field("what", "BYTES"),
        Field("phone", "BYTES"),
        Field("tenure", "INT64"),
        Field("gender", "INT8"),
    ),
    (Field("email", "BYTES"), Field("probability", "FP64")),
)


def texts(*values: str) -> Column:
    array = np.empty(len(values), object)
    array[:] = values
    return Column(array)


COLUMNS = {
    "contact": texts("anna@example.org", "bert@example.org"),
    "age": Column(np.array([30.0, np.nan]), np.array([False, True])),
    "name": texts("Anna Schmidt", "Bert Brecht"),
    "product_name": texts("large box", "small box"),
    "what": texts(
        "it did not work at all, so I sent it back", "nobody answers the phone", "came late and was broken, alas"
    ),
    "phone": texts("yes", "no"),
}


def test_values_go_before_names_and_names_are_held_against_values():
    assert suggest(SIGNATURE, COLUMNS) == {
        "contact": Suggestion("drop", "values are e-mail addresses"),
        "email": Suggestion("drop", "named like an e-mail address"),
        "age": Suggestion("bucket 10", "named like an age"),
        "birthday": Suggestion("bucket year", "named like a date of birth"),
        "customer_id": Suggestion("tokenise", "named like an identifier of a person"),
        "name": Suggestion("drop", "values look like names of persons"),
        "what": Suggestion("drop", "values are free text"),
        "gender": Suggestion("drop", "named like gender, origin, belief or health"),
    }


def test_without_values_names_decide():
    found = suggest(SIGNATURE)
    assert list(found) == ["email", "age", "birthday", "customer_id", "phone", "gender"]
    assert found["phone"] == Suggestion("drop", "named like a phone number")


def test_what_somebody_says_goes_first():
    found = suggest(SIGNATURE, COLUMNS, {"email": "keep", "tenure": "bucket 12", "contact": "hash"})
    assert found["email"] == Suggestion("keep", "said in trimtab.toml")
    assert found["tenure"].policy == "bucket 12"
    assert found["contact"].policy == "hash"
    assert found["age"].policy == "bucket 10"


def test_the_same_sample_gives_the_same_suggestions():
    assert list(suggest(SIGNATURE, COLUMNS).items()) == list(
        suggest(SIGNATURE, dict(reversed(COLUMNS.items()))).items()
    )
