"""Endpoints that ask who calls, and keep what they were asked, over an engine in memory."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.doubles.ground import EVERYWHERE, ONE, TWO, WANTED, Ground
from tests.doubles.yard import GATEWAY

from trimtab.core.errors import RefusedError, UserError
from trimtab.targets.container.target import ContainerTarget
from trimtab.targets.target import Means

LOCKED = replace(WANTED, server={"auth": {"keys": "keys.json"}})


class Locked(Ground):
    """A ground whose paths start at a folder of its own, with keys in it."""

    def __init__(self, folder: Path, dialect: str) -> None:
        super().__init__(folder, dialect)
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        self.means = Means(folder / "store", folder / "kept", self.root)
        (self.root / "keys.json").write_text("first")

    @property
    def copies(self):
        return [path.read_text() for path in self.means.folder.rglob("keys/*")]


@pytest.fixture(params=["podman", "docker"])
def ground(tmp_path, request):
    return Locked(tmp_path, request.param)


def revision(ground):
    return next(one for one in ground.yard.boxes.values() if one.role == "revision")


def test_keys_that_change_are_seen_without_another_container(ground):
    status = ground.apply(LOCKED)
    assert (status.live, status.differs, status.ready) == (LOCKED, (), True)
    assert ground.copies == ["first"]
    boxes = list(ground.yard.boxes)
    (ground.root / "keys.json").write_text("second")
    assert "server.auth.keys" in ground.status().differs[0]
    assert ground.apply(LOCKED).differs == ()
    assert (list(ground.yard.boxes), ground.copies) == (boxes, ["second"])


def test_whatever_is_missing_is_named_before_anything_starts(ground):
    tokens = {"a": {"issuer": "https://a", "audiences": ["c"], "scopes": ["infer"], "authorities": "no-a.pem"}}
    server = {"auth": {"keys": "no-keys.json", "tokens": tokens}, "tls_cert": "no-c.pem", "tls_key": "no-k.pem"}
    (ground.root / "records").write_text("no folder")
    with pytest.raises(UserError) as refused:
        ground.apply(replace(WANTED, server={**server, "audit": "records"}))
    said = " ".join(one.what for one in refused.value.problems)
    assert [one.code for one in refused.value.problems] == ["P524", "P524", "P524", "P524", "P528"]
    for name in ("no-a.pem", "no-keys.json", "no-c.pem", "no-k.pem", "records"):
        assert name in said
    assert not ground.yard.boxes


def test_a_server_that_lets_everybody_in_does_not_come_up(ground):
    ground.apply(LOCKED)
    ground.yard.open.add(TWO)
    with pytest.raises(RefusedError, match=r"P501(.|\n)*no key"):
        ground.apply(replace(LOCKED, bundle=TWO))
    assert ground.answering == ONE


def test_other_authorities_are_another_revision(ground):
    tokens = {"a": {"issuer": "https://a", "audiences": ["c"], "scopes": ["infer"], "authorities": "a.pem"}}
    wanted = replace(WANTED, server={"auth": {"tokens": tokens}})
    (ground.root / "a.pem").write_text("one")
    ground.apply(wanted)
    before = revision(ground).id
    (ground.root / "a.pem").write_text("two")
    assert ground.apply(wanted).live == wanted
    assert revision(ground).id != before


@pytest.mark.parametrize(("network", "believed"), [("bridge", GATEWAY), ("host", "127.0.0.1")])
def test_a_revision_believes_the_router_on_who_calls(ground, network, believed):
    ground.apply(LOCKED, network=network)
    assert revision(ground).settings["server"]["proxies"] == [believed]


def test_the_journal_is_there_for_all_revisions_and_stays(ground):
    wanted = replace(WANTED, server={"log": {"interactions": 1.0}, "limits": {"requests": "9/day", "file": "counts"}})
    ground.apply(wanted)
    places = [revision(ground).shown(f"/var/lib/trimtab/{name}") for name in ("journal", "quotas")]
    (places[0] / "segment").write_text("said")
    ground.apply(replace(wanted, bundle=TWO))
    assert [revision(ground).shown(f"/var/lib/trimtab/{name}") for name in ("journal", "quotas")] == places
    ground.make().remove("churn", "prod")
    left = [path for path in ground.means.folder.rglob("*") if path.is_file() and path.name != "lock"]
    assert left == [places[0] / "segment"]


def test_the_router_alone_has_the_certificate_and_speaks_plainly_to_us(ground):
    for name in ("c.pem", "k.pem"):
        (ground.root / name).write_text(name)
    server = {**LOCKED.server, "tls_cert": "c.pem", "tls_key": "k.pem"}
    wanted = replace(LOCKED, host=EVERYWHERE, server=server)
    status = ground.apply(wanted)
    assert (status.live, status.differs) == (wanted, ())
    assert (status.address, status.control) == ("https://0.0.0.0:8100", "http://127.0.0.1:8101")
    router = next(one for one in ground.yard.boxes.values() if one.role == "router")
    front = router.shown("/etc/trimtab-front")
    assert {path.read_text() for path in front.iterdir()} == {"c.pem", "k.pem"}
    assert router.routes["plain_control"]
    assert str(front) not in str(revision(ground).flags)
    assert not {"tls_cert", "tls_key"} & revision(ground).settings["server"].keys()


def test_a_rendered_file_has_the_data_in_folders_and_not_in_memory(tmp_path):
    target: ContainerTarget = Locked(tmp_path, "podman").make()
    text = target.render(replace(WANTED, server={"log": {}, "auth": {"keys": "keys.json"}})).files["compose.yaml"]
    assert "source: ./data/journal" in text
    assert "source: ./keys" in text
    assert "/var/lib/trimtab/journal:" not in text
