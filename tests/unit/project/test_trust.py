"""Trust policies as they are written."""

from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.project.trust import read_trust
from trimtab.project.values import TrustPart

SMALL = 'name = "churn"\n[model]\npath = "m:a"\n'
HERE = Path("/project/trimtab.toml")


def project(text):
    return project_of(SMALL + text, HERE)


def test_a_file_that_says_nothing_of_trust_has_no_policy():
    assert (project("").trust, project("").environment_trust) == (None, {})


def test_paths_are_the_files_and_what_is_not_said_has_its_default():
    part = project('[trust]\nkeys = ["keys/ci.pub", "/etc/ann.pub"]\nat_least = 2\n').trust
    assert part == TrustPart(keys=(Path("/project/keys/ci.pub"), Path("/etc/ann.pub")), at_least=2)
    assert not part.takes_unsigned
    assert TrustPart().takes_unsigned
    assert TrustPart(keys=part.keys, unsigned=True).takes_unsigned


def test_an_environment_adds_to_what_holds_everywhere():
    said = project(
        '[trust]\nkeys = ["ci.pub"]\nunsigned = true\n[env.prod.trust]\nunsigned = false\nat_least = 2\n'
        "[env.dev.trust]\nallow_code = true\n"
    )
    ci = (Path("/project/ci.pub"),)
    assert said.environment_trust == {
        "prod": TrustPart(keys=ci, at_least=2, unsigned=False),
        "dev": TrustPart(keys=ci, unsigned=True, allow_code=True),
    }


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        (
            '[trust]\nauthorities = ["a.pem"]\n',
            "without `subjects` would take whoever",
            "trimtab.toml:5 trust.authorities",
        ),
        ('[trust]\nsubjects = ["CN=a"]\n', "nobody vouches", "trimtab.toml:5 trust.subjects"),
        ("[trust]\nat_least = 2\n", "without anybody who may sign", "trimtab.toml:5 trust.at_least"),
        ("[trust]\nunsigned = false\n", "without anybody who may sign", "trimtab.toml:5 trust.unsigned"),
        ("[env.prod.trust]\nat_least = 2\n", "without anybody", "trimtab.toml:5 env.prod.trust.at_least"),
        ('[trust]\nkeys = "ci.pub"\n', "not an array", "trimtab.toml:5 trust.keys"),
        ("[trust]\nat_least = 0\n", "below 1", "trimtab.toml:5 trust.at_least"),
        ("[trust]\nallow_cod = true\n", "no key `allow_cod`", "trimtab.toml:5"),
        ("[env.prod]\nallow_code = true\n", "no key `allow_code`", "trimtab.toml:5"),
        ('[trust]\nallow_code = "no"\n', "not `true` or `false`", "trimtab.toml:5 trust.allow_code"),
    ],
)
def test_what_would_mean_nothing_or_too_much_is_a_fault(text, what, where):
    with pytest.raises(UserError) as error:
        project(text)
    [problem] = error.value.problems
    assert what in problem.what
    assert problem.where.startswith(where)


def test_an_environment_may_rest_on_the_names_of_the_project():
    assert (
        project('[trust]\nkeys = ["ci.pub"]\n[env.prod.trust]\nat_least = 2\n').environment_trust["prod"].at_least == 2
    )


def test_the_machines_file_has_the_same_keys_without_a_heading(tmp_path):
    path = tmp_path / "trust.toml"
    assert read_trust(path) is None
    path.write_text('keys = ["ann.pub"]\nallow_code = false\n')
    assert read_trust(path) == TrustPart(keys=(tmp_path / "ann.pub",))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"keys = [", "P102"), (b"\xff", "P102"), (b"[trust]\nkeys = []", "P103"), (b"at_least = 2", "P105"),
        (b"allow_code = 1", "P104"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_read_is_no_policy_at_all(tmp_path, data, code):
    path = tmp_path / "trust.toml"
    path.write_bytes(data)
    with pytest.raises(UserError, match=code) as error:
        read_trust(path)
    assert str(path) in error.value.problems[0].where
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match="P102"):
        read_trust(path)
