"""Settings that go along, as the server in the image reads them."""

from dataclasses import replace
from pathlib import Path

from trimtab.project.read import project_of
from trimtab.project.travel import travelling
from trimtab.project.values import ServerPart

PART = ServerPart(
    port=9000, grpc=9001, admin=9002, body=1234, rows=7, timeout=0.25, idle=3.5, engine="inline", processes=2,
    workers=0, threads=3, batch=0.0, drain=2.0, memory=2**30,
)  # fmt: skip


def test_what_is_said_comes_back():
    text = travelling(PART, "churn")
    project = project_of(text, Path("/opt/trimtab/trimtab.toml"))
    assert project.server == PART
    assert project.name == "churn"
    assert travelling(PART, "churn") == text


def test_addresses_and_files_of_this_machine_stay():
    part = ServerPart(host="192.0.2.1", tls_cert=Path("/c"), tls_key=Path("/k"))
    assert travelling(part, "churn") == ""
    assert "tls" not in travelling(replace(part, rows=7), "churn")


def test_defaults_need_no_file():
    assert travelling(ServerPart(), "churn") == ""
