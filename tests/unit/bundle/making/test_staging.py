import pytest

from trimtab.bundle.code.closure import Closure
from trimtab.bundle.code.local import project_of
from trimtab.bundle.making.staging import code_places, write_code, write_manifest
from trimtab.bundle.manifest import Manifest, decode
from trimtab.core.errors import UserError

SIGNATURE = {"inputs": [{"name": "x", "dtype": "FP64", "shape": [-1]}], "outputs": [], "container": "frame"}


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name in ("src/own/a.csv", "own/b.csv", "src/own/b.csv", "own/a.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return project_of(root)


def test_data_lie_beside_the_modules_of_their_folder(project):
    root = project.root
    closure = Closure(("own.a",), {"own/a.py": root / "own/a.py"}, {})
    data = {name: root / name for name in ("src/own/a.csv", "own/b.csv", "own/a.py")}
    assert code_places(closure, data, project) == {
        "own/a.csv": root / "src/own/a.csv",
        "own/a.py": root / "own/a.py",
        "own/b.csv": root / "own/b.csv",
    }


def test_two_data_files_cannot_take_one_place(project):
    data = {name: project.root / name for name in ("own/b.csv", "src/own/b.csv")}
    with pytest.raises(UserError, match=r"would both be `code/own/b\.csv`"):
        code_places(Closure((), {}, {}), data, project)


def test_code_is_written_byte_for_byte_in_place_of_what_was_there(project, tmp_path):
    stage = tmp_path / "stage"
    (project.root / "own" / "a.py").write_bytes(b"x = 1\r\n\xef\xbb\xbf")
    write_code(stage, {"old.py": project.root / "own/a.py"})
    write_code(stage, {"own/a.py": project.root / "own/a.py"})
    assert [path.name for path in stage.rglob("*") if path.is_file()] == ["a.py"]
    assert (stage / "code/own/a.py").read_bytes() == b"x = 1\r\n\xef\xbb\xbf"


def test_without_code_there_is_no_code_folder(tmp_path):
    write_code(tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_names_every_file_of_the_folder_as_it_is_now(tmp_path):
    (tmp_path / "one").write_text("1")
    draft = Manifest(name="m", flavour="python", signature=SIGNATURE, files={})
    write_manifest(tmp_path, draft)
    (tmp_path / "two").write_text("22")
    write_manifest(tmp_path, draft)
    files = decode((tmp_path / "bundle.json").read_bytes()).files
    assert {name: entry.size for name, entry in files.items()} == {"one": 1, "two": 2}
