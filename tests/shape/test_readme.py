"""The README shows sessions that the suite replays, and nothing else."""

import re


def test_every_session_of_the_readme_is_a_transcript_that_is_replayed(root):
    shown = re.findall(r"```console\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    replayed = [path.read_text().partition("\n")[2] for path in (root / "tests/sessions").glob("*.console")]
    assert shown
    assert [session for session in shown if session not in replayed] == []
