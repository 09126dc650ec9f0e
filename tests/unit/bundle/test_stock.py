"""What a store holds: sizes, what is shared, who has it."""

from trimtab.bundle.stock import stock
from trimtab.bundle.store import Store


def test_shared_bytes_are_those_that_another_bundle_holds(tmp_path, write_bundle):
    store = Store(tmp_path / "store")
    for number, files in enumerate(({"a": b"1" * 10, "b": b"2" * 30, "c": b"2" * 30}, {"a": b"1" * 10}, {"a": b"3"})):
        write_bundle(tmp_path / f"{number}", "m", files)
        store.add(tmp_path / f"{number}")
    del store
    found = {(one.entry.size, one.shared, one.used, one.former) for one in stock(Store(tmp_path / "store"))}
    assert found == {(70, 10, False, False), (10, 10, False, False), (1, 0, False, False)}


def test_an_empty_store_has_nothing(tmp_path):
    assert stock(Store(tmp_path)) == ()
