"""Secrets come from where a reference says, and stay out of everything that is shown."""

import copy
import dataclasses
import json
import logging
import os
import pickle
import traceback

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.core.secrets import LARGEST, Secret, VaultError, bearer, masked, read_secret
from trimtab.server.guard.keys.text import new_id, new_key
from trimtab.server.logs import line

CANARY = "c4n4ry-of-this-test"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjNG40cnkifQ.c2lnbmF0dXJl"  # noqa: S105 - nobody's


class Shelf:
    """A vault in memory."""

    def read(self, name):
        if name != "known":
            raise VaultError("there is none", "look again")
        return CANARY


VAULTS = {"shelf": Shelf()}


@dataclasses.dataclass
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        "{}".format,
        "{:>20}".format,
        "{!r}".format,
        lambda secret: f"{secret}{secret!s}{secret!r}{secret:x}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - one more way
        lambda secret: str([secret]) + str({1: secret}),
        lambda secret: repr(Holder(secret)),
        lambda secret: line("event", {"secret": secret, "holder": Holder(secret)}, ""),
        lambda secret: json.dumps({"x": secret}, default=repr),
        lambda secret: logging.LogRecord("", 0, "", 0, "%s", (secret,), None).getMessage(),
        lambda secret: "".join(traceback.format_exception_only(ValueError(secret))),
    ],
)
def test_a_secret_shows_stars(show):
    shown = show(Secret(CANARY))
    assert "***" in shown
    assert CANARY not in shown
    assert Secret(CANARY).reveal() == CANARY


@pytest.mark.parametrize("taken", [pickle.dumps, copy.copy, copy.deepcopy, lambda one: dataclasses.asdict(Holder(one))])
def test_a_secret_is_not_copied(taken):
    with pytest.raises(TypeError, match="a secret cannot be pickled"):
        taken(Secret(CANARY))


def test_a_secret_has_no_attributes_to_be_dumped():
    with pytest.raises(TypeError):
        vars(Secret(CANARY))
    with pytest.raises(AttributeError):
        Secret(CANARY).value  # noqa: B018 - there is none


def test_a_variable_is_read():
    assert read_secret("env:OUR_KEY", {}, {"OUR_KEY": CANARY}).reveal() == CANARY


@pytest.mark.parametrize(
    ("content", "value"),
    [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a \n", " a "), ("a\r", "a\r"), ("é\n", "é")],
)
def test_a_file_is_read_without_one_line_end(tmp_path, content, value):
    (tmp_path / "key").write_bytes(content.encode())
    assert read_secret(f"file:{tmp_path}/key", {}).reveal() == value


def test_a_file_behind_links_and_a_pipe_are_read(tmp_path):
    (tmp_path / "..1").mkdir()
    (tmp_path / "..1/key").write_text(CANARY)
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "key").symlink_to("..data/key")
    assert read_secret(f"file:{tmp_path}/key", {}).reveal() == CANARY
    reading, writing = os.pipe()
    os.write(writing, CANARY.encode())
    os.close(writing)
    assert read_secret(f"file:/dev/fd/{reading}", {}).reveal() == CANARY
    os.close(reading)


def test_a_vault_is_asked_for_all_that_stands_behind_its_kind():
    assert read_secret("shelf:known", VAULTS).reveal() == CANARY


def problem_of(reference, kind=UserError, **environ):
    with pytest.raises(kind) as caught:
        read_secret(reference, VAULTS, environ)
    (problem,) = caught.value.problems
    return problem


def test_what_a_vault_does_not_give_is_said_with_its_reference():
    problem = problem_of("shelf:https://v/other", OutsideError)
    assert (problem.code, problem.what, problem.where, problem.hint) == (
        "P345", "no secret was given: there is none", "`shelf:https://v/other`", "look again",
    )  # fmt: skip


def test_what_cannot_be_read_is_named_and_never_shown(tmp_path):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "latin").write_bytes(b"\xe9" + CANARY.encode())
    (tmp_path / "large").write_bytes(b"x" * (LARGEST + 1))
    (tmp_path / "fits").write_bytes(b"x" * LARGEST)
    assert len(read_secret(f"file:{tmp_path}/fits", {}).reveal()) == LARGEST
    for reference, what in {
        "env:GONE": "this variable is not set",
        "env:EMPTY": "this secret is empty",
        f"file:{tmp_path}/gone": "this file cannot be read: no such file or directory",
        f"file:{tmp_path}": "this file cannot be read: is a directory",
        f"file:{tmp_path}/empty": "this secret is empty",
        f"file:{tmp_path}/latin": "this file is not UTF-8 text",
        f"file:{tmp_path}/large": "this file is larger than 1 MiB",
        "file:a\0b": "this file cannot be read: its name cannot be one",
        "file:/dev/zero": "this file is larger than 1 MiB",
    }.items():
        problem = problem_of(reference, EMPTY="", OTHER=CANARY)
        assert (problem.code, problem.what, problem.where) == ("P344", what, f"`{reference}`")


@pytest.mark.parametrize(
    "pasted", [CANARY, f"{CANARY}:x", "hunter2:x", f"env:{CANARY}", "", ":", "a" * 99 + ":x", "Env:A"]
)
def test_a_secret_in_the_place_of_a_reference_is_not_shown(pasted):
    problem = problem_of(pasted)
    assert problem.code == "P344"
    assert CANARY not in str(problem)
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize("form", ["{}", "env:{}", "file:{}", "file:/x/{}", "shelf:{}", "other:{}"])
def test_a_key_or_token_in_a_reference_is_not_shown(form):
    for pasted in (new_key(new_id()), TOKEN):
        problem = problem_of(form.format(pasted), (UserError, OutsideError))
        assert pasted[12:24] not in str(problem)


def test_a_kind_that_is_nearly_one_is_named():
    assert problem_of("fiel:/x").hint == "did you mean `file`?"
    assert problem_of("vault:/x").hint == "valid: `env`, `file`, `shelf`"
    assert problem_of("nothing").hint == "write `env:NAME`, `file:PATH`, `shelf:...`; a secret itself has no place here"


@pytest.mark.parametrize("value", [new_key("7hq2mk9x"), TOKEN, "abc==", "a.b~c+d/e-f_g"], ids=range(4))
def test_a_key_goes_into_its_header(value):
    assert bearer(Secret(value), "env:X") == f"Bearer {value}"


@pytest.mark.parametrize("value", ["a b", "a\nb", "a\r\nx-forged: 1", "é", "a\0", '"a"', "a,b", "==", "Bearer a"])
def test_what_would_break_a_header_is_refused_and_not_shown(value):
    with pytest.raises(UserError) as caught:
        bearer(Secret(value + CANARY + " "), "env:X")
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P344", "`env:X`")
    assert CANARY not in str(caught.value)


def test_keys_and_tokens_in_a_text_become_stars_and_nothing_else_does():
    key = new_key("7hq2mk9x")
    assert masked(f"a {key} b {TOKEN}.") == "a *** b ***"
    assert masked("tt_7hq2mk9x of ci, attend_7hq2mk9x") == "tt_7hq2mk9x of ci, attend_7hq2mk9x"
