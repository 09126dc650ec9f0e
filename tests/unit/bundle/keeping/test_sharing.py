"""Equal content takes the disk once; a blob is read before it is trusted."""

import pytest

from trimtab.bundle.files import digest_folder
from trimtab.bundle.incoming import seal
from trimtab.bundle.keeping.sharing import share


@pytest.fixture
def keep(tmp_path):
    """Shares a folder of these files, as one that was staged; the folder."""

    def kept(name, files):
        folder = tmp_path / name / "bundle"
        folder.mkdir(parents=True)
        for place, content in files.items():
            (folder / place).parent.mkdir(exist_ok=True)
            (folder / place).write_bytes(content)
        seal(folder)
        share(folder, digest_folder(folder), tmp_path / "blobs")
        return folder

    return kept


def test_equal_files_of_one_and_of_several_bundles_are_one_file(keep, tmp_path):
    one = keep("one", {"a": b"same", "b": b"same", "c": b"other"})
    two = keep("two", {"deep/a": b"same"})
    blobs = list((tmp_path / "blobs").iterdir())
    assert len(blobs) == 2
    assert (one / "a").samefile(one / "b")
    assert (one / "a").samefile(two / "deep" / "a")
    assert (one / "a").stat().st_nlink == 4
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == ["bundle"]


def test_a_blob_that_was_damaged_is_mended_and_not_handed_out(keep, tmp_path):
    one = keep("one", {"a": b"right"})
    (blob,) = (tmp_path / "blobs").iterdir()
    blob.chmod(0o644)
    blob.write_bytes(b"wrong")
    blob.chmod(0o444)
    two = keep("two", {"a": b"right"})
    assert (two / "a").read_bytes() == b"right"
    assert blob.samefile(two / "a")
    assert not blob.samefile(one / "a")


@pytest.mark.parametrize("kind", ["link", "folder", "mode"])
def test_a_blob_that_is_something_else_is_not_handed_out(keep, tmp_path, kind):
    keep("one", {"a": b"right"})
    (blob,) = (tmp_path / "blobs").iterdir()
    if kind == "mode":
        blob.chmod(0o666)
    else:
        blob.unlink()
        (tmp_path / "elsewhere").write_bytes(b"right")
        (tmp_path / "elsewhere").chmod(0o444)
        blob.symlink_to(tmp_path / "elsewhere") if kind == "link" else blob.mkdir()
    if kind == "folder":
        with pytest.raises(OSError, match="directory"):
            keep("two", {"a": b"right"})
        return
    two = keep("two", {"a": b"right"})
    assert (two / "a").read_bytes() == b"right"
    assert not (two / "a").is_symlink()
    assert (two / "a").stat().st_mode & 0o777 == 0o444


def test_empty_files_have_no_blob(keep, tmp_path):
    keep("one", {"a": b""})
    assert list((tmp_path / "blobs").iterdir()) == []
