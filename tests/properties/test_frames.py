"""However the bytes of a connection are cut, its frames are the same ones."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.grpc.frames import Frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
payloads = st.binary(max_size=40)
kinds = st.sampled_from([0, 3, 4, 6, 7, 8, 99])
frames = st.lists(st.tuples(kinds, st.integers(0, 255), st.integers(0, 2**31 - 1), payloads), max_size=12)


@given(frames, st.lists(st.integers(0, 300)), st.booleans())
def test_every_cut_gives_the_same_frames_and_the_same_seams(wanted, cuts, client):
    text, ends = PREFACE if client else b"", set()
    for kind, flags, stream, payload in wanted:
        text += len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
        ends.add(len(text))
    passed = []
    reader = Frames(lambda *frame: passed.append(frame), len(PREFACE) if client else 0)
    places = sorted({cut for cut in cuts if cut < len(text)} | {0, len(text)})
    for start, end in pairwise(places):
        seam = reader.feed(text[start:end])
        inside = [place for place in ends if start < place <= end]
        assert (start + seam if seam >= 0 else -1) == max(inside, default=-1)
        assert reader.seam is (end in ends)
    assert [frame[:3] for frame in passed] == [frame[:3] for frame in wanted]
    words = [payload[:8] if kind == 6 else b"" for kind, _, _, payload in wanted]
    assert [frame[3] for frame in passed] == words
