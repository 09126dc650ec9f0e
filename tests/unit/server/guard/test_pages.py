"""What a browser sends for a page of another place is told from what its own page, or a program, sends."""

import pytest

from trimtab.server.guard.pages import host_of, page_fault

OWN = {b"host": b"127.0.0.1:8080"}
HOSTS = frozenset({"churn.example"})


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (b"localhost", "localhost"), (b"LocalHost:80", "localhost"), (b"127.0.0.1:8080", "127.0.0.1"),
        (b"[::1]:8080", "::1"), (b"[::1]", "::1"), (b"churn.example:443", "churn.example"), (b"", ""),
    ],
)  # fmt: skip
def test_the_name_of_a_host(host, name):
    assert host_of({b"host": host}) == name


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        (b"POST", OWN),
        (b"GET", OWN | {b"sec-fetch-site": b"none"}),
        (b"GET", OWN | {b"sec-fetch-site": b"cross-site"}),  # a link; no page can read what comes back
        (b"POST", OWN | {b"sec-fetch-site": b"same-origin", b"origin": b"http://127.0.0.1:8080"}),
        (b"POST", {b"host": b"churn.example", b"origin": b"https://churn.example"}),
        (b"POST", {b"host": b"10.1.2.3:8080"}),  # a program, by its address
    ],
)
def test_what_is_taken(method, headers):
    assert page_fault(method, headers, HOSTS, everybody=False) == ""


@pytest.mark.parametrize(
    ("method", "headers", "fault"),
    [
        (b"POST", OWN | {b"sec-fetch-site": b"cross-site"}, "another site"),
        (b"POST", OWN | {b"sec-fetch-site": b"same-site"}, "another site"),
        (b"DELETE", OWN | {b"sec-fetch-site": b"cross-site"}, "another site"),
        (b"POST", OWN | {b"origin": b"http://evil.example"}, "another origin"),
        (b"POST", OWN | {b"origin": b"http://127.0.0.1:3000"}, "another origin"),
        (b"POST", OWN | {b"origin": b"null"}, "another origin"),
        (b"POST", OWN | {b"origin": b"http://["}, "another origin"),
        # a name that was bound anew to this machine's address: the page is of the same origin then
        (b"POST", {b"host": b"evil.example:8080", b"origin": b"http://evil.example:8080"}, "not called `evil.example`"),
        (b"GET", {b"host": b"evil.example", b"sec-fetch-site": b"same-origin"}, "not called `evil.example`"),
        (b"POST", {b"origin": b"null"}, "not called ``"),
    ],
)
def test_what_a_page_of_another_place_sends_is_not_taken(method, headers, fault):
    assert fault in page_fault(method, headers, HOSTS, everybody=False)


def test_where_everybody_must_know_its_name_a_program_must_too():
    headers = {b"host": b"evil.example"}
    assert "not called" in page_fault(b"GET", headers, HOSTS, everybody=True)
    assert page_fault(b"GET", {b"host": b"Churn.Example:8080"}, HOSTS, everybody=True) == ""
