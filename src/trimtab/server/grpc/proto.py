"""Reads our `.proto` files into message classes: no generated code that must fit the version of protobuf.

Only what those files say is understood: messages, enums, oneof, map, repeated, and calls of one request in proto3. The
classes live in a pool of their own, so that they never meet another library's classes of the same names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

__all__ = ["Rpc", "Service", "load"]

_TOKEN: Final = re.compile(r'//[^\n]*|"[^"]*"|[\w.]+|[^\s]')
_SCALARS: Final = frozenset(
    {"bool", "int32", "int64", "uint32", "uint64", "float", "double", "string", "bytes"},
)


@dataclass(frozen=True, slots=True)
class Rpc:
    """One call: the classes of its request and of its answer, or of its many answers."""

    name: str
    request: Any
    response: Any
    streams: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service by its full name, and its calls by theirs."""

    name: str
    rpcs: Mapping[str, Rpc]


def load(name: str) -> Service:
    """The service of our file `<name>.proto`; imports protobuf."""
    from google.protobuf import descriptor_pool, message_factory

    text = resources.files(__package__).joinpath(f"{name}.proto").read_text("utf-8")
    file = _Reader(text).file(f"{name}.proto")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindServiceByName(f"{file.package}.{file.service[0].name}")
    class_of = message_factory.GetMessageClass
    streams = {one.name: one.server_streaming for one in file.service[0].method}
    rpcs = {
        one.name: Rpc(one.name, class_of(one.input_type), class_of(one.output_type), streams[one.name])
        for one in found.methods
    }
    return Service(found.full_name, rpcs)


class _Reader:
    """Text to a file's descriptor, token by token; ValueError for what it does not understand."""

    def __init__(self, text: str) -> None:
        from google.protobuf import descriptor_pb2

        self._pb = descriptor_pb2
        self._tokens = [token for token in _TOKEN.findall(text) if not token.startswith("//")]
        self._at = 0

    def _take(self, wanted: str = "") -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        if not token or (wanted and token != wanted):
            raise ValueError(f"`{wanted or 'more'}` is wanted, not `{token}`")
        self._at += 1
        return str(token)

    def _meets(self, token: str) -> bool:
        """Whether the next token is this one, which is taken then."""
        if self._tokens[self._at : self._at + 1] != [token]:
            return False
        self._at += 1
        return True

    def _sentence(self, *words: str) -> list[str]:
        """The tokens at the places of empty words; all others must be there."""
        return [token for word in words if (token := self._take(word)) and not word]

    def file(self, name: str) -> Any:
        """The descriptor of the whole file."""
        self._sentence("syntax", "=", '"proto3"', ";")
        file = self._pb.FileDescriptorProto(name=name, syntax="proto3")
        (file.package,) = self._sentence("package", "", ";")
        while self._at < len(self._tokens):
            if self._meets("service"):
                self._service(file.service.add(name=self._take()), file.package)
            else:
                self._take("message")
                self._message(file.message_type.add(name=self._take()))
        return file

    def _service(self, service: Any, package: str) -> None:
        self._take("{")
        while not self._meets("}"):
            name, asked = self._sentence("rpc", "", "(", "", ")", "returns", "(")
            streams = self._meets("stream")
            (answered,) = self._sentence("", ")", ";")
            method = service.method.add(name=name, input_type=f".{package}.{asked}", server_streaming=streams)
            method.output_type = f".{package}.{answered}"

    def _message(self, message: Any) -> None:
        self._take("{")
        while not self._meets("}"):
            if self._meets("message"):
                self._message(message.nested_type.add(name=self._take()))
            elif self._meets("enum"):
                self._enum(message.enum_type.add(name=self._take()))
            elif self._meets("oneof"):
                message.oneof_decl.add(name=self._take())
                self._take("{")
                while not self._meets("}"):
                    self._field(message, self._take()).oneof_index = len(message.oneof_decl) - 1
            elif self._meets("map"):
                self._map(message)
            else:
                repeated = self._meets("repeated")
                field = self._field(message, self._take())
                field.label = self._pb.FieldDescriptorProto.LABEL_REPEATED if repeated else field.label

    def _enum(self, enum: Any) -> None:
        self._take("{")
        while not self._meets("}"):
            name, number = self._sentence("", "=", "", ";")
            enum.value.add(name=name, number=int(number))

    def _field(self, message: Any, kind: str) -> Any:
        name, number = self._sentence("", "=", "", ";")
        return self._typed(message.field.add(name=name, number=int(number)), kind)

    def _typed(self, field: Any, kind: str) -> Any:
        field.label = field.LABEL_OPTIONAL
        if kind in _SCALARS:
            field.type = getattr(field, f"TYPE_{kind.upper()}")
        else:
            field.type_name = kind  # found by the pool, from the innermost message outwards
        return field

    def _map(self, message: Any) -> None:
        """A map is a repeated message of keys and values on the wire."""
        key, value, name, number = self._sentence("<", "", ",", "", ">", "", "=", "", ";")
        entry = message.nested_type.add(name=name.title().replace("_", "") + "Entry")
        entry.options.map_entry = True
        self._typed(entry.field.add(name="key", number=1), key)
        self._typed(entry.field.add(name="value", number=2), value)
        field = self._typed(message.field.add(name=name, number=int(number)), entry.name)
        field.label = field.LABEL_REPEATED
