from pathlib import Path

from trimtab.bundle.proof.bounds import Stop, stopped_at

CODE = Path("/stage/code")
DUMP = """Timeout (0:00:09)!
Thread 0x00007f (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 327 in wait
  File "/stage/code/inner/wait.py", line 4 in hold
  File "/stage/code/prepare.py", line 12 in clean
  File "/site-packages/trimtab/bundle/data/compose.py", line 50 in _prepared
"""


def test_the_places_in_the_code_are_told_innermost_last_and_apart_from_what_was_said():
    stop = stopped_at("loading\n" + DUMP, CODE)
    assert stop == Stop("loading\n", ("prepare.py:12 in clean", "inner/wait.py:4 in hold"), 9.0)


def test_a_crash_is_told_the_same_way():
    stop = stopped_at(DUMP.replace("Timeout (0:00:09)!", "Fatal Python error: Segmentation fault\n"), CODE)
    assert stop.frames[-1] == "inner/wait.py:4 in hold"
    assert stop.limit_s is None


def test_a_limit_may_have_hours_and_a_fraction():
    assert stopped_at(DUMP.replace("0:00:09", "1:02:03.500000"), CODE).limit_s == 3723.5


def test_what_a_model_says_about_its_own_files_is_no_place():
    said = '  File "/stage/code/prepare.py", line 1 in nowhere\n'
    assert stopped_at(said, CODE) == Stop(said)


def test_a_folder_is_taken_as_it_is_and_not_as_a_pattern():
    assert stopped_at(DUMP, Path("/s.age/code")).frames == ()
