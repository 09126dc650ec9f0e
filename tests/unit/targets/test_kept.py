"""What was applied is read back as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.core.deployment import Autoscale, Deployment, Resources, Secret
from trimtab.core.errors import OutsideError
from trimtab.targets.kept import forget, keep, kept, text_of

WHOLE = Deployment(
    "churn", "prod", "sha256:" + "1" * 64, challenger="sha256:" + "2" * 64, image="images.example/churn", replicas=3,
    autoscale=Autoscale(1, 4), resources=Resources(0.5, 1 << 30), server={"auth": {"keys": "k.json"}, "rows": 10},
    variables={"REGION": "eu"}, secrets=(Secret("TOKEN", "env:T"),), shadow=0.5, public=True,
)  # fmt: skip


def test_all_of_it_comes_back(tmp_path: Path) -> None:
    keep(tmp_path / "live.json", WHOLE)
    assert kept(tmp_path / "live.json") == WHOLE
    keep(tmp_path / "live.json", Deployment("a", "b", "c"))
    assert kept(tmp_path / "live.json") == Deployment("a", "b", "c")
    forget(tmp_path / "live.json")
    forget(tmp_path / "live.json")
    assert kept(tmp_path / "live.json") is None
    assert [*tmp_path.iterdir()] == []


def test_the_text_is_the_same_in_any_order() -> None:
    other = Deployment("churn", "prod", "d", variables={"B": "2", "A": "1"}, server={"z": 1, "a": {"y": 1, "b": 2}})
    again = Deployment("churn", "prod", "d", variables={"A": "1", "B": "2"}, server={"a": {"b": 2, "y": 1}, "z": 1})
    assert text_of(other) == text_of(again)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', '{"name":1,"environment":"e","bundle":"b"}'])
def test_a_file_that_says_something_else_is_no_deployment(text: str, tmp_path: Path) -> None:
    (tmp_path / "live.json").write_text(text)
    with pytest.raises(OutsideError, match="P502"):
        kept(tmp_path / "live.json")
