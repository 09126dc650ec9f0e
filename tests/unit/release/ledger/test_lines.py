from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.release.ledger.lines import FORMAT, OPENING, BrokenError, follow, line_of, read_lines

BODIES = st.dictionaries(
    st.text(), st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)


def chain(*bodies):
    entries = [follow(None, 1.5, OPENING, "", {"format": FORMAT})]
    for at, body in enumerate(bodies):
        entries.append(follow(entries[-1], 2.0 + at, "noted", f"thing {at}", body))
    return entries


def text(entries):
    return b"".join(map(line_of, entries))


@given(st.lists(BODIES, max_size=4))
def test_what_was_written_is_read(bodies):
    entries = chain(*bodies)
    found = read_lines(text(entries))
    assert (list(found.entries), found.size, found.torn) == (entries, len(text(entries)), 0)


@given(st.lists(BODIES, min_size=1, max_size=3), st.data())
def test_wherever_the_last_line_is_cut_the_ones_before_stay(bodies, data):
    entries = chain(*bodies)
    before, last = text(entries[:-1]), line_of(entries[-1])
    cut = data.draw(st.integers(0, len(last) - 1))
    found = read_lines(before + last[:cut])
    assert (list(found.entries), found.size, found.torn) == (entries[:-1], len(before), cut)


def test_a_block_that_never_reached_the_disk_is_a_torn_end():
    entries = chain({"a": 1})
    before = text(entries[:1])
    assert read_lines(before + b"\0" * 50 + b"\n").torn == 51


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize(
    "change",
    [
        lambda facts: facts | {"time": facts["time"] + 1},
        lambda facts: facts | {"kind": "other"},
        lambda facts: facts | {"about": "somebody"},
        lambda facts: facts | {"body": {"format": FORMAT, "more": 1}},
        lambda facts: facts | {"before": "0" * 64},
        lambda facts: facts | {"digest": "0" * 64},
        lambda facts: facts | {"number": facts["number"] + 1},
    ],
)
def test_a_line_that_was_changed_is_found(change, at):
    lines = [line_of(entry) for entry in chain({"a": 1}, {"b": 2}, {"c": 3})]
    lines[at] = json.dumps(change(json.loads(lines[at]))).encode() + b"\n"
    with pytest.raises(BrokenError) as caught:
        read_lines(b"".join(lines))
    assert caught.value.number == at


@pytest.mark.parametrize("at", range(3))
def test_a_line_that_was_taken_away_or_doubled_is_found(at):
    lines = [line_of(entry) for entry in chain({"a": 1}, {"b": 2}, {"c": 3})]
    for changed in (lines[:at] + lines[at + 1 :], lines[: at + 1] + lines[at:]):
        with pytest.raises(BrokenError):
            read_lines(b"".join(changed))


def test_a_line_of_something_else_in_the_middle_is_found():
    first, *others = [line_of(entry) for entry in chain({"a": 1}, {"b": 2})]
    for strange in (b"\n", b"[1]\n", b"{}\n", b"\xff\n"):
        with pytest.raises(BrokenError, match="entry 1 is no line"):
            read_lines(first + strange + b"".join(others))


def test_what_follows_an_entry_is_read_alone():
    entries = chain({"a": 1}, {"b": 2})
    assert list(read_lines(line_of(entries[2]), entries[1]).entries) == [entries[2]]


def test_a_body_that_json_has_no_words_for_is_refused():
    with pytest.raises(ValueError, match="JSON compliant"):
        follow(None, 0.0, OPENING, "", {"x": float("inf")})


def test_every_byte_of_every_line_counts():
    """Each byte, with one of its bits turned; of the last line too, where nothing follows that would show it."""
    whole = text(chain({"a": 1.5, "who": "ann"}, {"b": [True, None]}))
    for at in range(len(whole)):
        for byte in {whole[at] ^ (1 << at % 7), ord("x") if whole[at] != ord("x") else ord("y"), ord(" ")} - {
            whole[at]
        }:
            with pytest.raises(BrokenError, match=r"no line of a ledger|not what was written|is missing|every ledger"):
                read_lines(whole[:at] + bytes([byte]) + whole[at + 1 :])


@given(st.data())
def test_every_range_of_bytes_counts_but_a_missing_end(data):
    entries = chain({"a": 1}, {"b": 2}, {"c": 3})
    whole = text(entries)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    put = data.draw(st.sampled_from([b"", b" ", b"\n", b"x", b"{}", b'"a":1,', whole[:30], line_of(entries[1])]))
    changed = whole[:start] + put + whole[end:]
    try:
        found = read_lines(changed)
    except BrokenError:
        return
    # what is left is a beginning, and at most one line that was never finished; nothing is taken for what it is not
    assert list(found.entries) == entries[: len(found.entries)]
    assert b"\n" not in changed[found.size :]
    assert changed[: found.size] == whole[: found.size]


@pytest.mark.parametrize("change", [lambda line: line.replace(b":", b": ", 1), lambda line: b" " + line])
def test_the_same_in_another_form_is_found(change):
    lines = [line_of(entry) for entry in chain({"a": 1}, {"b": 2})]
    for at in range(3):
        with pytest.raises(BrokenError, match=f"entry {at} is not what was written: it has another form"):
            read_lines(b"".join([*lines[:at], change(lines[at]), *lines[at + 1 :]]))


def test_blocks_that_never_reached_the_disk_are_a_torn_end_and_single_zeros_are_a_change():
    entries = chain({"a": "x" * 2000})
    before, last = text(entries[:1]), line_of(entries[1])
    assert read_lines(before + last[:300] + b"\0" * 512 + last[812:]).torn == len(last)
    with pytest.raises(BrokenError, match="no line"):
        read_lines(before + last[:300] + b"\0" + last[301:])
