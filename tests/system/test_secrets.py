"""A project full of secrets: none of them is packed, and each is named. All of them are made up."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import tarfile
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import joblib
import pytest
import sklearn
from sklearn.preprocessing import FunctionTransformer

from trimtab.bundle.secrets.look import Budget, look
from trimtab.core.errors import UserError

TOKEN = "ghp_" + "aB3dE5gH7jK9mN1p" * 2 + "x7Qz"
HIDDEN = "kT9-vault-42X"
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3S\n"
MODEL = "def predict(data):\n    return [2 * value for value in data['x'].tolist()]\n"


def pem(kind: str) -> str:
    """What a private key looks like."""
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{BODY}-----END {kind}PRIVATE KEY-----\n"


OUTPUT = {"output_type": "stream", "text": [f"{TOKEN}\n"]}
NOTEBOOK = {"cells": [{"cell_type": "code", "source": ["show()"], "outputs": [OUTPUT]}], "nbformat": 4}
ACCOUNT = {"type": "service_account", "project_id": "p", "private_key": pem("")}
AWS = ("AKIA" + "Q3EGRTZ7" * 2, "aB3/dE5+gH" * 4)
LOGIN = base64.b64encode(f"ann:{HIDDEN}".encode()).decode()

# a file: the place and the kind that it is named with when it is not packed
PLANTED = {
    ".aws/credentials": ("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n".format(*AWS),
                         ".aws (credentials of AWS)"),
    ".env": (f"DB_PASSWORD={HIDDEN}\n", ".env (environment file)"),
    ".git/config": (f'[remote "origin"]\n\turl = https://ann:{TOKEN}@git.example/churn.git\n',
                    ".git/config:2 (token of GitHub)"),
    ".netrc": (f"machine git.example login ann password {HIDDEN}\n", ".netrc (passwords by host)"),
    ".pypirc": (f"[pypi]\nusername = __token__\npassword = pypi-AgEIcHlwaS5vcmc{'aB3dE5gH7j' * 8}\n",
                ".pypirc (credentials of a package index)"),
    "certs/tls.pem": (pem("RSA "), "certs/tls.pem (private key)"),
    "conf/db.yaml": (f"host: db\npassword: {HIDDEN}\n", "conf/db.yaml:2 (password)"),
    "docker/config.json": (json.dumps({"auths": {"images.example": {"auth": LOGIN}}}, indent=1),
                           "docker/config.json:4 (login of a container registry)"),
    "gcp.json": (json.dumps(ACCOUNT, indent=1), "gcp.json:2 (service account of Google and 1 more)"),
    "helper.py": (f'\nTOKEN = "{TOKEN}"\n', "helper.py:2 (token of GitHub)"),
    "id_rsa": (pem("OPENSSH "), "id_rsa (private key of SSH)"),
    "notes.ipynb": (json.dumps(NOTEBOOK, indent=1), "notes.ipynb:12 (token of GitHub)"),
}  # fmt: skip
SECRETS = (TOKEN, HIDDEN, BODY[:64], LOGIN, *AWS, "aB3dE5gH7j" * 8)


@pytest.fixture
def planted(workshop):
    """A project with twelve secrets beside its model."""
    workshop.write({name: text for name, (text, _) in PLANTED.items()} | {"model.py": MODEL})
    return workshop


def said(workshop, topic):
    return [text for word, text in workshop.said if word == topic]


def everything(data: bytes):
    """Bytes, and those inside archives and compressed streams, all the way down."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from everything(archive.read(name))
    with suppress(tarfile.TarError), tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive.getmembers():
            yield from everything(archive.extractfile(member).read())
    with suppress(zlib.error):
        yield from everything(zlib.decompress(data, zlib.MAX_WBITS | 32))


def assert_none_in(bundle):
    """No file of the bundle has one of the secrets, by content or by name."""
    packed = [path for path in bundle.folder.rglob("*") if path.is_file()]
    assert len(packed) >= 5
    pieces = [piece for path in packed for piece in everything(path.read_bytes())]
    assert [secret for secret in SECRETS for piece in pieces if secret.encode() in piece] == []
    assert not {path.name for path in packed} & {name.rpartition("/")[2] for name in PLANTED}


def test_twelve_secrets_beside_a_model_stay_out_and_each_is_named(planted):
    bundle = planted.package(compile=False)
    assert said(planted, "kept out") == [place for _, place in PLANTED.values()]
    assert_none_in(bundle)


def test_secrets_that_would_be_packed_are_refused_with_file_and_line_and_the_others_named(planted):
    planted.write(model=f"import helper\n\n\n{MODEL}")
    with pytest.raises(UserError) as caught:
        planted.package(include=("conf/*.yaml",))
    assert [(problem.code, problem.where, problem.what) for problem in caught.value.problems] == [
        ("P249", "code/conf/db.yaml:2", "password, `password****`, would be packed"),
        ("P249", "code/helper.py:2", "token of GitHub, `ghp_****`, would be packed"),
    ]
    assert said(planted, "kept out") == [
        place for name, (_, place) in PLANTED.items() if name not in ("helper.py", "conf/db.yaml")
    ]
    told = str(caught.value) + str(planted.said)
    assert [secret for secret in SECRETS if secret[:8] in told] == []
    assert planted.left_over() == []


def test_a_pattern_that_names_everything_passes_over_what_is_secret_by_name(planted):
    for name in ("gcp.json", "helper.py"):
        (planted.root / name).unlink()
    planted.write({"data.txt": "1"})
    bundle = planted.package(include=("*",), compile=False)
    assert "code/data.txt" in bundle.manifest.files
    assert_none_in(bundle)


def test_a_pattern_that_names_nothing_else_is_refused(planted):
    with pytest.raises(UserError) as caught:
        planted.package(include=(".env", "*.ipynb"))
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [("P250", "include")] * 2
    assert "`notes.ipynb` is never packed: notebook with outputs" in caught.value.problems[1].what


def test_the_command_line_names_all_of_them_for_people_and_for_programs(planted):
    planted.write({"trimtab.toml": 'name = "small"\n[model]\npath = "model:predict"\ngolden = "rows.csv"\n'})
    planted.write({"rows.csv": "x\n1.5\n2.5\n"})
    command = [sys.executable, "-m", "trimtab", "package", "--no-compile", "--json"]
    done = subprocess.run(command, cwd=planted.root, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["said"]["kept out"].split("\n") == [place for _, place in PLANTED.values()]


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("xz", 3)])
def test_a_token_in_a_models_file_is_found_also_where_it_is_compressed(workshop, compress):
    model = FunctionTransformer(kw_args=None).fit([[1.0]])
    model.note_ = TOKEN
    joblib.dump(model, workshop.root / "m.joblib", compress=compress)
    with pytest.raises(UserError) as caught:
        workshop.package(model=workshop.root / "m.joblib", lock="off", compile=False)
    assert {problem.code for problem in caught.value.problems} == {"P249"}
    assert caught.value.problems[0].where.startswith("model/")


def test_a_token_in_the_golden_rows_is_found(workshop):
    workshop.write(model=MODEL.replace("2 * value", "len(value)"))
    with pytest.raises(UserError) as caught:
        workshop.package(sample={"x": ["a", TOKEN]}, compile=False)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P249", "golden/request.json:1")
    assert "sample" in problem.hint


@pytest.mark.parametrize("folder", ["demo", "src", "tests/parts", "tests/sessions", "scikit-learn"])
def test_sources_without_secrets_have_none_found_in_them(root, folder):
    place = Path(sklearn.__file__).parent if folder == "scikit-learn" else root / folder
    made = {"__pycache__", ".trimtab", "scratch"}  # by what was run here: the demo has made keys of its own
    paths = (path for path in sorted(place.rglob("*")) if not made & set(path.relative_to(place).parts))
    names = [path for path in paths if path.is_file()]
    assert len(names) >= 2
    assert [hit for path in names for hit in look(path, str(path.relative_to(place)), Budget(1 << 30, 60))] == []


def test_whatever_detect_secrets_finds_among_them_we_find(planted):
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    found = {}
    with default_settings():
        for name in PLANTED:
            collection = SecretsCollection(root=str(planted.root))
            collection.scan_file(name)
            found[name] = {secret.line_number for _, secret in collection}
    assert len([name for name, lines in found.items() if lines]) >= 8
    ours = {name: {hit.where for hit in look(planted.root / name, name, Budget(1 << 20, 60))} for name in PLANTED}
    missed = [f"{name}:{line}" for name, lines in found.items() for line in lines if f"{name}:{line}" not in ours[name]]
    assert missed == []
