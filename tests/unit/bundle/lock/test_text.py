import pytest

from trimtab.bundle.lock.resolve import pins_of, resolve_pins, without_secrets
from trimtab.bundle.lock.text import LOCK_FILE, Pin, hashed_pins, parse_lock, read_known, render_lock
from trimtab.core.errors import OutsideError

A, B, C = (f"sha256:{digit * 64}" for digit in "abc")


def refuse(wanted):
    pytest.fail(f"nothing is to be resolved, but {wanted} was")


def test_a_lock_is_sorted_hashed_without_addresses_and_reads_back():
    pins = [Pin("zeta", "2.0+cpu", (A,)), Pin("alpha", "1.0", (A, B))]
    text = render_lock(pins)
    assert text == (
        f"alpha==1.0 \\\n    --hash={A} \\\n    --hash={B}\n"
        f"zeta==2.0+cpu \\\n    --hash={A}\n"
    )  # fmt: skip
    assert parse_lock(text) == {"alpha": pins[1], "zeta": pins[0]}
    assert render_lock(reversed(pins)) == text


def test_a_users_own_file_is_read_whatever_it_holds_beside_pins():
    text = (
        "# comment\n--index-url https://u:secret@some.example/simple\nName.With_Dots==1.0 ; python_version > '3'"
        f" --hash={B} --hash={A}\nloose>=2\nbare==3\n-e .\n"
    )
    assert parse_lock(text) == {
        "name-with-dots": Pin("name-with-dots", "1.0", (A, B)),
        "bare": Pin("bare", "3", ()),
    }


def test_known_pins_of_the_wanted_versions_need_no_index():
    known = {"a": Pin("a", "1", (A,)), "more": Pin("more", "9", (B,))}
    assert hashed_pins({"a": "1"}, known, refuse) == ([known["a"]], [])


@pytest.mark.parametrize("known", [{}, {"a": Pin("a", "0.9", (A,))}, {"a": Pin("a", "1", ())}])
def test_an_absent_outdated_or_unhashed_pin_is_resolved_anew(known):
    asked = []

    def resolve(wanted):
        asked.append(dict(wanted))
        return [Pin(name, version, (C,)) for name, version in wanted.items()]

    pins, new = hashed_pins({"a": "1", "b": "2"}, {**known, "b": Pin("b", "2", (B,))}, resolve)
    assert asked == [{"a": "1"}]
    assert pins == [Pin("a", "1", (C,)), Pin("b", "2", (B,))]
    assert new == [Pin("a", "1", (C,))]


def test_nothing_needed_means_an_empty_lock_and_no_question():
    assert hashed_pins({}, {}, refuse) == ([], [])
    assert render_lock([]) == ""


def test_the_projects_lock_file_is_read_when_there_is_one(tmp_path):
    assert read_known(tmp_path) == {}
    (tmp_path / LOCK_FILE).write_text(render_lock([Pin("a", "1", (A,))]))
    assert read_known(tmp_path) == {"a": Pin("a", "1", (A,))}


def test_pins_take_sources_and_wheels_of_any_platform_for_this_python_only():
    import sys

    here = f"cp{sys.version_info.major}{sys.version_info.minor}"
    wheels = {
        f"x-1-{here}-{here}-manylinux_2_28_x86_64.whl": "1",
        f"x-1-{here}-{here}-macosx_11_0_arm64.whl": "2",
        "x-1-py3-none-any.whl": "3",
        "x-1-cp39-abi3-win_amd64.whl": "4",
        "x-1-cp37-cp37m-win_amd64.whl": "5",
        f"x-1-{here}-{here}t-win_amd64.whl": "6",
        "x-1-py2-none-any.whl": "7",
        "no wheel": "8",
    }
    entries = ", ".join(
        f'{{ url = "https://files.example/{name}", hashes = {{ sha256 = "{digit * 64}" }} }}'
        for name, digit in wheels.items()
    )
    text = (
        f'lock-version = "1.0"\n[[packages]]\nname = "X_x"\nversion = "1"\nwheels = [{entries}]\n'
        f'sdist = {{ url = "https://files.example/x-1.tar.gz", hashes = {{ sha256 = "{"9" * 64}" }} }}\n'
    )
    assert pins_of(text) == [Pin("x-x", "1", tuple(f"sha256:{digit * 64}" for digit in "12349"))]


def test_a_pylock_of_the_users_own_keeps_no_secret_and_stays_what_it_was():
    packages = '[[packages]]\nname = "a"\nversion = "1"\n'
    where = 'wheels = [{{ url = "{}", hashes = {{ sha256 = "0" }} }}]\n'
    index = 'index = "https://u:hush@some.example/simple"\n'
    kept = packages + where.format("https://files.example/a-1-py3-none-any.whl")
    told = packages + index + where.format("https://u:hush@files.example/a-1-py3-none-any.whl?token=hush#sha256=0")
    assert without_secrets(told) == without_secrets(kept) == kept
    local = without_secrets(packages + where.format("file:///files/own/a-1-py3-none-any.whl"))
    assert local == packages + where.format("a-1-py3-none-any.whl").replace("url", "path")


def test_an_index_out_of_reach_is_an_outside_error_that_says_what_to_do(dead_index):
    with pytest.raises(OutsideError) as caught:
        resolve_pins({"no-such-thing-anywhere": "1.0"}, dead_index)
    (problem,) = caught.value.problems
    assert problem.code == "P254"
    assert "`no-such-thing-anywhere==1.0`" in problem.what
    assert "secret" not in problem.what
    assert "requirements.lock" in problem.hint


@pytest.fixture
def dead_index(tmp_path):
    """The project's own settings of uv name an index that nobody serves."""
    (tmp_path / "uv.toml").write_text(
        'offline = true\n[[index]]\nurl = "https://user:secret@127.0.0.1:9/simple"\ndefault = true\n'
    )
    return tmp_path
