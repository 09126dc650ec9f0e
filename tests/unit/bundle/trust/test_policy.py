"""The decision table of trust."""

import pytest

from trimtab.bundle.trust.policy import ANYBODY, Document, Findings, NamedPem, Policy, Signer, judge, signers

KEY = NamedPem("ann.pub", b"")
ANN = Document("signature", "", "a", Signer("sha256:1", "ann.pub"))
BOB = Document("signature", "", "b", Signer("sha256:2", "bob.pub"))
ALSO_ANN = Document("signature", "", "c", Signer("sha256:1", "CN=Ann"))  # her key, below a certificate
NEW_ANN = Document("signature", "", "d", Signer("sha256:3", "ann.pub"))
BAD = Document("signature", "", "e", None, "it was changed")
SAYS = Document("attestation", "", "f", Signer("sha256:2", "bob.pub"))
NAMED = Policy((KEY,), unsigned=False)
TWO = Policy((KEY,), at_least=2, unsigned=False)
LENIENT = Policy((KEY,), unsigned=True)
CODE_ALLOWED = Policy(allow_code=True)
SIGNED_AND_CODE = Policy((KEY,), unsigned=False, allow_code=True)


def codes(policy, documents=(), origin="received", code=("model/model.joblib",)):
    return [problem.code for problem in judge(policy, Findings(tuple(documents), origin, code))]


@pytest.mark.parametrize(
    ("policy", "documents", "origin", "code", "expected"),
    [
        # where no file says anything
        (ANYBODY, [], "received", (), []),
        (ANYBODY, [], "received", ("x.py",), ["P295"]),
        (ANYBODY, [], "", ("x.py",), ["P295"]),
        (ANYBODY, [], "packaged", ("x.py",), []),
        (ANYBODY, [ANN], "received", ("x.py",), ["P295"]),  # it names nobody, so nobody counts
        (CODE_ALLOWED, [], "received", ("x.py",), []),
        # a policy that names somebody
        (NAMED, [], "packaged", (), ["P294"]),
        (NAMED, [], "packaged", ("x.py",), ["P294"]),
        (NAMED, [], "received", ("x.py",), ["P294", "P295"]),
        (NAMED, [ANN], "received", ("x.py",), []),
        (NAMED, [ANN], "", ("x.py",), []),
        (NAMED, [BAD], "received", (), ["P294", "P293"]),
        (NAMED, [BAD, ANN], "received", ("x.py",), []),
        (NAMED, [SAYS], "received", (), ["P294"]),  # an attestation is no signature of the files
        (SIGNED_AND_CODE, [], "received", ("x.py",), ["P294"]),
        # several
        (TWO, [ANN], "received", (), ["P294"]),
        (TWO, [ANN, BOB], "received", ("x.py",), []),
        (TWO, [ANN, ANN], "received", (), ["P294"]),
        (TWO, [ANN, ALSO_ANN], "received", (), ["P294"]),
        (TWO, [ANN, NEW_ANN], "received", (), ["P294"]),
        # unsigned ones are taken, and their code is not run
        (LENIENT, [], "received", (), []),
        (LENIENT, [], "received", ("x.py",), ["P295"]),
        (LENIENT, [ANN], "received", ("x.py",), []),
        (LENIENT, [], "packaged", ("x.py",), []),
    ],
)
def test_the_table(policy, documents, origin, code, expected):
    assert codes(policy, documents, origin, code) == expected


def test_a_refusal_says_how_many_are_missing_and_names_the_code():
    [few, bad] = judge(TWO, Findings((ANN, BAD), "received", ()))
    assert few.what == "1 of the 2 signers that the policy wants"
    assert bad.what == "the signature e does not count: it was changed"
    [code] = judge(ANYBODY, Findings((), "received", tuple(f"code/{n}.py" for n in range(6))))
    assert code.what.endswith("`code/0.py`, `code/1.py`, `code/2.py`, `code/3.py` and 2 more")
    nobody = Policy(unsigned=False)
    assert "names nobody" in judge(nobody, Findings())[0].what


def test_signers_are_told_apart_by_key_and_by_name():
    found = Findings((ANN, ALSO_ANN, NEW_ANN, BAD, SAYS, BOB))
    assert [one.name for one in signers(found)] == ["ann.pub", "bob.pub"]


def test_an_authority_without_names_is_nobody():
    assert not Policy(authorities=(KEY,)).names_somebody
    assert Policy(authorities=(KEY,), subjects=frozenset({"CN=a"})).names_somebody
    assert str(Signer("sha256:" + "ab" * 32, "CN=a", ("CN=b", "CN=c"))) == "CN=a below CN=c (sha256:abababababababab)"
