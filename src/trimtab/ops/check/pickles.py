"""What a pickle names, found without running it: the functions and classes that loading it would call or import.

It is gone through as loading would, with something inert in place of each name, so that nothing is imported or called.
What joblib writes between the opcodes, the bytes of arrays, is passed over as joblib would read it.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

__all__ = ["dangerous", "is_pickle", "names_in"]

# modules whose functions run programs, code or connections; nothing that a trained model is made of
_DANGEROUS: Final = frozenset({
    "__builtin__", "asyncio", "bdb", "builtins", "code", "codeop", "commands", "ctypes", "ftplib", "http", "imaplib",
    "importlib", "multiprocessing", "nt", "os", "pdb", "pickle", "pip", "posix", "pty", "pydoc", "requests", "runpy",
    "shutil", "signal", "smtplib", "socket", "subprocess", "sys", "telnetlib", "timeit", "urllib", "webbrowser",
})  # fmt: skip
_HARMLESS: Final = frozenset({
    "bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "object", "range", "set",
    "slice", "str", "tuple", "type",
})  # fmt: skip
_ARRAY: Final = "joblib.numpy_pickle.NumpyArrayWrapper"
_MOST: Final = 5_000_000  # things that one file may make


def dangerous(names: list[str]) -> list[str]:
    """Those that no model needs."""
    return [name for name in names if _is_dangerous(*name.rsplit(".", 1))]


def _is_dangerous(module: str, name: str = "") -> bool:
    top = module.partition(".")[0]
    return top in _DANGEROUS and not (module in ("builtins", "__builtin__") and name in _HARMLESS)


def is_pickle(path: Path) -> bool:
    """Whether the file begins as a binary pickle does."""
    with path.open("rb") as file:
        head = file.read(2)
    return len(head) == 2 and head[0] == 0x80 and head[1] in range(2, 6)  # noqa: PLR2004  # opcode and version


def names_in(data: bytes) -> list[str]:
    """`module.name` of everything that the pickles in these bytes name, each once; ValueError for what is no pickle."""
    file, found = io.BytesIO(data), list[str]()
    while file.tell() < len(data):
        try:
            _Reader(file, found).load()
        except Exception as error:  # noqa: BLE001  # whatever a file that somebody made makes of it
            raise ValueError(str(error) or type(error).__name__) from None
    return list(dict.fromkeys(found))


class _Inert:
    """What stands for everything that a pickle names or makes; it remembers how it was made, and does nothing."""

    def __init__(self, name: str = "", arguments: tuple[Any, ...] = ()) -> None:
        self.name, self.arguments, self.state = name, arguments, None

    def __call__(self, *arguments: Any, **_: Any) -> _Inert:
        return _Inert(self.name, arguments)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Nothing."""

    def append(self, value: Any) -> None:
        """Nothing."""

    def extend(self, values: Any) -> None:
        """Nothing."""

    def add(self, value: Any) -> None:
        """Nothing."""


_Base: Any = pickle._Unpickler  # noqa: SLF001  # the one in Python can be changed


class _Reader(_Base):  # type: ignore[misc]  # it has no types
    """Goes through a pickle."""

    dispatch: Final[dict[int, Any]] = dict(_Base.dispatch)

    def __init__(self, file: IO[bytes], found: list[str]) -> None:
        super().__init__(file)
        self._file, self._found, self._made = file, found, 0

    def find_class(self, module: str, name: str) -> _Inert:
        """Remember the name; nothing is imported."""
        self._found.append(f"{module}.{name}")
        return _Inert(f"{module}.{name}")

    def get_extension(self, code: int) -> None:
        """A name by number, of a registry that this process may not have."""
        raise ValueError(f"it names number {code} of a registry")

    def persistent_load(self, pid: Any) -> _Inert:
        """What lies outside of it."""
        return _Inert("persistent", (pid,))

    def _make(self) -> None:
        arguments = self.stack.pop()
        function = self.stack[-1]
        self._made += 1
        if self._made > _MOST:
            raise ValueError(f"it makes more than {_MOST} things")
        name = function.name if isinstance(function, _Inert) else type(function).__name__
        self.stack[-1] = _Inert(name, tuple(arguments) if isinstance(arguments, tuple) else ())

    def load_reduce(self) -> None:
        """A call, which is not made."""
        self._make()

    def load_newobj(self) -> None:
        """An object, which is not made."""
        arguments = self.stack.pop()
        first = self.stack.pop()
        self.stack.append(first)
        self.stack.append(arguments)
        self._make()

    def load_newobj_ex(self) -> None:
        """The same, with names of arguments."""
        self.stack.pop()
        self.load_newobj()

    def load_obj(self) -> None:
        """The same, as protocol 1 has it."""
        arguments = self.pop_mark()
        self.append(_Inert(arguments[0].name, tuple(arguments[1:])))

    def load_inst(self) -> None:
        """The same, with its name in line."""
        module, name = (self.readline()[:-1].decode("ascii") for _ in range(2))
        self.append(_Inert(self.find_class(module, name).name, tuple(self.pop_mark())))

    def load_build(self) -> None:
        """A state, which is kept; behind that of joblib's arrays their bytes are passed over."""
        state = self.stack.pop()
        made = self.stack[-1]
        if isinstance(made, _Inert):
            made.state = state
            if made.name == _ARRAY and isinstance(state, dict):
                self._pass_array(state)

    def _pass_array(self, state: dict[str, Any]) -> None:
        """As `NumpyArrayWrapper.read_array` of joblib reads it."""
        dtype = _dtype_of(state["dtype"])
        if dtype.hasobject:
            _Reader(self._file, self._found).load()
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self._file.seek(self._file.read(1)[0], io.SEEK_CUR)
        size = prod(int(axis) for axis in state["shape"]) * dtype.itemsize
        if self._file.seek(size, io.SEEK_CUR) < 0:
            raise EOFError


def _overridden() -> Iterator[tuple[int, Any]]:
    for opcode, method in (
        (pickle.REDUCE, _Reader.load_reduce), (pickle.NEWOBJ, _Reader.load_newobj),
        (pickle.NEWOBJ_EX, _Reader.load_newobj_ex), (pickle.OBJ, _Reader.load_obj), (pickle.INST, _Reader.load_inst),
        (pickle.BUILD, _Reader.load_build),
    ):  # fmt: skip
        yield opcode[0], method


_Reader.dispatch.update(_overridden())


def _dtype_of(made: Any) -> np.dtype[Any]:
    """The dtype that `numpy.dtype` was called for; one of fields counts by its size, which is in its state."""
    if not isinstance(made, _Inert) or made.name != "numpy.dtype" or not made.arguments:
        raise ValueError("an array of no dtype that can be told")
    text = made.arguments[0]
    if not isinstance(text, str):
        raise ValueError("an array of no dtype that can be told")
    return np.dtype(text)
