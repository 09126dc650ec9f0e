from __future__ import annotations

import pytest

from trimtab.core.errors import UserError
from trimtab.server.gateway.backends import Backend, backend_of, place_of


@pytest.mark.parametrize(
    ("text", "backend", "said"),
    [
        ("http://a", Backend("http", "a", 80), "http://a"),
        ("http://a:80/", Backend("http", "a", 80), "http://a"),
        ("https://A.example:8443/v1/", Backend("https", "a.example", 8443, "/v1"), "https://a.example:8443/v1"),
        ("http://[::1]:5000", Backend("http", "::1", 5000), "http://[::1]:5000"),
    ],
)
def test_an_address_has_one_form(text, backend, said):
    assert backend_of(text, "--champion") == backend
    assert str(backend) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a:80",
        "ftp://a",
        "http://",
        "http://a:99999",
        "http://a?b",
        "http://a#b",
        "http://a b",
        "http://a/\r\nx",
        "http://[::1",
    ],
)
def test_what_is_no_address_is_refused_with_its_option(text):
    with pytest.raises(UserError) as refused:
        backend_of(text, "--challenger")
    (problem,) = refused.value.problems
    assert (problem.code, problem.where) == ("P370", "trimtab fly --challenger")


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(UserError) as refused:
        backend_of("http://me:secret@a:80", "--champion")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("text", "place"), [("a:1", ("a", 1)), (":8080", ("127.0.0.1", 8080)), ("[::]:5", ("::", 5))])
def test_a_place_has_a_host_and_a_port(text, place):
    assert place_of(text, "--listen") == place


@pytest.mark.parametrize("text", ["8080", "a:", "a:b", "a:70000", "a b:1", "a:\u0661"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(UserError, match="P370"):
        place_of(text, "--listen")
