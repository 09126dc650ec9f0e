"""The runner of transcripts says so when a transcript is wrong."""

import socket

import pytest


def test_a_true_transcript_passes(replay):
    replay("words before count for nothing\n\n$ echo one; echo two\none\n...\n$ printf 'a 1 b\\n'\na ... b\n")


def test_a_command_may_go_on_over_lines(replay):
    replay("$ echo 'a\n> b' \\\n>   c\na\nb c\n$ printf 'd\\n> e\\n'\nd\n> e\n")


def test_another_output_fails_and_shows_both(replay):
    with pytest.raises(Exception, match=r"(?s)line 3: \$ echo two.*expected:\nthree.*got \(exit status 0\):\ntwo"):
        replay("$ echo one\none\n$ echo two\nthree\n")


def test_missing_and_further_lines_fail(replay):
    with pytest.raises(Exception, match="line 1"):
        replay("$ echo one\none\ntwo\n")


def test_silence_is_expected_where_nothing_is_written(replay):
    with pytest.raises(Exception, match="line 1"):
        replay("$ echo one\n\n$ echo two\ntwo\n")


def test_a_failing_command_must_be_expected(replay):
    with pytest.raises(Exception, match="exit status 4"):
        replay("$ exit 4\n")


def test_the_exit_status_can_be_asked(replay):
    replay("$ exit 4\n$ echo $?\n4\n")


def test_the_command_is_ours(replay):
    replay("$ trimtab --version\ntrimtab ...\n$ trimtab chek\nerror[P111]: no verb `chek`\n...\n")


def test_a_background_command_is_waited_for_and_stopped(replay, tmp_path):
    replay(
        "$ python -u -m http.server 8080 --bind 127.0.0.1 &\nServing HTTP...8080...\n"
        "$ echo $PORT > port\n"
        "$ python -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8080/\").status)'\n200\n"
    )
    port = int((tmp_path / "work/port").read_text())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_background_command_that_fails_is_not_waited_for(replay):
    with pytest.raises(Exception, match="no verb"):
        replay("$ trimtab chek &\nserving\n")
