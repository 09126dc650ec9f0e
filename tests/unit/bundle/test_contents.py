"""What a folder must hold is what the manifest says; `test_read.py` asks about every way to differ."""

from trimtab.bundle.contents import faults_of
from trimtab.bundle.manifest import FileEntry
from trimtab.bundle.read import read_manifest


def test_what_is_known_of_a_file_is_not_read_again_and_still_compared(tmp_path, write_bundle):
    write_bundle(tmp_path / "b", files={"model/w": b"1234"})
    manifest, _ = read_manifest(tmp_path / "b")
    (tmp_path / "b" / "model" / "w").write_bytes(b"4321")
    assert [one.code for one in faults_of(tmp_path / "b", manifest, {})] == ["P209"]
    assert faults_of(tmp_path / "b", manifest, {"model/w": manifest.files["model/w"]}) == []
    other = FileEntry(sha256="0" * 64, size=4)
    assert [one.code for one in faults_of(tmp_path / "b", manifest, {"model/w": other})] == ["P209"]
    (tmp_path / "b" / "model" / "w").write_bytes(b"12")
    assert [one.code for one in faults_of(tmp_path / "b", manifest, {"model/w": manifest.files["model/w"]})] == ["P209"]
