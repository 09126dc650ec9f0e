from __future__ import annotations

import os
import socket

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.ops.flights.helm import helm, helmsman


def test_the_second_is_refused_with_the_flight_and_process_of_the_first(tmp_path):
    with helm(tmp_path, "churn") as says:
        says("churn-1-abcdef")
        with pytest.raises(
            UserError, match=f"`churn-1-abcdef` is on at `churn` already: process {os.getpid()}"
        ) as caught:
            helm(tmp_path, "churn").__enter__()
        assert caught.value.problems[0].code == "P424"
        with helm(tmp_path, "other"):
            pass
    with helm(tmp_path, "churn"):
        pass


def test_who_has_it_is_known_to_whoever_looks(tmp_path):
    assert helmsman(tmp_path, "churn") is None
    with helm(tmp_path, "churn") as says:
        says("churn-1")
        assert helmsman(tmp_path, "churn") == {"flight": "churn-1", "pid": os.getpid(), "host": socket.gethostname()}
    assert helmsman(tmp_path, "churn") is None


def test_whoever_died_has_let_go(tmp_path):
    child = os.fork()
    if child == 0:
        helm(tmp_path, "churn").__enter__()
        os._exit(0)
    os.waitpid(child, 0)
    with helm(tmp_path, "churn"):
        pass


def test_a_folder_that_is_none_is_outside(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError) as caught:
        helm(tmp_path / "file", "churn").__enter__()
    assert caught.value.problems[0].code == "P425"
