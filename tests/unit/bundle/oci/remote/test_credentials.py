"""Who we are, from the files and the helpers of `docker login` and `podman login`."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from trimtab.bundle.oci.remote.credentials import Login, find_login, login_file, run_helper, said_login
from trimtab.bundle.oci.remote.reference import parse_remote
from trimtab.core.errors import UserError

HERE = parse_remote("registry.example:5000/team/m")


def auth(text):
    return {"auth": base64.b64encode(text.encode()).decode()}


@pytest.fixture
def find(tmp_path):
    """The login that a file of that content gives, with a helper that must not be asked."""

    def never(*_):
        raise AssertionError

    def run(content, remote=HERE, helper=never):
        path = tmp_path / "config.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return find_login(remote, path, helper)

    return run


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"HOME": "/h"}, "/h/.docker/config.json"),
        ({"HOME": "/h", "DOCKER_CONFIG": "/d"}, "/d/config.json"),
        ({"HOME": "/h", "DOCKER_CONFIG": "/d", "REGISTRY_AUTH_FILE": "/r.json"}, "/r.json"),
    ],
)
def test_the_file_that_counts(environ, place):
    assert login_file(environ) == Path(place)


def test_no_file_is_nobody(tmp_path):
    assert find_login(HERE, tmp_path / "none", run_helper) is None


@pytest.mark.parametrize(
    "key",
    [
        "registry.example:5000", "registry.example:5000/team", "registry.example:5000/team/m",
        "https://registry.example:5000", "https://registry.example:5000/v1/",
    ],
)  # fmt: skip
def test_a_registry_has_several_names(find, key):
    assert find({"auths": {key: auth("u:p:q")}}) == Login("u", "p:q")


@pytest.mark.parametrize(
    "key", ["registry.example", "registry.example:5001", "example:5000", "registry.example:5000/te"]
)
def test_another_registrys_login_is_not_taken(find, key):
    assert find({"auths": {key: auth("u:p")}}) is None


def test_the_longest_path_counts(find):
    keys = {"registry.example:5000": auth("a:1"), "registry.example:5000/team": auth("b:2")}
    assert find({"auths": keys}) == Login("b", "2")


def test_dockers_own_registry_has_an_old_name(find):
    hub = parse_remote("docker.io/team/m")
    assert find({"auths": {"https://index.docker.io/v1/": auth("u:p")}}, hub) == Login("u", "p")


def test_an_identity_token_and_a_user_in_the_open(find):
    entry = auth("00000000-0000-0000-0000-000000000000:") | {"identitytoken": "t"}
    assert find({"auths": {"registry.example:5000": entry}}).identity == "t"
    assert find({"auths": {"registry.example:5000": {"username": "u", "password": "p"}}}) == Login("u", "p")
    assert find({"auths": {"registry.example:5000": {}}}) is None


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"auths": 1}', '{"auths": {"registry.example:5000": {"auth": "hush!"}}}',
     {"auths": {"registry.example:5000": auth("no-colon-hush")}}, {"credsStore": "../hush"}, {"credsStore": "a b"}],
)  # fmt: skip
def test_a_file_that_is_of_no_use_is_named_and_not_repeated(find, content):
    with pytest.raises(UserError, match="P238") as caught:
        find(content)
    assert "config.json" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_helper_is_asked_by_a_list_of_arguments(find):
    asked = []

    def helper(command, text):
        asked.append((command, text))
        return 0, json.dumps({"ServerURL": text, "Username": "u", "Secret": "s"})

    content = {"credHelpers": {"registry.example:5000": "one"}, "credsStore": "all", "auths": {}}
    assert find(content, helper=helper) == Login("u", "s")
    assert find({"credsStore": "all"}, helper=helper) == Login("u", "s")
    assert find({"credsStore": "all", "auths": {"registry.example:5000": auth("f:g")}}, helper=helper) == Login(
        "f", "g"
    )
    hub = parse_remote("docker.io/m")
    assert find({"credsStore": "all"}, hub, helper) == Login("u", "s")
    assert asked == [
        (["docker-credential-one", "get"], "registry.example:5000"),
        (["docker-credential-all", "get"], "registry.example:5000"),
        (["docker-credential-all", "get"], "https://index.docker.io/v1/"),
    ]


def test_a_helper_may_know_nobody_or_a_token(find):
    assert find({"credsStore": "x"}, helper=lambda *_: (1, "credentials not found")) is None
    token = json.dumps({"Username": "<token>", "Secret": "t"})
    assert find({"credsStore": "x"}, helper=lambda *_: (0, token)) == Login("", "", "t")


@pytest.mark.parametrize("fault", [FileNotFoundError(), PermissionError(), subprocess.TimeoutExpired("x", 1)])
def test_a_helper_that_cannot_be_asked_is_named(find, fault):
    def helper(*_):
        raise fault

    with pytest.raises(UserError, match="docker-credential-x"):
        find({"credsStore": "x"}, helper=helper)


def test_a_helper_that_talks_nonsense_is_not_repeated(find):
    with pytest.raises(UserError, match="P238") as caught:
        find({"credsStore": "x"}, helper=lambda *_: (0, "hush"))
    assert "hush" not in str(caught.value)


def test_a_login_shows_no_secret():
    assert repr(Login("u", "hush", "hush")) == "Login()"


def test_a_program_is_run_with_its_input_and_what_it_complains_of_is_dropped():
    code = "import sys; print(sys.stdin.read()); print('hush', file=sys.stderr); sys.exit(3)"
    assert run_helper([sys.executable, "-c", code], "in") == (3, "in\n")


def test_the_environment_says_who_we_are_where_it_has_a_password():
    assert said_login({}) is None
    assert said_login({"TRIMTAB_REGISTRY_USER": "ann", "TRIMTAB_REGISTRY_PASSWORD": ""}) is None
    found = said_login({"TRIMTAB_REGISTRY_USER": "ann", "TRIMTAB_REGISTRY_PASSWORD": "hush"})
    assert found == Login("ann", "hush")
    assert "hush" not in repr(found)
