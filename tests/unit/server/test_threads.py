"""How many processors there are by the cgroup's files, and how they are shared out."""

import os

import pytest

from trimtab.server.threads import POOLS, Shares, cores, set_pools, shares, threads_each

ALL = len(os.sched_getaffinity(0))


@pytest.fixture
def groups(tmp_path):
    """Writes the files of control groups; the folder that they are in."""

    def write(**files):
        (tmp_path / "cpu").mkdir(exist_ok=True)
        for name, text in files.items():
            places = {"v2": "cpu.max", "quota": "cpu/cpu.cfs_quota_us", "period": "cpu/cpu.cfs_period_us"}
            (tmp_path / places[name]).write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize(
    "files",
    [
        {"v2": "100000 100000\n"},
        {"v2": "50000 100000\n"},
        {"v2": "1 100000\n"},
        {"quota": "100000\n", "period": "100000\n"},
        {"v2": "100000 100000\n", "quota": "-1\n", "period": "100000\n"},
    ],
)
def test_a_quota_of_at_most_one_processor_is_one(groups, files):
    assert cores(groups(**files)) == 1


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"v2": "max 100000\n"},
        {"v2": "99900000 100000\n"},
        {"v2": ""},
        {"v2": "1 2 3"},
        {"v2": "100000 0"},
        {"v2": "100000 many"},
        {"quota": "-1\n", "period": "100000\n"},
        {"quota": "0\n", "period": "0\n"},
        {"quota": "100000\n"},
        {"quota": "what", "period": "100000"},
    ],
)
def test_without_a_quota_that_makes_sense_it_is_the_processors_of_this_process(groups, files):
    assert cores(groups(**files)) == ALL


@pytest.mark.parametrize(
    ("asked", "inline", "expected"),
    [
        ((0, None), True, Shares(8, 0, 1)),
        ((2, None), True, Shares(2, 0, 4)),
        ((16, None), True, Shares(16, 0, 1)),
        ((0, None), False, Shares(1, 8, 1)),
        ((2, None), False, Shares(2, 4, 1)),
        ((1, 2), False, Shares(1, 2, 4)),
        ((16, None), False, Shares(16, 1, 1)),
        ((0, 0), False, Shares(1, 0, 8)),
    ],
)
def test_processors_are_shared_out(asked, inline, expected):
    assert shares(*asked, inline=inline, available=8) == expected


def test_before_it_is_known_what_is_served_the_fewer_threads_count():
    assert threads_each(0, None, 8) == 1
    assert threads_each(1, 2, 8) == 4


def test_what_the_user_has_set_stays():
    environ = {"OMP_NUM_THREADS": "7"}
    set_pools(2, environ)
    assert environ == dict.fromkeys(POOLS, "2") | {"OMP_NUM_THREADS": "7"}
