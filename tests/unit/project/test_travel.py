"""Settings that go along, as the server in the image reads them."""

from dataclasses import replace
from pathlib import Path

from trimtab.project.guard_text import files_of
from trimtab.project.read import project_of
from trimtab.project.travel import travelling
from trimtab.project.values import ServerPart
from trimtab.server.guard.principal import Grant
from trimtab.server.guard.settings import Certificates, GuardSettings, Issuer, Share
from trimtab.server.journal.settings import JournalSettings

HERE = Path("/project")
PART = ServerPart(
    port=9000, grpc=9001, admin=9002, body=1234, rows=7, timeout=0.25, idle=3.5, engine="inline", processes=2,
    workers=0, threads=3, batch=0.0, drain=2.0, memory=2**30,
)  # fmt: skip


def test_what_is_said_comes_back():
    text = travelling(PART, "churn", HERE)
    project = project_of(text, Path("/opt/trimtab/trimtab.toml"))
    assert project.server == PART
    assert project.name == "churn"
    assert travelling(PART, "churn", HERE) == text


def test_addresses_and_files_of_this_machine_stay():
    part = ServerPart(host="192.0.2.1", admin_host="192.0.2.2", tls_cert=Path("/c"), tls_key=Path("/k"))
    assert travelling(part, "churn", HERE) == ""
    assert "tls" not in travelling(replace(part, rows=7), "churn", HERE)


def test_defaults_need_no_file():
    assert travelling(ServerPart(), "churn", HERE) == ""


def test_the_journal_goes_along_with_its_folder_in_the_new_place():
    journal = JournalSettings(
        HERE / "kept", 0.5, 0.25, "synced", "closed", 90 * 86400.0, 10 * 2**30, 60.0, "customer",
        {"mail": "drop", "X.Y Z": "bucket 10"}, "first", ("s3://bucket/churn", "file:///archive"),
        HERE / "journal.secret",
    )  # fmt: skip
    there = project_of(travelling(replace(PART, journal=journal), "churn", HERE), Path("/opt/trimtab/trimtab.toml"))
    home = Path("/opt/trimtab")
    assert there.server.journal == replace(journal, folder=home / "kept", secret=home / "journal.secret")


def test_a_journal_that_says_nothing_is_one_all_the_same():
    part = ServerPart(journal=JournalSettings(HERE / "journal"))
    there = project_of(travelling(part, "churn", HERE), Path("/opt/trimtab/trimtab.toml"))
    assert there.server.journal == JournalSettings(Path("/opt/trimtab/journal"))


def test_who_may_call_goes_along_with_files_from_the_new_place():
    guard = GuardSettings(
        keys=HERE / "keys.json",
        issuers=(
            Issuer("idp", "https://login.example", ("churn",), grants=(Grant("infer", "churn-*"),)),
            Issuer(
                "other", "https://other.example", ("a", "b"), "ES256", "https://other.example/keys",
                HERE / "tls/ca.pem",
                1.5, "azp", (), "realm_access.roles", {"X.Y Z": (Grant("read"), Grant("operate"))},
            ),
        ),
        certificates=Certificates((Path("/etc/ca.pem"),), (), {"edge.example": (Grant("infer"),)}, required=True),
        share=Share("5/second; 100/day", "", 4),
        shares={"key:ci-*": Share("", "7/day")},
        quotas=Path("/var/lib/quotas"),
        proxies=("10.0.0.0/8",),
        hosts=("churn.example",),
        audit=HERE / "audit",
    )  # fmt: skip
    part = replace(PART, access_log=True, guard=guard)
    there = project_of(travelling(part, "churn", HERE), Path("/opt/trimtab/trimtab.toml")).server
    assert there.access_log
    assert there.guard.keys == Path("/opt/trimtab/keys.json")
    back = replace(there.guard, keys=guard.keys, audit=guard.audit)
    moved = replace(back.issuers[1], authorities=HERE / "tls/ca.pem")
    assert back.issuers[1].authorities == Path("/opt/trimtab/tls/ca.pem")
    assert replace(back, issuers=(back.issuers[0], moved)) == guard
    assert files_of(guard) == (HERE / "keys.json", HERE / "tls/ca.pem", Path("/etc/ca.pem"))
