"""Whose word counts, as files say it."""

import pytest

from trimtab.core.errors import UserError
from trimtab.ops.evidence.vouching import vouching_in
from trimtab.project import project_of
from trimtab.release.evidence.own import OWN, own_key

SMALL = 'name = "churn"\n[model]\npath = "m:a"\n'


@pytest.fixture
def place(tmp_path, signers):
    """The vouching of an environment of a project with keys: place("...toml...")."""
    for path in ("keys/ann.pub", "keys/bob.pub", "ci.pub", "other/ann.pub"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(signers.person("x").public.pem)
    (tmp_path / "ca.pem").write_bytes(b"pem")

    def made(text):
        project = project_of(SMALL + text, tmp_path / "trimtab.toml")
        return vouching_in(project, project.environments["prod"], tmp_path / "store")

    return made


def names(policy):
    return [one.name for one in policy.keys]


def test_where_nobody_is_named_the_store_vouches_once_it_has_a_key(place, tmp_path):
    assert place("[env.prod]\n").findings.keys == ()
    own_key(tmp_path / "store")
    assert names(place("[env.prod]\n").findings) == [OWN]


def test_whom_trust_names_vouches_and_the_store_no_more(place, tmp_path):
    own_key(tmp_path / "store")
    assert names(place('[trust]\nkeys = ["ci.pub"]\n[env.prod]\n').findings) == ["ci"]
    assert names(place('[trust]\nkeys = ["ci.pub"]\n[env.prod.trust]\nkeys = ["keys/bob.pub"]\n').findings) == ["bob"]
    only = place('[env.prod.trust]\nauthorities = ["ca.pem"]\nsubjects = ["CN=x"]\n').findings
    assert (only.keys, only.subjects) == ((), {"CN=x"})


def test_an_approver_is_a_key_by_name_and_says_nothing_else(place, tmp_path):
    own_key(tmp_path / "store")
    found = place('[env.prod]\napprovers = ["ann", "bob"]\n')
    assert names(found.approvals) == ["ann", "bob"]
    assert names(found.findings) == [OWN]


def test_a_key_of_trust_goes_before_the_one_in_keys(place, tmp_path):
    found = place('[env.prod]\napprovers = ["ann"]\n[env.prod.trust]\nkeys = ["other/ann.pub"]\n')
    assert found.approvals.keys[0].pem == (tmp_path / "other/ann.pub").read_bytes()


def test_who_has_no_key_is_a_name_in_a_certificate_below_an_authority(place):
    found = place(
        '[env.prod]\napprovers = ["ann", "eve@example.com"]\n'
        '[env.prod.trust]\nauthorities = ["ca.pem"]\nsubjects = ["CN=ci"]\n'
    )
    assert names(found.approvals) == ["ann"]
    assert found.approvals.subjects == {"eve@example.com"}
    assert found.findings.subjects == {"CN=ci"}


@pytest.mark.parametrize(
    ("text", "code", "what"),
    [
        ('[env.prod]\napprovers = ["carl"]\n', "P442", "no key of the approver `carl`"),
        ('[env.prod]\napprovers = ["../ci"]\n', "P442", "no key of the approver"),
        (
            '[env.prod]\napprovers = ["ann"]\n[env.prod.trust]\nkeys = ["keys/ann.pub", "other/ann.pub"]\n',
            "P442",
            "the name of two keys",
        ),
        ('[env.prod.trust]\nkeys = ["gone.pub"]\n', "P292", "cannot be read"),
    ],
)
def test_who_cannot_be_known_is_a_fault(place, text, code, what):
    with pytest.raises(UserError) as caught:
        place(text)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert what in problem.what
