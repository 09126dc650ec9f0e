"""A bundle is refused for whatever was changed in it, and everything that is wrong is named before anything runs."""

import os
import sys
from importlib import import_module

import pytest

from trimtab.bundle.code.isolate import LocalModules
from trimtab.bundle.manifest import FileEntry, Manifest, encode
from trimtab.bundle.read import _IsolatedParts, find_prepare, open_bundle, read_manifest
from trimtab.core.errors import UserError


@pytest.fixture
def folder(tmp_path, write_bundle):
    write_bundle(tmp_path / "made")
    return tmp_path / "made"


def faults(folder):
    with pytest.raises(UserError) as caught:
        open_bundle(folder)
    return {(problem.code, problem.where) for problem in caught.value.problems}


def test_a_whole_bundle_has_the_digest_of_its_manifest(tmp_path, write_bundle):
    digest = write_bundle(tmp_path / "made", "churn")
    bundle = open_bundle(tmp_path / "made")
    assert (bundle.name, bundle.digest, str(bundle.signature)) == ("churn", digest, "x FP64[-1] -> y FP64[-1]")
    assert bundle.golden() is None
    assert read_manifest(tmp_path / "made") == (bundle.manifest, digest)


@pytest.mark.parametrize("name", ["model/weights", "code/own.py"])
def test_one_flipped_bit_anywhere_is_refused(folder, name):
    path = folder / name
    whole = path.read_bytes()
    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        assert faults(folder) == {("P209", name)}
    path.write_bytes(whole)
    open_bundle(folder)


def test_one_flipped_bit_of_the_manifest_is_refused_or_another_digest(folder):
    path = folder / "bundle.json"
    whole, digest = path.read_bytes(), open_bundle(folder).digest
    for place in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        try:
            assert open_bundle(folder).digest != digest
        except UserError as error:
            assert error.problems[0].code.startswith("P2")  # noqa: PT017  # either is right, nothing else


@pytest.mark.parametrize("content", [b"", b"\x00\x01" * 9, b"\x00\x01" * 11])
def test_a_changed_size_is_said_in_bytes(folder, content):
    (folder / "model" / "weights").write_bytes(content)
    with pytest.raises(UserError) as caught:
        open_bundle(folder)
    assert caught.value.problems[0].what == f"`model/weights` has {len(content)} bytes, the manifest says 20"


def test_all_that_is_wrong_with_a_folder_is_named_at_once(folder):
    (folder / "model" / "weights").unlink()
    (folder / "code" / "own.py").write_text("x = 2\n")
    (folder / "code" / "more.py").write_text("")
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("bundle.json")
    os.mkfifo(folder / "pipe")
    assert faults(folder) == {
        ("P206", "model/weights"), ("P209", "code/own.py"), ("P207", "code/more.py"), ("P207", "empty"),
        ("P208", "link"), ("P208", "pipe"),
    }  # fmt: skip


def test_a_link_in_the_place_of_a_file_is_refused_even_with_the_right_content(folder):
    path = folder / "model" / "weights"
    path.rename(folder.parent / "weights")
    path.symlink_to(folder.parent / "weights")
    assert faults(folder) == {("P208", "model/weights")}


def test_a_link_in_the_place_of_a_folder_is_refused(folder):
    (folder / "model").rename(folder.parent / "model")
    (folder / "model").symlink_to(folder.parent / "model")
    assert faults(folder) == {("P208", "model"), ("P206", "model/weights")}


def test_a_manifest_that_is_a_link_is_no_manifest(folder):
    (folder / "bundle.json").rename(folder.parent / "bundle.json")
    (folder / "bundle.json").symlink_to(folder.parent / "bundle.json")
    assert faults(folder) == {("P204", str(folder))}


def test_a_manifest_without_end_is_not_read(folder):
    os.truncate(folder / "bundle.json", 2**40)
    assert faults(folder) == {("P204", str(folder / "bundle.json"))}


@pytest.mark.parametrize(
    "names",
    [
        ["model/a", "model/A"],
        ["data/a", "Data"],
        ["Bundle.json"],
        ["bundle.json/x"],
        ["a/" * 32 + "a"],
        ["../outside"],
        ["/absolute"],
        ["a\\b"],
        ["con\n"],
        ["a/./b"],
        ["a.", "b "],
    ],
)
def test_names_that_mean_another_file_elsewhere_are_refused(tmp_path, names):
    entry = FileEntry(sha256="0" * 64, size=0)
    plain = {"inputs": [], "outputs": [], "container": "frame"}
    manifest = Manifest(name="m", flavour="python", signature=plain, files=dict.fromkeys(names, entry))
    (tmp_path / "bundle.json").write_bytes(encode(manifest))
    with pytest.raises(UserError) as caught:
        open_bundle(tmp_path)
    said = [problem.what for problem in caught.value.problems if problem.code == "P205"]
    assert len(said) == len(names)
    assert all(any(repr(name) in what for what in said) for name in names)


@pytest.mark.parametrize("place", ["", "gone"])
def test_a_folder_without_a_manifest_is_no_bundle(tmp_path, place):
    assert faults(tmp_path / place) == {("P204", str(tmp_path / place))}


def test_a_module_of_the_standard_library_in_the_code_is_refused_by_name(tmp_path, write_bundle):
    write_bundle(tmp_path, files={"code/json.py": b"", "model/w": b""})
    with pytest.raises(UserError) as caught:
        open_bundle(tmp_path).load()
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [("P240", "code/json")]


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module to find functions in, forgotten afterwards."""
    (tmp_path / "own_prepare.py").write_text(
        "def clean(x): return x\nnumber = 3\nclass Kit:\n    def run(x): return x\n"
    )
    (tmp_path / "own_broken.py").write_text("import own_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("own_prepare", "own_broken"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("module")
def test_a_preparation_is_found_by_its_name():
    assert find_prepare("own_prepare:clean")(4) == 4
    assert find_prepare("own_prepare:Kit.run")(4) == 4


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("own_gone:clean", "there is no module `own_gone`"),
        ("own_prepare:cleen", "module `own_prepare` has no `cleen`"),
        ("own_prepare:number", "`number` of module `own_prepare` cannot be called"),
    ],
)
def test_a_preparation_that_is_none_is_named(name, what):
    with pytest.raises(UserError) as caught:
        find_prepare(name)
    assert [(problem.code, problem.what) for problem in caught.value.problems] == [("P241", what)]


@pytest.mark.usefixtures("module")
def test_what_a_module_misses_is_not_taken_for_the_module():
    with pytest.raises(ModuleNotFoundError, match="own_missing"):
        find_prepare("own_broken:clean")


def test_a_predictor_that_yields_does_so_inside_its_own_modules(tmp_path):
    (tmp_path / "trimtab_words.py").write_text("WORD = 'mine'\n")
    modules, closed = LocalModules(tmp_path), []

    def parts(height):
        try:
            for _ in range(2):
                yield {"word": [import_module("trimtab_words").WORD] * height}
        finally:
            closed.append(import_module("trimtab_words").WORD)

    steps = _IsolatedParts(modules, lambda table: table, parts).parts(1)
    assert next(steps) == {"word": ["mine"]}
    assert "trimtab_words" not in sys.modules
    steps.close()
    assert closed == ["mine"]
    assert len(list(_IsolatedParts(modules, lambda table: table, parts).parts(1))) == 2


def test_a_manifest_that_would_fill_memory_is_not_read(tmp_path):
    with (tmp_path / "bundle.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UserError, match="P204"):
        read_manifest(tmp_path)
