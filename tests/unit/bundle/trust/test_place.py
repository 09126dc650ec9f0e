"""Where a bundle may be judged in place."""

import os
from pathlib import Path

import pytest

from trimtab.bundle.trust.place import is_fixed


def test_a_folder_that_this_user_writes_is_not_fixed(tmp_path):
    (tmp_path / "file").touch()
    assert not is_fixed(tmp_path)


@pytest.mark.root
def test_what_is_roots_is_fixed_for_everybody_else_until_somebody_may_write(tmp_path):
    folder = Path("/usr/share/trimtab-test-of-place")
    folder.mkdir()
    try:
        (folder / "file").touch(0o644)
        assert not is_fixed(folder)
        os.seteuid(65534)
        try:
            assert is_fixed(folder)
            assert not is_fixed(tmp_path)
        finally:
            os.seteuid(0)
        for change, back in ((lambda: os.chown(folder / "file", 65534, -1), lambda: os.chown(folder / "file", 0, -1)),
                             (lambda: (folder / "file").chmod(0o666), lambda: (folder / "file").chmod(0o644)),
                             (lambda: folder.chmod(0o777), lambda: folder.chmod(0o755))):  # fmt: skip
            change()
            os.seteuid(65534)
            try:
                assert not is_fixed(folder)
            finally:
                os.seteuid(0)
            back()
    finally:
        (folder / "file").unlink()
        folder.rmdir()


def test_what_is_mounted_for_reading_is_fixed():
    mounted = [
        line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if line.split()[3].startswith("ro,")
    ]
    found = [path for path in map(Path, mounted) if path.is_dir() and os.access(path, os.R_OK)]
    if not found:
        pytest.skip("nothing is mounted for reading here")  # stated reason: mounting is not always root's to do
    assert is_fixed(found[0])
