"""The target over an engine in memory: what it promises, also when it is killed at any command."""

from dataclasses import replace

import pytest
from tests.doubles.ground import EVERYWHERE, ONE, QUIET, THREE, TWO, WANTED, Ground, image
from tests.doubles.yard import Killed

from trimtab.core.deployment import Secret
from trimtab.core.errors import OutsideError, RefusedError, UserError
from trimtab.targets.container.target import ContainerTarget, Settled, container_target
from trimtab.targets.known import target_of
from trimtab.targets.target import Means, Status


@pytest.fixture(params=["podman", "docker"])
def ground(tmp_path, request):
    return Ground(tmp_path, request.param)


def test_what_is_applied_is_live_and_read_from_the_engine(ground):
    assert ground.status() == Status()
    status = ground.apply(WANTED)
    assert status == ground.status()
    assert (status.live, status.differs, status.ready) == (WANTED, (), True)
    assert (status.address, status.control) == ("http://127.0.0.1:8100", "http://127.0.0.1:8101")
    assert ground.answering == ONE


def test_the_same_again_changes_nothing(ground):
    ground.apply(WANTED)
    before = list(ground.yard.boxes)
    ground.apply(WANTED)
    assert list(ground.yard.boxes) == before


def test_another_bundle_takes_the_place_of_the_first(ground):
    ground.apply(WANTED)
    wanted = replace(WANTED, bundle=TWO)
    status = ground.apply(wanted)
    assert (status.live, status.differs, ground.answering) == (wanted, (), TWO)
    assert len(ground.yard.boxes) == 2


def test_a_challenger_is_beside_it_until_it_is_promoted(ground):
    wanted = replace(WANTED, challenger=TWO)
    status = ground.apply(wanted)
    assert status.live == wanted
    assert {one.bundle: one.share for one in status.revisions} == {ONE: 1.0, TWO: 0.0}
    beside = {one.name for one in ground.yard.boxes.values() if one.labels.get("trimtab.bundle") == TWO}
    ground.apply(replace(WANTED, bundle=TWO))
    assert beside <= {one.name for one in ground.yard.boxes.values()}, "what was flown is what answers"
    assert len(ground.yard.boxes) == 2


@pytest.mark.parametrize("fault", ["broken", "wrong", "fragile"])
def test_what_does_not_come_up_is_taken_away_and_nothing_else_is_touched(ground, fault):
    before = ground.apply(WANTED)
    boxes = list(ground.yard.boxes)
    getattr(ground.yard, fault).add(TWO)
    for wanted in (replace(WANTED, bundle=TWO), replace(WANTED, challenger=TWO)):
        with pytest.raises(RefusedError, match="P501"):
            ground.apply(wanted)
        assert list(ground.yard.boxes) == boxes
        assert ground.status() == before


@pytest.mark.parametrize(("network", "first"), [("bridge", False), ("host", True)])
def test_killed_at_any_command_the_next_apply_ends_it(tmp_path, network, first):
    """The double asserts at each command that the router passes on to somebody who is ready."""
    wanted = replace(WANTED, bundle=TWO, challenger=THREE, secrets=(Secret("TOKEN", f"file:{tmp_path}/token"),))
    (tmp_path / "token").write_text("hush")
    steps, ended = 0, False
    while not ended:
        ground = Ground(tmp_path / str(steps))
        if not first:
            ground.apply(WANTED, network=network)
        ground.yard.left = steps
        try:
            ground.apply(wanted, network=network)
            ended = True
        except Killed:
            ground.yard.left = -1
            ground.make(network=network).status("churn", "prod")
            status = ground.apply(wanted, network=network)
            assert (status.live, status.differs, status.ready) == (wanted, (), True), steps
            assert len(ground.yard.boxes) == 3, steps
            assert len(ground.yard.secrets) == 2, steps
        steps += 1
    assert steps > 20


def test_killed_while_it_is_removed_the_next_removal_ends_it(tmp_path):
    steps, ended = 0, False
    while not ended:
        ground = Ground(tmp_path / str(steps))
        ground.apply(replace(WANTED, challenger=TWO))
        ground.yard.left = steps
        try:
            ground.make().remove("churn", "prod")
            ended = True
        except Killed:
            ground.yard.left = -1
            ground.make().remove("churn", "prod")
        yard = ground.yard
        yard.left = -1
        assert (yard.boxes, yard.networks, yard.secrets) == ({}, {}, {})
        assert ground.status() == Status()
        steps += 1
    assert steps > 5


def test_what_belongs_to_others_is_not_touched(ground):
    for other in (
        replace(WANTED, environment="dev", port=8200),
        replace(WANTED, name="churn2", environment="prod", port=8300),
    ):
        ground.yard.images |= image(ONE, f"localhost/trimtab/{other.name}")
        ContainerTarget(
            lambda: ground.yard, Settled(), ground.means, lambda: 0.0, QUIET, lambda _reference, _post: ""
        ).apply(other, QUIET)
    others = set(ground.yard.boxes)
    ground.apply(WANTED)
    ground.make().remove("churn", "prod")
    assert set(ground.yard.boxes) == others


def test_a_container_of_somebody_else_is_refused_its_name_is_not_taken(ground):
    ground.apply(WANTED)
    name = next(one.name for one in ground.yard.boxes.values() if one.role == "revision")
    ground.make().remove("churn", "prod")
    ground.yard(
        (
            "run",
            "--name",
            "x",
            "--user",
            "u",
            "--network",
            "host",
            "--pids-limit",
            "1",
            "--restart",
            "no",
            "--security-opt",
            "x",
            ONE[7:],
        )
    )
    stranger = next(iter(ground.yard.boxes.values()))
    stranger.name = name
    with pytest.raises(RefusedError, match="P525"):
        ground.apply(WANTED)
    assert list(ground.yard.boxes) == [stranger.id]


def test_what_was_changed_by_hand_is_named_and_mended(ground):
    ground.apply(WANTED)
    box = next(one for one in ground.yard.boxes.values() if one.role == "revision")
    box.flags["--memory"] = ["1b"]
    box.flags.pop("--read-only")
    said = " ".join(ground.status().differs)
    assert "`memory`" in said
    assert "`read_only`" in said
    status = ground.apply(WANTED)
    assert (status.differs, status.live) == ((), WANTED)
    assert box.id not in ground.yard.boxes
    ground.yard.watched = False
    revision = next(one for one in ground.yard.boxes.values() if one.role == "revision")
    revision.status, revision.code = "exited", 137
    status = ground.make().status("churn", "prod")
    assert not status.ready
    assert "killed, perhaps for its memory" in " ".join(status.differs)


def test_no_two_revisions_share_a_port_whoever_has_it(ground):
    first = ground.apply(WANTED)
    port = next(one.labels["trimtab.port"] for one in ground.yard.boxes.values() if one.role == "revision")
    ground.make().remove("churn", "prod")
    other = ["--name", "other", "--user", "u", "--network", "host", "--pids-limit", "1", "--restart", "no"]
    ground.yard(["run", *other, "--security-opt", "x", "--label", f"trimtab.port={port}", ONE[7:]])
    assert ground.apply(WANTED) == first
    ports = [one.labels["trimtab.port"] for one in ground.yard.boxes.values() if "trimtab.port" in one.labels]
    assert sorted(map(int, ports)) == [int(port), int(port) + 1]


def test_an_engine_that_does_not_answer(ground):
    ground.yard.down = True
    for do in (lambda: ground.apply(WANTED), ground.status, lambda: ground.make().remove("churn", "prod")):
        with pytest.raises(OutsideError, match="P502"):
            do()


def test_an_address_that_others_reach_must_be_meant(ground):
    with pytest.raises(UserError, match="P527"):
        ground.make().render(replace(WANTED, host=EVERYWHERE))
    files = ground.make().render(replace(WANTED, host=EVERYWHERE, public=True)).files
    assert "insecure = true" in files["routes/routes.toml"]


def test_options_are_checked(tmp_path):
    means = Means(tmp_path, tmp_path)
    assert isinstance(
        target_of("container", {"engine": "podman", "network": "host", "patience": 3}, means), ContainerTarget
    )
    with pytest.raises(UserError, match=r"P504(.|\n)*P504"):
        container_target({"engine": "dockr", "netwrk": "host"}, means)


def test_a_folder_that_no_engine_can_be_shown(tmp_path):
    odd = Ground(tmp_path / "a,b")
    with pytest.raises(UserError, match="P526"):
        odd.apply(WANTED)
