"""Which policies hold, and how a bundle gets past them into the store."""

import os
import shutil

import pytest

from trimtab.bundle.evidence import keep_evidence
from trimtab.bundle.read import open_bundle
from trimtab.bundle.store import Store
from trimtab.bundle.trust.origin import record_of
from trimtab.bundle.trust.policy import ANYBODY
from trimtab.bundle.trust.signing import Credentials, sign_bundle
from trimtab.cli.options import project_here
from trimtab.cli.trusting import brought_in, policies_of, trust_of, trusted
from trimtab.core.errors import RefusedError, UserError

SMALL = 'name = "copy"\n[model]\npath = "m:a"\n'


@pytest.fixture
def ann(signers, here):
    """Somebody whose public key lies in this folder."""
    person = signers.person("ann")
    (here / "ann.pub").write_bytes(person.public.pem)
    return person


@pytest.fixture
def folder(answering, here):
    """A bundle of plain Python in a folder, which no store knows."""
    shutil.copytree(answering.folder, here / "elsewhere")
    return here / "elsewhere"


@pytest.fixture
def store(here):
    """An empty store."""
    return Store(here / "other")


def test_without_a_file_the_policy_is_that_of_anybody(here):
    assert policies_of(Store(here / "store"), None) == (ANYBODY,)


def test_both_files_hold_the_machines_and_the_projects(here, ann):
    (here / "trimtab.toml").write_text(SMALL + '[trust]\nallow_code = true\n[env.prod.trust]\nkeys = ["ann.pub"]\n')
    (here / ".trimtab").mkdir()
    (here / ".trimtab/trust.toml").write_text('keys = ["../ann.pub"]\n')
    machine, project = policies_of(Store(here / ".trimtab"), project_here())
    assert [one.pem for one in machine.keys] == [ann.public.pem]
    assert (machine.allow_code, machine.unsigned, project.allow_code) == (False, False, True)
    assert machine.where.endswith("trust.toml")
    _, prod = policies_of(Store(here / ".trimtab"), project_here(), "prod")
    assert (prod.where, prod.allow_code, prod.unsigned) == ("trimtab.toml [env.prod.trust]", True, False)


def test_an_environment_that_nobody_named_does_not_loosen_anything(here):
    for text in ("", SMALL, SMALL + "[env.prod.trust]\nallow_code = true\n"):
        if text:
            (here / "trimtab.toml").write_text(text)
        with pytest.raises(UserError, match="P114") as error:
            policies_of(Store(here), project_here(), "prd")
    assert "did you mean `prod`?" in str(error.value)


def test_a_key_that_is_not_there_stops_everything(here):
    (here / "trimtab.toml").write_text(SMALL + '[trust]\nkeys = ["gone.pub"]\n')
    with pytest.raises(UserError, match="P292"):
        policies_of(Store(here), project_here())


def test_a_folder_is_received_and_its_code_stays_where_it_is(folder, store):
    bundle = open_bundle(folder)
    with pytest.raises(RefusedError, match=r"P295.*model copy:copy"):
        trusted(bundle, store, None)
    assert record_of(store.root, bundle.digest).origin == "received"
    assert store.resolve(bundle.digest).digest == bundle.digest
    (store.root / "trust.toml").write_text("allow_code = true\n")
    found = trusted(bundle, store, None)
    assert found.folder.is_relative_to(store.root)
    assert found.digest == bundle.digest


def test_a_folder_that_was_packaged_here_is_the_stores_own(folder, answering, here):
    found = trusted(open_bundle(folder), Store(here / ".trimtab"), None)
    assert found.folder == answering.folder


def test_another_stores_word_for_it_is_not_taken(answering, store):
    with pytest.raises(RefusedError, match="P295"):
        trusted(answering, store, None)


def test_what_a_policy_does_not_take_does_not_get_into_the_store_even(folder, store, here, ann):
    (here / "trimtab.toml").write_text(SMALL + '[trust]\nkeys = ["ann.pub"]\n')
    bundle = open_bundle(folder)
    with pytest.raises(RefusedError, match="P294"):
        trusted(bundle, store, project_here())
    assert not list(store.root.glob("bundles/sha256/*"))
    documents = sign_bundle(bundle, Credentials(ann.private())).documents
    assert trust_of(store, project_here())(bundle, documents).signers[0].startswith("ann.pub")
    keep_evidence(store.root, bundle.digest, documents)
    assert trusted(bundle, store, project_here()).folder.is_relative_to(store.root)
    assert record_of(store.root, bundle.digest).signers[0].startswith("ann.pub")


def test_no_swap_while_a_folder_is_received_is_ever_what_is_loaded(folder, store):
    """Another file at every moment between the first look and the copy: the old bytes, or a refusal (S-47)."""
    bundle = open_bundle(folder)
    target = next(path for path in folder.rglob("*.json") if path.name != "bundle.json")
    os.chmod(folder, 0o755)  # noqa: PTH101, S103  # as whoever owns it may
    target.unlink()
    target.write_bytes(b"{}")
    with pytest.raises(UserError, match="P209"):
        brought_in(bundle, store, lambda _bundle, _evidence: None)
    assert not list(store.root.glob("bundles/sha256/*"))
    assert not list(store.root.glob("origins/*"))
