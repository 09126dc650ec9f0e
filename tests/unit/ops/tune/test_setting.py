from trimtab.ops.tune.setting import Setting, present
from trimtab.project import ServerPart


def test_the_present_setting_is_the_servers_own_choice_written_out():
    assert present(ServerPart(), inline=True, cores=4) == Setting("inline", 4, 0, 1, 0.05)
    assert present(ServerPart(), inline=False, cores=4) == Setting("workers", 1, 4, 1, 0.05)
    part = ServerPart(engine="workers", processes=2, workers=1, threads=3, batch=0.0)
    assert present(part, inline=True, cores=4) == Setting("workers", 2, 1, 3, 0.0)
    assert present(part, inline=True, cores=4, threads=7).threads == 7


def test_a_setting_is_written_as_the_keys_of_the_project_file():
    inline, workers = Setting("inline", 2, 0, 1, 0.05), Setting("workers", 1, 4, 2, 0.0)
    assert inline.keys == {"engine": "auto", "processes": 2, "threads": 1, "batch": "50ms"}
    assert workers.keys == {"engine": "workers", "processes": 1, "workers": 4, "threads": 2, "batch": "0s"}
    assert (inline.runners, workers.runners) == (2, 4)
    assert str(inline) == "2 processes inline, 1 thread, batch 50ms"
    assert str(workers) == "1 process x 4 workers, 2 threads, batch 0s"
