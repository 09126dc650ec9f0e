import pytest

from trimtab.bundle.sbom.document import Bom, Component, ExternalReference, LicenseChoice, Metadata, sha256
from trimtab.ops.check.checks.sbom import check, held_against
from trimtab.ops.check.subject import CannotError
from trimtab.project.check import SbomPart


def part(name, licence="MIT", *, hashed=True):
    where = (ExternalReference("distribution", "x", (sha256("0" * 64),)),) if hashed else ()
    licences = (LicenseChoice.spdx(licence),) if licence else ()
    return Component("library", name, version="1.0", licenses=licences, external_references=where)


def verdicts(parts, **policy):
    bom = Bom(Metadata(Component("machine-learning-model", "m")), (Component("platform", "python"), *parts))
    return {one.name: (one.verdict, one.says) for one in held_against(bom, SbomPart(**policy))}


HEALTHY = {
    "denied packages": ("PASS", ""), "denied licences": ("PASS", ""), "without a hash": ("PASS", ""),
    "no licence known": ("PASS", ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "policy", "name", "found"),
    [
        (
            [part("a", "AGPL-3.0-only")],
            {"deny_licences": ("AGPL-*",)},
            "denied licences",
            ("FAIL", "a 1.0: AGPL-3.0-only"),
        ),
        ([part("Left_Pad")], {"deny_packages": ("left-pad",)}, "denied packages", ("FAIL", "Left_Pad 1.0")),
        ([part("a", hashed=False)], {}, "without a hash", ("FAIL", "a 1.0")),
        ([part("a", "")], {}, "no licence known", ("WARN", "a 1.0")),
        ([part("a", "")], {"unknown": "deny"}, "no licence known", ("FAIL", "a 1.0")),
        ([part("a", "")], {"unknown": "allow"}, "no licence known", ("PASS", "a 1.0")),
        ([], {}, "parts", ("UNKNOWN", "nothing was locked: the list names no distribution")),
    ],
)
def test_each_rule_finds_its_own_fault_and_nothing_else(parts, policy, name, found):
    assert verdicts(parts, **policy) == {**HEALTHY, name: found}


def test_a_healthy_list_passes_and_hashes_may_be_left_out():
    assert verdicts([part("a"), part("b", "MIT OR GPL-3.0-only")], deny_licences=("GPL-*",)) == HEALTHY
    assert "without a hash" not in verdicts([part("a", hashed=False)], require_hashes=False)


def test_a_bundle_without_a_list_is_unknown(subject, bench):
    with pytest.raises(CannotError, match="no list of parts"):
        check(subject(), bench())
