"""What a name pointed at before, also after a crash in the middle of a line."""

from trimtab.bundle.keeping.history import former, moves, remember

ONE, TWO, THREE = (f"sha256:{digit * 64}" for digit in "123")


def test_moves_are_kept_in_order_and_a_repeated_one_once(tmp_path):
    for digest in (ONE, ONE, TWO, ONE):
        remember(tmp_path, "m", "latest", [digest])
    remember(tmp_path, "m", "prod", [TWO])
    assert moves(tmp_path, "m") == [("latest", ONE), ("latest", TWO), ("latest", ONE), ("prod", TWO)]
    assert former(tmp_path, "m") == [TWO, ONE]


def test_what_an_alias_held_before_there_was_a_history_is_noted_with_the_next_move(tmp_path):
    remember(tmp_path, "m", "latest", [ONE, TWO])
    remember(tmp_path, "m", "latest", [TWO, THREE])
    assert [digest for _, digest in moves(tmp_path, "m")] == [ONE, TWO, THREE]


def test_a_torn_line_is_skipped_and_does_not_swallow_the_next(tmp_path):
    remember(tmp_path, "m", "latest", [ONE])
    path = tmp_path / "history" / "m"
    with path.open("a") as file:
        file.write(f"latest {TWO[:20]}")
    remember(tmp_path, "m", "latest", [THREE])
    assert moves(tmp_path, "m") == [("latest", ONE), ("latest", THREE)]


def test_there_is_none_for_what_never_moved_or_is_no_name(tmp_path):
    assert moves(tmp_path, "m") == moves(tmp_path, "../m") == former(tmp_path, "m") == []
