"""Whatever happens to the bytes of a segment: no frame that was not written, every frame that was not touched."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import HEADER_SIZE, SMALLEST, Frame, encode, header, mark_of
from trimtab.journal.segments.reader import Damage, Segment
from trimtab.journal.segments.writer import Writer

NAME = "0011223344556677-000001"
MARK = mark_of(NAME)
WORD = MARK.word.to_bytes(4, "little")
payloads = st.one_of(st.binary(max_size=40), st.integers(0, 9000).map(lambda size: b"p" * size))
written = st.lists(st.builds(Frame, st.integers(1, 15), payloads), max_size=12)
foreign = encode([Frame(2, b"of another segment")], mark_of("0011223344556677-000002"))
junk = st.one_of(
    st.binary(min_size=1, max_size=200),
    st.just(bytes(4096)),
    st.just(foreign),
    st.binary(max_size=30).map(lambda data: WORD + data),  # where a frame seems to begin
)


def bytes_of(frames: list[Frame]) -> tuple[bytes, list[tuple[int, int]]]:
    """A segment, and where each frame begins and ends in it."""
    ends = list(itertools.accumulate((SMALLEST + len(one.payload) for one in frames), initial=HEADER_SIZE))
    return header(NAME, 1.0) + encode(frames, MARK), list(itertools.pairwise(ends))


def read_back(data: bytes) -> tuple[list[Frame], list[Damage]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{NAME}.seg")
        path.write_bytes(data)
        segment = Segment(path)
        found = list(segment.frames())
        segment.close()
        return found, segment.damage


def is_part(some: list[Frame], of: list[Frame]) -> bool:
    """Whether they are among the others, in their order."""
    rest = iter(of)
    return all(one in rest for one in some)


def holds(frames: list[Frame], changed: bytes, untouched: Callable[[int, int], bool]) -> None:
    """Exactly the untouched frames are read, in order; if any is missing, there is damage."""
    _, spans = bytes_of(frames)
    left = [frame for frame, span in zip(frames, spans, strict=True) if untouched(*span)]
    found, damage = read_back(changed)
    assert found == left
    assert damage or len(left) == len(frames)


@given(written, st.data())
def test_a_flipped_byte_costs_its_frame_only(frames, data):
    whole, _ = bytes_of(frames)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))
    holds(frames, bytes(changed), lambda begin, end: not begin <= at < end)
    assert read_back(bytes(changed))[1] != []


@given(written, st.data())
def test_flipped_bits_anywhere_cost_their_frames_only(frames, data):
    whole, _ = bytes_of(frames)
    places = data.draw(st.sets(st.integers(0, len(whole) * 8 - 1), max_size=5))
    changed = bytearray(whole)
    for place in places:
        changed[place // 8] ^= 1 << place % 8
    holds(frames, bytes(changed), lambda begin, end: not any(begin <= place // 8 < end for place in places))


@given(written, st.data())
def test_cut_anywhere_it_keeps_what_is_before(frames, data):
    whole, spans = bytes_of(frames)
    size = data.draw(st.integers(0, len(whole)))
    found, damage = read_back(whole[:size])
    assert found == [frame for frame, (_, end) in zip(frames, spans, strict=True) if end <= size]
    between = {0, HEADER_SIZE, *(end for _, end in spans)}
    assert (damage == []) is (size in between)


@given(written, st.data(), junk)
def test_what_is_put_in_between_is_passed_over(frames, data, put):
    whole, _ = bytes_of(frames)
    at = data.draw(st.integers(HEADER_SIZE, len(whole)))
    changed = whole[:at] + put + whole[at:]

    def untouched(begin: int, end: int) -> bool:
        """Also where what is put in goes on as the frame did, so that its bytes are still there."""
        moved = slice(begin + len(put), end + len(put))
        return not begin < at < end or whole[begin:end] in (changed[begin:end], changed[moved])

    holds(frames, changed, untouched)
    assert read_back(changed)[1] != []


@given(written, st.data(), junk)
def test_what_is_written_over_it_costs_what_was_there(frames, data, put):
    whole, spans = bytes_of(frames)
    at = data.draw(st.integers(0, len(whole) - 1))
    found, _ = read_back(whole[:at] + put + whole[at + len(put) :])
    before = sum(end <= at for _, end in spans)
    assert found[:before] == frames[:before]
    assert is_part(found, frames)


@given(written, st.integers(0, 40))
@example([Frame(2, b"p" * 9000)] * 12, 3)
def test_a_block_of_zeros_costs_what_was_in_it(frames, block):
    whole, _ = bytes_of(frames)
    at = block * 4096 % max(len(whole), 1) // 4096 * 4096
    changed = whole[:at] + bytes(len(whole[at : at + 4096])) + whole[at + 4096 :]
    holds(frames, changed, lambda begin, end: end <= at or begin >= at + 4096 or whole[begin:end] == changed[begin:end])


@given(written, st.data())
def test_a_hole_costs_what_was_in_it(frames, data):
    whole, spans = bytes_of(frames)
    begin = data.draw(st.integers(HEADER_SIZE, len(whole)))
    end = data.draw(st.integers(begin, len(whole)))
    found, _ = read_back(whole[:begin] + whole[end:])
    untouched = [one for one, span in zip(frames, spans, strict=True) if span[1] <= begin or span[0] >= end]
    assert is_part(untouched, found)
    assert is_part(found, frames)


@given(written, st.binary(max_size=3000), written)
def test_after_damage_the_journal_goes_on(frames, rubbish, more):
    with tempfile.TemporaryDirectory() as place:
        folder = open_folder(Path(place, "journal"))
        (folder.segments / f"{NAME}.seg").write_bytes(bytes_of(frames)[0] + rubbish)
        writer = Writer(folder, unsynced=0)
        writer.write(more)
        segment = Segment(folder.segments / f"{writer.name}.seg")
        assert list(segment.frames()) == more
        assert segment.damage == []
        segment.close()
        old = Segment(folder.segments / f"{NAME}.seg")
        assert list(old.frames()) == frames
        old.close()
        writer.close()
