"""Plain values as YAML that parsers of YAML 1.1 and 1.2 read alike; the only module that imports `yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from trimtab.core.errors import Problem, UserError

__all__ = ["as_yaml"]

# numbers of YAML 1.2 that 1.1 takes for texts; of texts that 1.1 takes for something else, the library knows
_NUMBERS: Final = re.compile(r"[-+]?(0o[0-7]+|0x[0-9a-fA-F]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)")


def as_yaml(plain: Mapping[str, Any], comments: Mapping[str, str] | None = None) -> str:
    """The text, in the order of the values, no line folded. comments: what stands behind lines that end so.

    Texts of more than one line are block scalars. UserError P499 without the library.
    """
    library = _library()

    class Dumper(library.SafeDumper):  # type: ignore[misc,name-defined,unused-ignore]  # untyped library
        """Texts as said above, lists indented under their key, no anchors."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the library's signature
            return True

    def text(dumper: Any, value: str) -> Any:
        if not value.replace("\n", "").isprintable():  # what one of them takes for a line end, or none shows
            style: str | None = '"'
        else:
            style = "|" if "\n" in value else "'" if _NUMBERS.fullmatch(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    dumped = library.dump(dict(plain), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    said = comments or {}
    return "".join(_commented(line, said) for line in dumped.splitlines(keepends=True))


def _commented(line: str, comments: Mapping[str, str]) -> str:
    """The line, with the comment on its last word, if there is one."""
    words = line.split()
    comment = comments.get(words[-1]) if words else None
    return line if comment is None else f"{line.rstrip()} # {comment}\n"


def _library() -> Any:
    try:
        import yaml
    except ModuleNotFoundError:
        what = "the package `pyyaml` is not installed, without which no YAML is written"
        raise UserError(Problem("P499", what, hint='`pip install "trimtab[pipeline]"`')) from None
    return yaml
