from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from trimtab.project.values import ModelPart, Project, ServerPart


def test_a_project_lies_in_the_folder_of_its_file():
    assert Project(Path("/a/b/trimtab.toml"), "m", ModelPart("x:y")).folder == Path("/a/b")


@pytest.mark.parametrize("value", [ModelPart("x:y"), ServerPart(), Project(Path("/a"), "m", ModelPart("x:y"))])
def test_no_part_can_be_edited_on_its_way(value):
    with pytest.raises(FrozenInstanceError):
        setattr(value, value.__slots__[0], "other")


def test_a_port_that_nobody_named_is_no_port():
    assert ServerPart().port is None
