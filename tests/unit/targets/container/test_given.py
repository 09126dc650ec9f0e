"""Secrets on their way into containers."""

from dataclasses import replace

import pytest
from tests.doubles.ground import WANTED, Ground

from trimtab.core.deployment import Secret
from trimtab.core.errors import UserError


@pytest.fixture(params=["podman", "docker"])
def ground(tmp_path, request):
    return Ground(tmp_path, request.param)


def test_a_secret_that_changed_makes_a_new_revision_and_is_in_no_word(ground, tmp_path):
    (tmp_path / "token").write_text("hush-1")
    wanted = replace(WANTED, secrets=(Secret("TOKEN", f"file:{tmp_path}/token"),))
    ground.apply(wanted)
    before = set(ground.yard.boxes)
    ground.apply(wanted)
    assert set(ground.yard.boxes) == before
    (tmp_path / "token").write_text("hush-2")
    ground.apply(wanted)
    assert len(set(ground.yard.boxes) - before) == 1
    assert "hush" not in repr(ground.yard.commands)
    assert not [one for one in ground.means.folder.rglob("*") if one.is_file() and b"hush" in one.read_bytes()]
    if ground.yard.dialect == "podman":
        assert list(ground.yard.secrets.values()) == [b"hush-2"]
    ground.make().remove("churn", "prod")
    assert ground.yard.secrets == {}


def test_every_secret_that_is_not_there_is_named_before_anything_is_done(ground):
    secrets = (Secret("A", "env:TRIMTAB_NO_SUCH"), Secret("B", "file:/no/such"), Secret("C", "keyvault:x"))
    with pytest.raises(UserError) as refused:
        ground.apply(replace(WANTED, secrets=secrets))
    assert [one.code for one in refused.value.problems] == ["P524"] * 3
    assert ground.yard.boxes == {}
