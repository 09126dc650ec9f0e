"""Which requirements go into the image."""

import pytest

from trimtab.bundle.image.pins import misfits, pins_for
from trimtab.bundle.lock.text import Pin, read_known
from trimtab.core.errors import UserError


def pin(name, version):
    return Pin(name, version, (f"sha256:{'0' * 64}",))


def test_a_locked_version_that_trimtab_cannot_work_with_is_named():
    locked = {"numpy": pin("numpy", "1.20.0"), "click": pin("click", "8.2")}
    assert misfits(locked, ("numpy>=1.26", "click>=8.1", "msgspec>=0.19")) == [
        "the bundle is locked to `numpy==1.20.0`, trimtab needs `numpy>=1.26`"
    ]
    assert misfits(locked, ("numpy>=1.26; extra == 'x'",)) == []


def test_the_lock_goes_first_and_the_index_is_asked_once(tmp_path):
    asked = []

    def resolve(versions):
        asked.append(sorted(versions))
        return [pin(name, version) for name, version in versions.items()]

    locked = {"numpy": pin("numpy", "2.0.0"), "scipy": pin("scipy", "1.0")}
    pins = pins_for(locked, tmp_path / "notes", resolve)
    assert {one.name: one.version for one in pins}.items() >= {"numpy": "2.0.0", "scipy": "1.0"}.items()
    assert {"click", "msgspec", "rich-click"} <= set(asked[0])
    assert "numpy" not in asked[0]
    assert [one.name for one in pins] == sorted(one.name for one in pins)
    assert pins_for(locked, tmp_path / "notes", resolve) == pins
    assert len(asked) == 1
    assert set(read_known(tmp_path / "notes")) == set(asked[0])


def test_a_misfit_is_refused_before_anything_is_asked(tmp_path):
    with pytest.raises(UserError, match="P276"):
        pins_for({"numpy": pin("numpy", "1.20.0")}, tmp_path, lambda _: pytest.fail("asked"))
