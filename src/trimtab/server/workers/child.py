"""What a worker process does: take a table, predict, answer; nothing else, until the line goes dead.

Asked for parts, it sends one and waits for the word to go on: there is never more than one message each way.
"""

from __future__ import annotations

import struct
from math import inf
from typing import Final

import msgspec

from trimtab.bundle.predictor import Outputs, Predictor
from trimtab.core.dtypes import Array
from trimtab.server.engines import Done, Failed, Outcome, Word
from trimtab.server.engines.inline import attempt
from trimtab.server.engines.steps import Steps
from trimtab.server.workers.channel import Channel
from trimtab.server.workers.codec import pack_arrays, unpack_arrays, unpack_table

__all__ = ["ANSWER", "ASK", "ASK_PARTS", "FAILED", "PART", "READY", "outcome_of", "work"]

ASK: Final = b"a"  # to the worker: a table
ASK_PARTS: Final = b"s"  # to the worker: a table to be answered part by part
PART: Final = b"p"  # from it: as an answer; it waits for a `Word`
ANSWER: Final = b"r"  # from it: how long the model took, and the outputs; none of them after the last part
FAILED: Final = b"f"  # from it: what user code raised
READY: Final = b"y"  # from it, once: what loading found
_SECONDS: Final = struct.Struct("<d8x")  # as long as keeps the numbers behind it aligned
_encode: Final = msgspec.msgpack.Encoder().encode
_decode_failure: Final = msgspec.msgpack.Decoder(tuple[str, str]).decode


def work(channel: Channel, predictor: Predictor) -> None:
    """Answer tables until the server closes the line."""
    while (message := channel.receive()) is not None:
        kind, block = message
        outcome = (
            _last_part(channel, predictor, block) if kind == ASK_PARTS else attempt(predictor, unpack_table(block))
        )
        if outcome is None:
            return
        channel.send(*_message(outcome))
        del message, block, outcome  # nothing of a finished request is kept while the next one is awaited


def _last_part(channel: Channel, predictor: Predictor, block: bytes) -> Outcome | None:
    """How the call ended, when all its parts were sent; None when the line has gone dead."""
    steps = Steps(predictor, unpack_table(block))
    outcome = steps.take(Word.GO_ON)
    while not steps.over:
        kind, pieces = _message(outcome, PART)
        if kind == FAILED:
            steps.take(Word.STOP)
            return Failed("raised", *_decode_failure(pieces[0]))
        channel.send(kind, pieces)
        del outcome, pieces
        word = channel.receive()
        outcome = steps.take(Word.STOP if word is None else Word(word[0]))
        if word is None:
            return None
    return outcome


def _message(outcome: Outcome, kind: bytes = ANSWER) -> tuple[bytes, list[bytes]]:
    if isinstance(outcome, Failed):
        return FAILED, [_encode((outcome.what, outcome.trace))]
    arrays: dict[str, Array] = outcome.outputs
    try:
        return kind, [_SECONDS.pack(outcome.seconds), *pack_arrays(arrays, 0)]
    except (TypeError, ValueError, OverflowError) as error:
        return FAILED, [_encode((f"the answer cannot leave its process: {error}", ""))]


def outcome_of(kind: bytes, block: bytes) -> Outcome:
    """What a worker's message says; ValueError for one that is none."""
    if kind in (ANSWER, PART):
        outputs: Outputs = unpack_arrays(memoryview(block)[_SECONDS.size :])[1]
        (seconds,) = _SECONDS.unpack_from(block)
        if not 0 <= seconds < inf or not all(array.ndim for array in outputs.values()):
            raise ValueError("outputs without rows, or a time that is none")
        return Done(outputs, seconds)
    if kind == FAILED:
        try:
            return Failed("raised", *_decode_failure(block))
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from None
    raise ValueError(f"a message of kind {kind!r}")
