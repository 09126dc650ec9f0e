from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.project import project_of, read_project

SMALL = 'name = "churn"\n[model]\npath = "model.joblib"\n'
FILE = Path("/somewhere/trimtab.toml")


def faults(text, **options):
    with pytest.raises(UserError) as caught:
        project_of(text, FILE, **options)
    assert caught.value.exit_status == 2
    return [(problem.code, problem.where, problem.what, problem.hint) for problem in caught.value.problems]


def test_a_small_file_has_defaults_and_absolute_paths():
    project = project_of(SMALL, FILE)
    assert project.name == "churn"
    assert project.folder == Path("/somewhere")
    assert project.model.path == Path("/somewhere/model.joblib")
    assert project.model.rows == 20
    assert project.model.golden is None
    assert project.server.port is None
    assert project.server.body == 64 * 2**20


def test_a_full_file_becomes_values():
    project = project_of(
        SMALL.replace('"model.joblib"', '"zoo:net"')
        + 'prepare = "prepare:clean"\ngolden = "s.parquet"\ndata = ["a.csv", "/b.csv"]\nmetrics = { auc = 1 }\n'
        + '[signature.inputs."monthly spend"]\ndtype = "FP64"\nlow = 0\n[signature.outputs.risk]\nshape = [-1, 2]\n'
        + '[server]\nport = 0\ntimeout = "1.5s"\nidle = "2m"\nbody = "1MiB"\nrows = 7\nhost = "0.0.0.0"\n',
        FILE,
    )
    assert project.model.path == "zoo:net"
    assert project.model.golden == Path("/somewhere/s.parquet")
    assert project.model.data == (Path("/somewhere/a.csv"), Path("/b.csv"))
    assert project.model.metrics == {"auc": 1.0}
    assert project.inputs == {"monthly spend": {"dtype": "FP64", "low": 0}}
    assert project.outputs == {"risk": {"shape": (-1, 2)}}
    assert (project.server.port, project.server.timeout, project.server.idle) == (0, 1.5, 120.0)
    assert (project.server.body, project.server.rows, project.server.host) == (2**20, 7, "0.0.0.0")  # noqa: S104


def test_all_faults_at_once_in_the_order_of_the_lines():
    found = faults('name = "A"\nnam = 1\n[model]\npth = "x"\nrows = "y"\n[sever]\nport = 1\n')
    assert [(code, where) for code, where, *_ in found] == [
        ("P105", "trimtab.toml:1 name"),
        ("P103", "trimtab.toml:2 nam"),
        ("P103", "trimtab.toml:4 model.pth"),
        ("P104", "trimtab.toml:5 model.rows"),
        ("P103", "trimtab.toml:6 sever"),
    ]


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        (SMALL + "prepre = 1\n", "no key `prepre` in `[model]`", "did you mean `prepare`?"),
        ("sever.port = 1\n" + SMALL, "no key `sever`", "did you mean `server`?"),
        ('prepare = "a:b"\n' + SMALL, "no key `prepare`", "`prepare` belongs in `[model]`"),
        ('idle = "1s"\n' + SMALL, "no key `idle`", "`idle` belongs in `[server]`"),
        ("nullable = true\n" + SMALL, "no key `nullable`", "`nullable` belongs in `[signature.inputs.NAME]`"),
        (
            "xyzzy = 1\n" + SMALL,
            "no key `xyzzy`",
            "valid: `check`, `env`, `flight`, `limits`, `model`, `name`, `pipeline`, `release`, `server`, `signature`",
        ),
        (SMALL + "[server]\nxyzzy = 1\n", "no key `xyzzy` in `[server]`", "valid: `access_log`, `admin`, "),
        (SMALL + "[signature.input.a]\n", "no key `input` in `[signature]`", "did you mean `inputs`?"),
        (
            SMALL + "[signature.inputs.a]\ndtyp = 1\n",
            "no key `dtyp` in `[signature.inputs.a]`",
            "did you mean `dtype`?",
        ),
    ],
)
def test_an_unknown_key_names_the_nearest(text, what, hint):
    [(code, _, got, got_hint)] = faults(text)
    assert (code, got) == ("P103", what)
    assert got_hint.startswith(hint)


def test_missing_keys_are_named_with_an_example():
    assert faults("") == [
        ("P107", "trimtab.toml name", "`name` is missing", 'add `name = "churn"`'),
        ("P107", "trimtab.toml model.path", "`path` is missing in `[model]`", 'add `path = "model.joblib"`'),
    ]


def test_a_misspelt_key_is_not_also_missing():
    assert [code for code, *_ in faults('nme = "churn"\n[model]\npath = "m"\n')] == ["P103"]


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("server = 8080\n" + SMALL, "`[server]`"),
        (SMALL + "[signature]\ninputs = 1\n", "`[signature.inputs]`"),
        (SMALL + '[limits]\nerrors = "1 %"\n', "`errors = { at_most = 0.005 }`"),
    ],
)
def test_a_value_in_place_of_a_table_is_a_type_fault_that_shows_one(text, like):
    [(code, _, what, hint)] = faults(text)
    assert code == "P104"
    assert "is a table, not one value" in what
    assert hint == f"for example {like}"


def test_a_lower_limit_above_the_upper_one_is_a_fault():
    [fault] = faults(SMALL + "[signature.inputs.a]\nhigh = 1\nlow = 2.5\n")
    assert fault == ("P105", "trimtab.toml:6 signature.inputs.a.low", "`low` 2.5 is above `high` 1", "")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('name = "a\n', "trimtab.toml:1:10"),
        ("name = \n", "trimtab.toml:1:8"),
        ("a = 1\na = 2\n", "trimtab.toml:2:6"),
        ("a = [1,\n\n2", "trimtab.toml:3"),
    ],
)
def test_text_that_is_not_toml_has_line_and_column(text, where):
    [(code, got, what, _)] = faults(text)
    assert (code, got) == ("P102", where)
    assert what.startswith("this is not TOML: ")


def test_files_are_looked_for_beside_the_file(tmp_path):
    (tmp_path / "model.joblib").touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train.parquet").touch()
    path = tmp_path / "trimtab.toml"
    path.write_text(
        'name = "churn"\n[model]\npath = "modell.joblib"\ngolden = "data"\n'
        'data = ["data/trian.parquet", "none/x.csv"]\n'
    )
    with pytest.raises(UserError) as caught:
        read_project(tmp_path)
    assert [(problem.code, problem.what, problem.hint) for problem in caught.value.problems] == [
        ("P108", "no file `modell.joblib`", "did you mean `model.joblib`?"),
        ("P109", "`data` is a folder, not a file", "name a file in it, such as `data/train.parquet`"),
        ("P108", "no file `data/trian.parquet`", "did you mean `data/train.parquet`?"),
        ("P108", "no file `none/x.csv`: there is no folder `none`", ""),
    ]
    assert read_project(tmp_path, files=False).name == "churn"


def test_a_path_with_a_colon_is_a_file_when_it_is_there(tmp_path):
    (tmp_path / "trimtab.toml").write_text('name = "churn"\n[model]\npath = "a:b"\n')
    assert read_project(tmp_path).model.path == "a:b"
    (tmp_path / "a:b").touch()
    assert read_project(tmp_path).model.path == tmp_path / "a:b"


def test_no_file_at_all_names_the_verb_that_writes_one(tmp_path):
    with pytest.raises(UserError) as caught:
        read_project(tmp_path)
    [problem] = caught.value.problems
    assert problem.code == "P101"
    assert "trimtab init" in problem.hint


def test_a_folder_and_bytes_that_are_no_text_are_said_so(tmp_path):
    (tmp_path / "trimtab.toml").mkdir()
    with pytest.raises(UserError, match="P109"):
        read_project(tmp_path)
    (tmp_path / "trimtab.toml").rmdir()
    (tmp_path / "trimtab.toml").write_bytes(b'name = "a"\nx = "\xff"\n')
    with pytest.raises(UserError, match=r"not UTF-8 text\n  at trimtab.toml:2"):
        read_project(tmp_path)


def test_what_may_be_logged_of_columns_stands_apart_from_the_signature(tmp_path):
    said = (
        '[signature.inputs]\na = { dtype = "FP64", log = "bucket  10" }\nb = { log = "drop" }\nc = {}\n'
        '[signature.outputs]\nb = { log = "drop" }\nd = { log = "keep 30d" }\n'
    )
    project = project_of(SMALL + said, tmp_path / "trimtab.toml")
    assert project.inputs == {"a": {"dtype": "FP64"}, "c": {}}
    assert project.outputs == {}
    assert project.log == {"a": "bucket 10", "b": "drop", "d": "keep 30d"}


def test_a_name_has_one_policy():
    found = faults(
        SMALL
        + '[signature.inputs.a]\nlog = "drop"\n[signature.outputs.a]\nlog = "keep"\n[signature.outputs.b]\nlog = "x"\n'
    )
    assert [(code, where) for code, where, *_ in found] == [
        ("P105", "trimtab.toml:7 signature.outputs.a.log"),
        ("P105", "trimtab.toml:9 signature.outputs.b.log"),
    ]
