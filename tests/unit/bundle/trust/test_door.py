"""The door, with bundles in a store."""

import pytest

from trimtab.bundle.evidence import keep_evidence
from trimtab.bundle.trust.door import Taken, find, require_image, require_taking, require_trust, seen
from trimtab.bundle.trust.origin import Record, keep_origin
from trimtab.bundle.trust.policy import ANYBODY, Policy
from trimtab.bundle.trust.signing import Credentials, sign_bundle, sign_image
from trimtab.core.errors import RefusedError


@pytest.fixture
def coded(make):
    """A bundle with code in it."""
    return make({"model/model.txt": b"tree\n", "code/own.py": b"x = 1\n"})


def signed_by(bundle, *people):
    return tuple(one for person in people for one in sign_bundle(bundle, Credentials(person.private())).documents)


def test_data_may_run_from_anywhere_and_code_only_where_it_was_packaged(bundle, coded, tmp_path, signers):
    require_trust(tmp_path, bundle, [ANYBODY], signers.NOW)
    keep_origin(tmp_path, coded.digest, Record("received"))
    with pytest.raises(RefusedError, match=r"P295.*`code/own.py`"):
        require_trust(tmp_path, coded, [ANYBODY], signers.NOW)
    keep_origin(tmp_path, coded.digest, Record("packaged"))
    require_trust(tmp_path, coded, [ANYBODY], signers.NOW)


def test_every_policy_has_to_agree(coded, people, tmp_path, signers):
    keep_evidence(tmp_path, coded.digest, signed_by(coded, people["ann"]))
    anns, bobs = (Policy((people[name].public,), unsigned=False, where=name) for name in ("ann", "bob"))
    require_trust(tmp_path, coded, [anns], signers.NOW)
    for policies in ([anns, bobs], [bobs, anns], [bobs]):
        with pytest.raises(RefusedError) as error:
            require_trust(tmp_path, coded, policies, signers.NOW)
        assert {problem.where for problem in error.value.problems} == {"bob"}
    keep_evidence(tmp_path, coded.digest, signed_by(coded, people["bob"]))
    require_trust(tmp_path, coded, [anns, bobs], signers.NOW)


def test_what_is_brought_may_be_taken_without_running_and_its_signers_are_told(bundle, coded, people, signers):
    assert require_taking(coded, (), [ANYBODY], signers.NOW) == Taken((), runs=False)
    assert require_taking(bundle, (), [ANYBODY], signers.NOW) == Taken((), runs=True)
    policy = Policy((people["ann"].public,), unsigned=False)
    taken = require_taking(coded, signed_by(coded, people["ann"]), [ANYBODY, policy], signers.NOW)
    assert not taken.runs
    taken = require_taking(coded, signed_by(coded, people["ann"]), [policy], signers.NOW)
    assert taken.runs
    assert taken.signers[0].startswith("ann.pub (sha256:")
    with pytest.raises(RefusedError, match="P294"):
        require_taking(coded, signed_by(coded, people["eve"]), [policy], signers.NOW)


def test_where_a_policy_names_nobody_no_signature_is_tried(coded, people, signers):
    documents = signed_by(coded, people["ann"])
    assert find(coded, documents, "received", ANYBODY, signers.NOW).documents == ()
    assert [one.signer for one in seen(coded, documents, [ANYBODY], signers.NOW)] == [None, None]
    named = Policy((people["ann"].public,))
    assert [one.signer.name for one in seen(coded, documents, [ANYBODY, named], signers.NOW)] == ["ann.pub", "ann.pub"]


IMAGE, BASE = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"


def test_an_image_passes_when_enough_of_those_whom_each_policy_names_have_signed_it(bundle, people, signers):
    def signed(digest, *names):
        made = (sign_image(bundle, digest, BASE, Credentials(people[name].private())) for name in names)
        return tuple(one for each in made for one in each.documents)

    named = (people["ann"].public, people["bob"].public)
    one, both = (Policy(named, unsigned=False, at_least=count, where="here") for count in (1, 2))
    assert require_image(IMAGE, (), [ANYBODY], signers.NOW) == ()
    assert require_image(IMAGE, (), [Policy(named, unsigned=True)], signers.NOW) == ()
    (ann,) = require_image(IMAGE, signed(IMAGE, "ann", "eve"), [one], signers.NOW)
    assert ann.startswith("ann.pub")
    assert len(require_image(IMAGE, signed(IMAGE, "ann", "bob"), [one, both], signers.NOW)) == 2
    other = f"sha256:{'3' * 64}"
    for documents in ((), signed(IMAGE, "eve"), signed(other, "ann", "bob"), signed(IMAGE, "ann", "ann")):
        with pytest.raises(RefusedError, match="P294"):
            require_image(IMAGE, documents, [both], signers.NOW)
    of_the_bundle = sign_bundle(bundle, Credentials(people["ann"].private())).documents
    with pytest.raises(RefusedError, match="P293"):
        require_image(IMAGE, of_the_bundle, [one], signers.NOW)
