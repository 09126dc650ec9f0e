"""Who `trimtab ask` says it is, to whom, and what keeps the key from being shown."""

import pytest

from trimtab.cli.access import Access, access_of
from trimtab.core.errors import UserError
from trimtab.core.secrets import Secret
from trimtab.server.guard.keys.text import new_key

KEY = new_key("7hq2mk9x")
NOTHING = {"key_from": None, "ca": None, "client_cert": None, "client_key": None, "insecure": False}
SECURE = "https://models.example"


def headers(url=SECURE, environ=None, **said):
    return access_of(url, NOTHING | said, environ or {}).headers


def test_without_a_word_nobody_is_named():
    assert headers() == {}
    assert headers(environ={"TRIMTAB_API_KEY": "", "TRIMTAB_TOKEN": ""}) == {}
    assert access_of(SECURE, NOTHING, {}) == Access()


def test_what_was_said_goes_before_the_variables_and_a_key_before_a_token(tmp_path):
    (tmp_path / "key").write_text(f"{KEY}\n")
    environ = {"TRIMTAB_API_KEY": "key", "TRIMTAB_TOKEN": "token", "OTHER": "other"}
    assert headers(environ=environ, key_from=f"file:{tmp_path}/key") == {"authorization": f"Bearer {KEY}"}
    assert headers(environ=environ, key_from="env:OTHER") == {"authorization": "Bearer other"}
    assert headers(environ=environ) == {"authorization": "Bearer key"}
    assert headers(environ={"TRIMTAB_TOKEN": "token"}) == {"authorization": "Bearer token"}


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:80", "http://127.9.9.9", "http://[::1]:80", "http://localhost:8080", "https://other.example"],
)
def test_a_key_goes_to_this_machine_or_over_tls(url):
    assert headers(url, {"TRIMTAB_API_KEY": KEY})


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example", "http://10.0.0.1", "http://0.0.0.0", "http://127.0.0.1.example", "http://localhost.example",
        "http://[::ffff:10.0.0.1]", "http://127.0.0.1@models.example",
    ],
)  # fmt: skip
def test_a_key_does_not_go_to_another_machine_in_the_open_unless_that_is_said(url):
    with pytest.raises(UserError) as caught:
        headers(url, {"TRIMTAB_API_KEY": KEY})
    (problem,) = caught.value.problems
    assert problem.code == "P131"
    assert KEY not in str(problem)
    assert headers(url, {"TRIMTAB_API_KEY": KEY}, insecure=True) == {"authorization": f"Bearer {KEY}"}
    assert headers(url) == {}


def test_a_key_that_is_none_is_refused_by_the_name_of_its_place():
    with pytest.raises(UserError, match=r"P344.*(?s:.)*env:TRIMTAB_API_KEY") as caught:
        headers(environ={"TRIMTAB_API_KEY": "a secret\nwith lines"})
    assert "with lines" not in str(caught.value)


def test_a_pasted_key_is_not_shown():
    for url in (SECURE, "http://models.example"):
        with pytest.raises(UserError) as caught:
            headers(url, key_from=KEY)
        assert KEY[12:30] not in str(caught.value)


def test_access_shows_no_key_and_hides_one_that_comes_back():
    access = Access(Secret(f"Bearer {KEY}"))
    assert KEY not in repr(access)
    assert access.hidden(f"bad key {KEY}!") == "bad key ***!"
    assert Access().hidden("as it is") == "as it is"


@pytest.mark.parametrize("said", [{"ca": "x"}, {"client_cert": "x"}, {"client_key": "x"}])
def test_files_for_tls_need_an_address_of_tls(said):
    with pytest.raises(UserError, match=r"P114.*is for TLS"):
        headers("http://127.0.0.1", **said)


def test_a_key_of_a_certificate_needs_it():
    with pytest.raises(UserError, match=r"P124"):
        headers(client_key="x")


@pytest.mark.parametrize("option", ["ca", "client_cert"])
def test_a_file_that_is_of_no_use_is_named(tmp_path, option):
    (tmp_path / "text").write_text("no certificate")
    for name, said in (("text", "they are not there in it as PEM"), ("gone", "no such file or directory"), (".", "")):
        with pytest.raises(UserError, match=rf"P132.*{said}") as caught:
            headers(**{option: tmp_path / name})
        assert caught.value.problems[0].where == f"`{tmp_path / name}`"
