from pathlib import Path

import pytest

from trimtab.cli.serving import DEFAULT_PORT, port_of, settings_of, surround
from trimtab.core.errors import UserError
from trimtab.project import Project, ServerPart
from trimtab.project.values import ModelPart, ServingFile

PROJECT = Project(Path("/p/trimtab.toml"), "m", ModelPart("a:b"), server=ServerPart(port=4))
FUNCTIONS, PORT = "FUNCTIONS_CUSTOMHANDLER_PORT", "PORT"


@pytest.mark.parametrize(
    ("flag", "project", "environ", "port"),
    [
        (1, PROJECT, {FUNCTIONS: "2", PORT: "3"}, 1),
        (0, PROJECT, {PORT: "3"}, 0),
        (None, PROJECT, {FUNCTIONS: "2", PORT: "3"}, 2),
        (None, PROJECT, {PORT: "3"}, 3),
        (None, PROJECT, {PORT: ""}, 4),
        (None, Project(PROJECT.file, "m", PROJECT.model), {}, DEFAULT_PORT),
        (None, None, {}, DEFAULT_PORT),
        (None, None, {PORT: "65535"}, 65535),
    ],
)
def test_the_port_is_the_first_that_is_there(flag, project, environ, port):
    assert port_of(flag, project, environ) == port


@pytest.mark.parametrize(("flag", "file", "port"), [(None, None, None), (None, 9, 9), (8, 9, 8), (8, None, 8)])
def test_grpc_is_off_unless_a_flag_or_the_file_names_its_port(flag, file, port):
    project = Project(PROJECT.file, "m", PROJECT.model, server=ServerPart(grpc=file))
    said = dict.fromkeys(("host", "port", "processes", "workers", "tls_cert", "tls_key", "admin_host"))
    assert (
        settings_of({**said, "insecure": False, "grpc_port": flag, "admin_port": None}, project, {}).grpc_port == port
    )


def test_engine_and_threads_come_from_the_file_and_the_environment_keeps_its_word():
    project = Project(PROJECT.file, "m", PROJECT.model, server=ServerPart(engine="workers", threads=3))
    said = dict.fromkeys(
        ("host", "port", "grpc_port", "admin_port", "admin_host", "processes", "workers", "tls_cert", "tls_key")
    )
    environ = {"OMP_NUM_THREADS": "7"}
    assert settings_of({**said, "insecure": False}, project, environ).engine == "workers"
    assert (environ["OMP_NUM_THREADS"], environ["OPENBLAS_NUM_THREADS"]) == ("7", "3")


@pytest.mark.parametrize("text", ["x", "-1", "65536", "80.5", " 80"])
@pytest.mark.parametrize("name", [FUNCTIONS, PORT])
def test_a_variable_that_is_no_port_is_named(name, text):
    with pytest.raises(UserError) as caught:
        port_of(None, None, {name: text})
    (problem,) = caught.value.problems
    assert (problem.code, problem.what, problem.where) == (
        "P114", f"`{text}` is not a port", f"environment variable {name}",
    )  # fmt: skip


def test_variables_and_secrets_are_given_to_the_environment(tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    secrets = {"TOKEN": "env:PROD_TOKEN", "OTHER": f"file:{tmp_path}/secret"}
    environ = {"PROD_TOKEN": "hidden"}
    surround(ServingFile(variables={"REGION": "eu"}, secrets=secrets), environ)
    assert environ == {"PROD_TOKEN": "hidden", "REGION": "eu", "TOKEN": "hidden", "OTHER": "from a file"}


def test_every_secret_that_is_missing_is_named_and_nothing_is_changed(tmp_path):
    environ = {}
    secrets = {"A": "env:NOT_THERE", "B": f"file:{tmp_path}/none", "C": "env:NOR_THIS"}
    with pytest.raises(UserError) as caught:
        surround(ServingFile(variables={"X": "x"}, secrets=secrets), environ)
    assert len(caught.value.problems) == 3
    assert environ == {}
