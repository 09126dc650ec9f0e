"""What recorded answers meant, as far as the bundles that gave them are at hand."""

from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.manifest import Manifest, signature_to_plain
from trimtab.bundle.store import Store
from trimtab.core.signature import Field, Signature
from trimtab.ops.replay.past import meanings, past_in

X = Field("x", "FP64")
ONE = Field("y", "FP64", (-1, 2), categories=("a", "b"))
OTHER = Field("y", "FP64", (-1, 2), categories=("b", "a"))


def known(**revisions):
    return {name: Signature((X,), fields) for name, fields in revisions.items()}.get


def test_outputs_that_all_had_with_the_same_classes_have_a_meaning():
    past = known(one=(ONE, X), two=(ONE,), three=(OTHER,))
    assert meanings(["one", "two", "one"], past) == {"y": ONE, "x": X}
    assert meanings(["one", "three"], past) == {"x": X}
    assert meanings(["one", "unknown"], past) == {}


def test_a_revision_is_looked_up_by_its_manifest_alone(tmp_path):
    store = Store(tmp_path / "store")
    made = tmp_path / "made"
    made.mkdir()
    signature = Signature((X,), (ONE,))
    draft = Manifest(name="small", flavour="python", signature=signature_to_plain(signature), files={})
    write_manifest(made, draft)
    digest = store.add(made)
    past = past_in(store)
    assert past(digest).outputs == (ONE,)
    for none in ("", "small", "sha256:" + "0" * 64, digest[:-1], f"../{digest}"):
        assert past(none) is None
