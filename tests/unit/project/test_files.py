import pytest

from trimtab.project.files import file_fault, is_reference, source_fault


@pytest.mark.parametrize(
    ("text", "reference"), [("a:b", True), ("a.b:c", True), ("model.joblib", False), ("a/b:c", False), ("a:", False)]
)
def test_a_source_with_a_colon_between_names_is_a_reference(text, reference):
    assert is_reference(text) is reference


def test_what_is_there_has_no_fault(tmp_path):
    (tmp_path / "a.csv").write_text("")
    assert file_fault(tmp_path / "a.csv", "a.csv") is None
    assert source_fault(tmp_path / "a.csv", "a.csv") is None
    assert source_fault(tmp_path, ".") is None  # a model may be a folder


@pytest.mark.parametrize("fault", [file_fault, source_fault])
def test_nothing_there_names_the_nearest_or_how_to_look(tmp_path, fault):
    (tmp_path / "model.joblib").write_text("")
    near = fault(tmp_path / "model.jobli", "models/model.jobli")
    assert (near.code, near.what, near.hint) == (
        "P108", "no file `models/model.jobli`", "did you mean `models/model.joblib`?",
    )  # fmt: skip
    assert fault(tmp_path / "zzz", "models/zzz").hint == "`ls models` shows what is there"
    gone = fault(tmp_path / "gone" / "a", "gone/a")
    assert (gone.code, gone.what) == ("P108", "no file `gone/a`: there is no folder `gone`")


def test_a_folder_in_the_place_of_a_file_names_a_file_in_it(tmp_path):
    assert file_fault(tmp_path, "data").hint == ""
    (tmp_path / "b.csv").write_text("")
    (tmp_path / "a.csv").write_text("")
    found = file_fault(tmp_path, "data")
    assert (found.code, found.hint) == ("P109", "name a file in it, such as `data/a.csv`")
