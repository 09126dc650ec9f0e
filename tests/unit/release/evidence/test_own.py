import stat
import threading
from dataclasses import replace

import pytest
from tests.unit.release.evidence.conftest import DIGEST

from trimtab.bundle.secrets.stage import search_stage
from trimtab.bundle.trust.policy import Policy
from trimtab.core.errors import OutsideError, UserError
from trimtab.release.evidence.attest import attest
from trimtab.release.evidence.gather import Vouching, gather
from trimtab.release.evidence.own import OWN, own_key, own_public


def test_it_is_made_at_first_use_for_its_owner_alone(tmp_path, golden, now):
    assert own_public(tmp_path) is None
    by = own_key(tmp_path)
    path = tmp_path / "keys/evidence.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert own_key(tmp_path) == by
    policy = Vouching(Policy((own_public(tmp_path),)))
    (one,) = gather([attest(golden, by)], DIGEST, policy, now).attestations
    assert one.signer == OWN
    yes = replace(golden, kind="approval")
    assert gather([attest(yes, by)], DIGEST, policy, now).attestations == ()


def test_all_who_ask_at_once_are_given_the_same(tmp_path):
    made, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        made.append(own_key(tmp_path).key.pem)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_what_somebody_who_was_killed_left_is_in_nobodys_way(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/.draft").write_bytes(b"-----BEGIN")
    assert own_key(tmp_path).key.pem.startswith(b"-----BEGIN PRIVATE KEY-----")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_key_that_others_may_read_or_change_is_not_used(tmp_path, mode):
    own_key(tmp_path)
    (tmp_path / "keys/evidence.pem").chmod(mode)
    for ask in (own_key, own_public):
        with pytest.raises(UserError, match=r"P440.*others may read"):
            ask(tmp_path)


def test_what_is_no_key_is_not_used_and_not_written_over(tmp_path):
    path = tmp_path / "keys/evidence.pem"
    path.parent.mkdir()
    path.touch(0o600)
    with pytest.raises(UserError, match=r"P440.*no private key"):
        own_key(tmp_path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"P440.*cannot be read"):
        own_key(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match="P440"):
        own_key(tmp_path)


def test_where_it_cannot_be_made_that_is_said(tmp_path):
    (tmp_path / "keys").write_text("a file")
    with pytest.raises((UserError, OutsideError), match=r"P44[01]"):
        own_key(tmp_path)


def test_no_bundle_has_it(tmp_path):
    """What would be packed is searched, and a private key in it is refused by its content, whatever its name."""
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "lookup.csv").write_bytes(own_key(tmp_path / "store").key.pem)
    with pytest.raises(UserError, match="private key"):
        search_stage(stage)
