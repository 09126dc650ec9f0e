"""What stays out of the bundle, and is named."""

import itertools
import os

import pytest

from trimtab.bundle.secrets.look import Budget
from trimtab.bundle.secrets.project import find_kept_out, kept_out_lines

KEY = "AKIA" + "Q3EGRTZ7" * 2


@pytest.fixture
def lines(tmp_path):
    def find(files, packed=(), budget=None):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        kept, spent = find_kept_out(tmp_path, tmp_path / "store", budget)
        return list(kept_out_lines(kept, [tmp_path / name for name in packed], spent))

    return find


def test_files_are_named_by_name_or_by_what_is_in_them(lines):
    assert lines({".env": "", "notes/run.txt": f"\n{KEY}", "prepare.py": "x = 1", "b.pem": "public"}) == [
        ".env (environment file)",
        "notes/run.txt:2 (access key of AWS)",
    ]


def test_a_folder_of_secrets_is_one_line(lines):
    assert lines({".aws/credentials": KEY, "home/.ssh/id_rsa": "x", "home/.ssh/config": "x"}) == [
        ".aws (credentials of AWS)",
        "home/.ssh (keys of SSH)",
    ]


def test_source_control_and_notebooks_are_told_only_for_what_they_hold(lines):
    url = "url = https://{}git.example/x\n"
    assert lines({".git/config": url.format(""), ".git/index": KEY, "a.ipynb": '{"outputs": [1]}'}) == []
    assert lines({".git/config": "[remote]\n" + url.format("ann:kT9-vault@"), "a.ipynb": KEY}) == [
        ".git/config:2 (password in an address)",
        "a.ipynb:1 (access key of AWS)",
    ]


def test_several_in_a_file_are_one_line(lines):
    assert lines({"a.txt": f"{KEY}\n{KEY}\n{KEY}"}) == ["a.txt:1 (access key of AWS and 2 more)"]


def test_what_is_packed_is_not_called_kept_out(lines):
    assert lines({"a.py": KEY, "model/m.txt": KEY}, packed=("a.py", "model")) == []


def test_environments_caches_and_the_store_are_passed_over(lines):
    assert lines({f"{folder}/x.txt": KEY for folder in (".venv", "node_modules", "__pycache__", "store")}) == []


def test_links_are_not_followed(lines, tmp_path):
    outside = tmp_path.with_name("outside")
    outside.mkdir()
    (outside / "x").write_text(KEY)
    (tmp_path / "link").symlink_to(outside)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "file").symlink_to(outside / "x")
    os.mkfifo(tmp_path / "pipe.pem")
    assert lines({}) == []


def test_a_long_list_is_cut_with_its_length(lines):
    found = lines({f"{number:03}.env": "" for number in range(42)})
    assert len(found) == 31
    assert found[-1] == "and 12 more"


def test_a_search_that_ran_out_of_time_says_so(lines):
    clock = itertools.count(0.0, 1.0)
    found = lines({f"{number}.txt": "" for number in range(9)}, budget=Budget(1 << 20, 3, lambda: next(clock)))
    assert found == ["the search of the folder ended at `3.txt`, before its end"]
