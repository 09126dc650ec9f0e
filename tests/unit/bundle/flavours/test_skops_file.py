from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np

from trimtab.bundle.flavours.skops_file import content, steady, stored_zip


def plain(value: Any, number: int) -> dict[str, Any]:
    return {"__loader__": "JsonNode", "content": json.dumps(value), "__id__": number}


def dumped(schema: Any, files: dict[str, bytes] | None = None) -> bytes:
    return stored_zip({**(files or {}), "schema.json": json.dumps(schema).encode()})


def schema_of(data: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return json.loads(archive.read("schema.json"))


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def test_addresses_do_not_count() -> None:
    one = {"__loader__": "ListNode", "__id__": 1001, "content": [plain(1, 55), plain(2, 66), plain(1, 55)]}
    two = {"__loader__": "ListNode", "__id__": 90, "content": [plain(1, 8), plain(2, 1), plain(1, 8)]}
    assert steady(dumped(one)) == steady(dumped(two))
    assert content(dumped(one)) == content(dumped(two))


def test_objects_that_were_one_stay_one_and_two_stay_two() -> None:
    shared = {"__loader__": "ListNode", "content": [], "__id__": 7}
    other = {"__loader__": "ListNode", "content": [], "__id__": 9}
    once = schema_of(steady(dumped({"__loader__": "ListNode", "__id__": 1, "content": [shared, shared]})))
    twice = schema_of(steady(dumped({"__loader__": "ListNode", "__id__": 1, "content": [shared, other]})))
    assert [node["__id__"] for node in once["content"]] == [2, 2]
    assert [node["__id__"] for node in twice["content"]] == [2, 3]
    assert content(dumped(once)) == content(dumped(twice))


def test_equal_plain_values_have_one_number_wherever_they_lay() -> None:
    found = schema_of(steady(dumped({"__id__": 1, "content": [plain("a", 2), plain("a", 3), plain("b", 4)]})))
    assert [node["__id__"] for node in found["content"]] == [2, 2, 3]


def test_sets_are_in_the_order_of_their_values() -> None:
    one = {"__loader__": "SetNode", "__id__": 1, "content": [plain("b", 2), plain("a", 3)]}
    two = {"__loader__": "SetNode", "__id__": 1, "content": [plain("a", 9), plain("b", 4)]}
    assert steady(dumped(one)) == steady(dumped(two))


def test_a_key_of_the_user_named_like_an_address_is_kept() -> None:
    schema = {"__loader__": "DictNode", "__id__": 5, "content": {"__id__": plain(1, 6), "file": plain("x", 7)}}
    assert list(schema_of(steady(dumped(schema)))["content"]) == ["__id__", "file"]
    other = {**schema, "content": {"__id__": plain(2, 6), "file": plain("x", 7)}}
    assert content(dumped(schema)) != content(dumped(other))


def test_files_are_named_in_the_order_of_the_schema() -> None:
    schema = {"__id__": 1, "content": [{"file": "99.npy", "__id__": 3}, {"file": "12.npy", "__id__": 2}]}
    files = {"12.npy": npy(np.arange(2)), "99.npy": npy(np.arange(3))}
    with zipfile.ZipFile(io.BytesIO(steady(dumped(schema, files)))) as archive:
        assert archive.namelist() == ["schema.json", "0.npy", "1.npy"]
        assert np.load(io.BytesIO(archive.read("0.npy"))).tolist() == [0, 1, 2]
        assert {(info.date_time, info.compress_type) for info in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
        }


def test_other_values_of_an_array_are_other_content() -> None:
    schema = {"__id__": 1, "file": "1.npy"}
    one, two = (dumped(schema, {"1.npy": npy(np.array([value]))}) for value in (1.0, 2.0))
    assert content(one) != content(two)


def test_old_memory_between_the_fields_of_records_is_cleared() -> None:
    kind = np.dtype([("a", "i8"), ("b", "u1")], align=True)
    clean, dirty = np.zeros(2, kind), np.frombuffer(b"\x00" * 9 + b"junk!!!" + b"\x00" * 16, kind)
    assert clean.tolist() == dirty.tolist()
    assert clean.tobytes() != dirty.tobytes()
    schema = {"__id__": 1, "file": "1.npy"}
    assert steady(dumped(schema, {"1.npy": npy(clean)})) == steady(dumped(schema, {"1.npy": npy(dirty)}))
