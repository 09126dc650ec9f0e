from dataclasses import replace

from trimtab.ops.tune.setting import Setting
from trimtab.ops.tune.space import Facts, batch_levels, space

FLAT = dict.fromkeys((1, 4, 16, 64, 256), 0.001)
STEEP = {size: 0.002 * size for size in (1, 4, 16, 64, 256)}
FACTS = Facts(cores=2, inline=False, curve=FLAT, goal_s=0.02)


def test_a_model_in_python_is_never_tried_inline():
    assert {one.engine for one in space(FACTS)} == {"workers"}
    assert {one.engine for one in space(replace(FACTS, inline=True))} == {"inline", "workers"}


def test_no_more_than_two_running_processes_a_processor():
    for cores in (1, 2, 6, 16):
        found = space(replace(FACTS, cores=cores, inline=True))
        assert max(one.runners for one in found) <= 2 * cores
        assert {1, cores} <= {one.processes for one in found}
        assert len(found) == len(set(found))


def test_the_present_setting_comes_first_and_once():
    odd, usual = Setting("workers", 1, 3, 1, 0.007), Setting("workers", 1, 2, 1, 0.05)
    for now in (odd, usual):
        found = space(replace(FACTS, present=now))
        assert found[0] == now
        assert found.count(now) == 1


def test_batch_limits_that_lead_to_the_same_rows_are_one():
    assert batch_levels(FACTS) == (0.0, 0.05)  # any call of 64 rows takes 1 ms: no limit binds
    assert batch_levels(replace(FACTS, curve=STEEP)) == (0.0, 0.05)  # 4 rows in 50 ms only
    assert batch_levels(replace(FACTS, curve=STEEP, goal_s=0.2)) == (0.0, 0.025, 0.05, 0.2)
    assert batch_levels(replace(FACTS, curve=STEEP, goal_s=0.4)) == (0.0, 0.05, 0.4 / 3)
    assert batch_levels(replace(FACTS, joined=False)) == batch_levels(replace(FACTS, asked=1)) == (0.0,)


def test_threads_are_varied_only_where_they_pay_and_nobody_prescribes_them():
    assert {one.threads for one in space(FACTS)} == {1}
    assert {one.threads for one in space(replace(FACTS, pooled=True))} == {1, 2}
    assert {one.threads for one in space(replace(FACTS, pooled=True, threads=3))} == {3}
