import pytest

from trimtab.core.signature import Field, Signature, field_from_plain, field_to_plain, signature_from_plain

FIELDS = [
    Field("a", "INT64"),
    Field("b", "FP32", (-1, -1), nullable=True, low=0, high=1.5, frame="float32"),
    Field("c", "BYTES", categories=("x", "y"), frame="category"),
    Field("d", "BYTES", kind="datetime", frame="datetime64[ns, UTC]"),
]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_survives_its_plain_form(field):
    assert field_from_plain(field_to_plain(field)) == field


def test_a_signature_reads_as_people_write_it():
    signature = signature_from_plain(
        {"inputs": [{"name": "tenure", "dtype": "INT64"}], "outputs": [{"name": "probability", "dtype": "FP64"}]}
    )
    assert str(signature) == "tenure INT64[-1] -> probability FP64[-1]"
    assert signature == Signature((Field("tenure", "INT64"),), (Field("probability", "FP64"),))


@pytest.mark.parametrize("plain", [{"name": "a", "dtype": "INT65"}, {"name": "a", "dtype": "BYTES", "kind": "date"}])
def test_unknown_words_are_refused(plain):
    with pytest.raises(ValueError, match="unknown"):
        field_from_plain(plain)
