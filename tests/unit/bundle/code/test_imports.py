import ast

import pytest

from trimtab.bundle.code.imports import Import, exported, imports_of


def found(text, module="pkg.mod", *, package=False):
    return [(item.module, item.names) for item in imports_of(ast.parse(text), module, package=package)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b as c, d", [("a.b", ()), ("d", ())]),
        ("from a import b, c", [("a", ("b", "c"))]),
        ("from a import *", [("a", ("*",))]),
        ("from . import sister", [("pkg", ("sister",))]),
        ("from .sister import x", [("pkg.sister", ("x",))]),
        ("from ..above import x", []),
        ("def f():\n    import lazy", [("lazy", ())]),
        ("try:\n    import fast\nexcept ImportError:\n    import slow", [("fast", ()), ("slow", ())]),
        ("if FLAG:\n    import one\nelse:\n    import two", [("one", ()), ("two", ())]),
        ("import importlib\nm = importlib.import_module('x.y')", [("importlib", ()), ("x.y", ())]),
        ("__import__('z')", [("z", ())]),
        ("import_module(name)", []),
        ("import_module('.near', __package__)", []),
    ],
)
def test_every_import_that_could_run_is_found(text, expected):
    assert found(text) == expected


def test_type_checking_branches_never_run_but_their_else_does():
    text = "import typing\nif typing.TYPE_CHECKING:\n    import heavy\nelse:\n    import light"
    assert found(text) == [("typing", ()), ("light", ())]


def test_relative_imports_start_from_the_package_itself_in_its_init_file():
    assert found("from . import a\nfrom .b import c\nfrom .. import d", "top.pkg", package=True) == [
        ("top.pkg", ("a",)),
        ("top.pkg.b", ("c",)),
        ("top", ("d",)),
    ]


def test_a_relative_import_outside_of_a_package_is_left_to_the_interpreter():
    assert found("from . import a", "alone") == []


def test_an_import_knows_its_line():
    assert imports_of(ast.parse("\n\nimport a"), "m", package=False) == [Import("a", (), 3)]


def test_exported_reads_a_literal_all_only():
    assert exported(ast.parse("__all__ = ['a', 'b']")) == ("a", "b")
    assert exported(ast.parse("__all__ = ('a',)")) == ("a",)
    assert exported(ast.parse("__all__ = list(names)")) == ()
    assert exported(ast.parse("x = 1")) == ()
