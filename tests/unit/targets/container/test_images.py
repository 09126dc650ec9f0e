"""Where the image of a bundle comes from."""

from dataclasses import replace

import pytest
from tests.doubles.ground import ONE, TWO, WANTED, Ground, image

from trimtab.core.errors import RefusedError, UserError


@pytest.fixture(params=["podman", "docker"])
def ground(tmp_path, request):
    return Ground(tmp_path, request.param)


def test_an_image_is_fetched_where_it_is_said_to_be_and_must_be_of_the_bundle(ground):
    wanted = replace(WANTED, image="registry.example/churn")
    ground.yard.remote = image(ONE, "registry.example/churn")
    assert ground.apply(wanted).live == wanted
    pinned = replace(WANTED, image=f"registry.example/churn@sha256:{'9' * 64}")
    ground.yard.remote = {pinned.image: (TWO[7:], {"trimtab.bundle.digest": TWO})}
    with pytest.raises(RefusedError, match="P523"):
        ground.apply(pinned)
    assert ground.status().live == wanted


def test_without_an_image_and_a_base_there_is_a_way_out(ground):
    ground.yard.images = {}
    with pytest.raises(UserError, match=r"P522(.|\n)*base = "):
        ground.apply(WANTED)
