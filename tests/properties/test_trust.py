"""No combination of findings gets past a policy that wants signatures, unless enough trusted ones are among them."""

from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.trust.policy import Document, Findings, NamedPem, Policy, Signer, judge

TEXT = st.sampled_from(["", "a", "b", "c"])
SIGNERS = st.none() | st.builds(Signer, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple))
DOCUMENTS = st.builds(Document, st.sampled_from(["signature", "attestation", "other"]), TEXT, TEXT, SIGNERS, TEXT, TEXT)
FINDINGS = st.builds(
    Findings, st.lists(DOCUMENTS, max_size=6).map(tuple), st.sampled_from(["packaged", "received", ""]),
    st.lists(TEXT, max_size=3).map(tuple),
)  # fmt: skip
PEMS = st.lists(st.builds(NamedPem, TEXT, st.just(b"")), max_size=2).map(tuple)
SUBJECTS = st.frozensets(TEXT, max_size=2)
POLICIES = st.builds(Policy, PEMS, PEMS, SUBJECTS, st.integers(-1, 4), st.booleans(), st.booleans())


def trusted(findings):
    """The keys that sign, by the letter: valid, of a signature, by somebody."""
    return {one.signer.key for one in findings.documents if one.kind == "signature" and one.signer and not one.fault}


@given(POLICIES, FINDINGS)
def test_what_wants_signatures_is_never_passed_without(policy, findings):
    if not judge(policy, findings) and not policy.unsigned:
        assert policy.names_somebody
        assert len(trusted(findings)) >= max(policy.at_least, 1)


@given(POLICIES, FINDINGS)
def test_code_never_runs_for_nothing(policy, findings):
    if findings.code and not judge(policy, findings):
        assert policy.allow_code or findings.origin == "packaged" or trusted(findings)


@given(POLICIES, FINDINGS, DOCUMENTS)
def test_a_further_document_that_does_not_count_changes_no_verdict(policy, findings, more):
    harmless = Document(more.kind, more.says, more.name, more.signer, more.fault or "changed")
    added = Findings((*findings.documents, harmless), findings.origin, findings.code)
    assert bool(judge(policy, added)) == bool(judge(policy, findings))
