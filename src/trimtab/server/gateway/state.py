"""What a promotion has changed, kept in one small file: after a restart the gateway goes on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

import msgspec

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import Replacement

__all__ = ["State", "decoded", "read_state", "write_state"]

T = TypeVar("T")


class State(msgspec.Struct, frozen=True):
    """The two addresses as they were given, the one that answers now, and the flight that promoted it."""

    champion: str
    challenger: str
    answers: str
    flight: str = ""


_encode: Final = msgspec.json.Encoder().encode
_DECODER: Final = msgspec.json.Decoder(State)


def read_state(path: Path, champion: str, challenger: str) -> State:
    """What the file says of this pair; of another pair, or without a file, the champion answers.

    Raises UserError P376 for a file that is not ours to read.
    """
    fresh = State(champion, challenger, champion)
    state = decoded(path, _DECODER)
    return state if state is not None and (state.champion, state.challenger) == (champion, challenger) else fresh


def decoded(path: Path, decoder: msgspec.json.Decoder[T]) -> T | None:
    """What a file of state says; None without one. UserError P376."""
    try:
        return decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        what = f"the gateway's state cannot be read: {_why(error)}"
        hint = f"`rm {path}` begins anew, with the champion as it is given"
        raise UserError(Problem("P376", what, str(path), hint)) from None


def write_state(path: Path, state: msgspec.Struct) -> None:
    """On the disk before it returns; raises OutsideError P377."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with Replacement(path) as whole:
            whole.file.write(_encode(state) + b"\n")
            whole.commit(overwrite=True)
    except OSError as error:
        what = f"the gateway's state cannot be written: {_why(error)}"
        raise OutsideError(Problem("P377", what, str(path), "nothing has changed: the same arm answers")) from None


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
