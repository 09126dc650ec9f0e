import importlib
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trimtab.bundle.code.isolate import LocalModules


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def bundle(folder: Path, who: str) -> LocalModules:
    """A module with a sibling, a package with submodules, and functions that import only when they are called."""
    prepare = f"""
import importlib
import helper_of_trimtab_test as helper

WHO = {who!r}

class Thing:
    pass

def eager():
    return helper.WHO

def lazy():
    from steps_of_trimtab_test.inner import late
    return late.WHO

def dynamic():
    return importlib.import_module("steps_of_trimtab_test.other").WHO
"""
    files = {
        "prepare.py": prepare,
        "helper_of_trimtab_test.py": f"WHO = {who!r}",
        "steps_of_trimtab_test/__init__.py": "",
        "steps_of_trimtab_test/inner/__init__.py": "",
        "steps_of_trimtab_test/inner/late.py": "from ..other import WHO",
        "steps_of_trimtab_test/other.py": f"WHO = {who!r}",
    }
    return LocalModules(write(folder, files))


def test_two_bundles_each_have_their_own_prepare(tmp_path):
    one, two = bundle(tmp_path / "one", "one"), bundle(tmp_path / "two", "two")
    with one:
        first = importlib.import_module("prepare")
    with two:
        second = importlib.import_module("prepare")
    assert (first.WHO, second.WHO) == ("one", "two")
    with one:
        assert importlib.import_module("prepare") is first
        assert sys.modules[first.Thing.__module__] is first


def test_everything_is_left_as_it_was_found(tmp_path):
    modules = bundle(tmp_path, "one")
    before = dict(sys.modules), list(sys.path), list(sys.meta_path)
    with modules:
        importlib.import_module("prepare").lazy()
    assert (dict(sys.modules), sys.path, sys.meta_path) == before
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("helper_of_trimtab_test")


def test_it_is_left_as_it_was_found_after_an_error(tmp_path):
    modules = LocalModules(write(tmp_path, {"broken_of_test.py": "1 / 0"}))
    before = dict(sys.modules), list(sys.meta_path)
    with pytest.raises(ZeroDivisionError), modules:
        importlib.import_module("broken_of_test")
    assert (dict(sys.modules), sys.meta_path) == before


def test_no_byte_code_is_written_and_none_is_read(tmp_path):
    import py_compile

    write(tmp_path, {"prepare.py": "WHO = 'forged'"})
    forged = py_compile.compile(
        str(tmp_path / "prepare.py"), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    write(tmp_path, {"prepare.py": "WHO = 'verified'"})
    assert forged is not None
    with LocalModules(tmp_path):
        assert importlib.import_module("prepare").WHO == "verified"
    Path(forged).unlink()
    other = bundle(tmp_path / "code", "one")
    with other:
        importlib.import_module("prepare").lazy()
    assert not list((tmp_path / "code").rglob("*.pyc"))


def test_threads_of_several_bundles_never_see_each_other(tmp_path):
    loaded = []
    for position in range(3):
        modules = bundle(tmp_path / str(position), str(position))
        with modules:
            loaded.append((modules, importlib.import_module("prepare")))

    def work(turn: int) -> tuple[str, set[str]]:
        modules, prepare = loaded[turn % 3]
        with modules:
            return str(turn % 3), {prepare.eager(), prepare.lazy(), prepare.dynamic()}

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(work, range(600)))
    assert all(answers == {who} for who, answers in seen)


def test_threads_of_one_bundle_are_inside_together(tmp_path):
    modules = bundle(tmp_path, "one")
    both = threading.Barrier(2, timeout=10)

    def work() -> None:
        with modules:
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(work) for _ in range(2)]:
            job.result()


def test_a_waiting_bundle_is_not_starved_by_a_steady_stream_of_another(tmp_path):
    busy, patient = bundle(tmp_path / "one", "one"), bundle(tmp_path / "two", "two")
    done = threading.Event()

    def stream() -> None:
        while not done.is_set():
            with busy:
                time.sleep(0.001)

    threads = [threading.Thread(target=stream) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        entered = threading.Thread(target=lambda: patient.__enter__() and patient.__exit__(None, None, None))
        entered.start()
        entered.join(5)
        assert not entered.is_alive()
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_a_bundle_inside_itself_stays_and_inside_another_gives_way(tmp_path):
    one, two = bundle(tmp_path / "one", "one"), bundle(tmp_path / "two", "two")
    with one, one:
        assert importlib.import_module("prepare").WHO == "one"
        with two:
            assert importlib.import_module("prepare").WHO == "two"
        assert importlib.import_module("prepare").WHO == "one"
    assert "prepare" not in sys.modules


def test_threads_that_nest_crosswise_do_not_lock_up(tmp_path):
    one, two = bundle(tmp_path / "one", "one"), bundle(tmp_path / "two", "two")

    def nest(outer: LocalModules, inner: LocalModules) -> None:
        for _ in range(200):
            with outer, inner:
                pass

    threads = [threading.Thread(target=nest, args=pair, daemon=True) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_a_local_module_wins_inside_only_and_is_named_as_shadowing(tmp_path):
    import colorsys  # noqa: F401 - loaded, so that a name of the standard library is tried

    import iniconfig

    code = write(tmp_path, {"iniconfig.py": "LOCAL = True", "colorsys.py": "LOCAL = True", "mine_of_test.py": ""})
    modules = LocalModules(code)
    with modules:
        assert importlib.import_module("iniconfig").LOCAL
        assert not hasattr(importlib.import_module("colorsys"), "LOCAL")
    assert importlib.import_module("iniconfig") is iniconfig
    assert modules.shadowed() == ("iniconfig",)
    assert modules.reserved == ("colorsys",)
    assert modules.names == ("iniconfig", "mine_of_test")


def test_a_folder_without_code_offers_no_names(tmp_path):
    write(tmp_path, {"data/table.csv": "", "name-space.txt": "", "space/deep/module.py": "X = 1"})
    modules = LocalModules(tmp_path)
    assert modules.names == ("space",)
    with modules:
        assert importlib.import_module("space.deep.module").X == 1
    assert LocalModules(tmp_path / "absent").names == ()


def test_staying_in_the_same_bundle_costs_almost_nothing(tmp_path):
    modules = bundle(tmp_path, "one")
    with modules:
        importlib.import_module("prepare").lazy()
        best = min(_time_entries(modules) for _ in range(5))
    assert best < 20e-6  # 1 us when the machine is idle; the limit only catches a wrong order of growth


def _time_entries(modules: LocalModules) -> float:
    start = time.perf_counter()
    for _ in range(1000):
        with modules:
            pass
    return (time.perf_counter() - start) / 1000
