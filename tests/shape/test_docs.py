"""What a user may meet is described: every code, every verb, every key has its place in the docs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

CODE = re.compile(r"P\d{3}")
# the rooms whose sources may raise a code, by the code's first digit
ROOMS = {
    "1": {"cli", "project"},
    "2": {"bundle", "core"},
    "3": {"server", "core"},
    "4": {"release", "ops", "cli"},
    "5": {"targets"},
    "7": {"batch"},
    "8": {"ops"},
    "9": {"journal", "ops"},
}
# codes that more than one folder raises, and the one meaning that they share; every other code has one folder
SHARED = {
    "P296": "a record beside the bundles of a store, of their origin or of what environments need",
    "P232": "a name of a bundle, an alias or an environment that no file can have",
    "P303": "an address that other machines reach, of a server or of a gateway",
    "P304": "an address cannot be bound, by either of the listeners",
    "P307": "an extra is not installed, of gRPC, of the control plane or of tokens",
    "P315": "more than is taken in one request, in bytes once inflated or in rows",
    "P316": "what is asked for cannot answer now, a model or, over gRPC, the health of a server that stops",
    "P317": "too many wait, for a model or, over gRPC, for a change of health",
    "P319": "no answer in time, of a model that somebody waits for or of a shadow that nobody does",
    "P312": "what is asked for by name is not served here, over HTTP or over gRPC",
    "P230": "there is no bundle that is meant, by its alias or by its digest",
    "P240": "a module of the project hides another one, seen while packaging or while reading a bundle",
    "P330": "a page of another place has a browser send it, to either of the listeners",
    "P305": "the model cannot be loaded, seen in the serving process or in the process that loads it for workers",
    "P310": "the body is not what the dialect says, seen while decoding it or while looking up what it names",
}


def codes_of(text: str) -> set[str]:
    """The error codes that a source file holds as whole literals."""
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and CODE.fullmatch(value)}


def raised_in(text: str) -> set[str]:
    """The error codes that a source file hands to a call, as to an error's constructor; a look-up is no raising."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    values = {argument.value for call in calls for argument in call.args if isinstance(argument, ast.Constant)}
    return {value for value in values if isinstance(value, str) and CODE.fullmatch(value)}


@pytest.fixture(scope="module")
def sources(root: Path) -> dict[str, str]:
    """The text of every source file by its name."""
    top = root / "src/trimtab"
    return {str(path.relative_to(top)): path.read_text() for path in sorted(top.rglob("*.py"))}


@pytest.fixture(scope="module")
def used(sources: dict[str, str]) -> set[str]:
    """Every code that src knows."""
    return {code for text in sources.values() for code in codes_of(text)}


def headings(root: Path) -> list[str]:
    """The codes that docs/errors.md has headings for, in order."""
    return re.findall(r"^## (P\d{3}) \S", (root / "docs/errors.md").read_text(), re.MULTILINE)


def test_every_code_has_one_heading_and_no_heading_is_left_over(root: Path, used: set[str]) -> None:
    described = headings(root)
    assert [code for code, times in Counter(described).items() if times > 1] == []
    assert sorted(used) == described, (
        "docs/errors.md: a code without a heading, a heading without a code, or out of order"
    )


def test_every_code_says_what_it_means_and_what_to_do(root: Path) -> None:
    sections = re.split(r"^## (?=P\d{3} )", (root / "docs/errors.md").read_text(), flags=re.MULTILINE)[1:]
    assert sections
    bare = [part[:4] for part in sections if not re.search(r"\*\*What to do:\*\* \S", part) or len(part.split()) < 20]
    assert bare == []


def test_a_code_has_one_meaning_and_belongs_to_its_room(sources: dict[str, str]) -> None:
    folders: dict[str, set[str]] = {}
    for name, text in sources.items():
        for code in raised_in(text):
            folders.setdefault(code, set()).add(str(Path(name).parent) if "/" in name else name)
    assert {code: sorted(found) for code, found in folders.items() if len(found) > 1 and code not in SHARED} == {}
    assert [code for code in SHARED if len(folders.get(code, ())) < 2] == []
    rooms = {code: {folder.partition("/")[0] for folder in found} for code, found in folders.items()}
    assert {code: sorted(found - ROOMS[code[1]]) for code, found in rooms.items() if found - ROOMS[code[1]]} == {}


def test_codes_are_found_in_source_text() -> None:
    assert codes_of('"""P100 in prose"""\nraise UserError(Problem("P101", "what"))\nx = f"P102"\n') == {"P101", "P102"}
    assert raised_in('f("P101", 1)\nif code == "P102" or {"P103": 1}:\n    g(x, "P104")\n') == {"P101", "P104"}


def test_every_verb_has_a_heading_in_the_reference(root: Path) -> None:
    from trimtab.cli.main import VERBS

    assert {"package", "serve", "score"} <= set(VERBS)
    reference = (root / "docs/reference/cli.md").read_text()
    assert [verb for verb in VERBS if not re.search(rf"^##+ `?(trimtab )?{verb}`?$", reference, re.MULTILINE)] == []


def test_every_key_has_a_row_in_the_reference(root: Path) -> None:
    from trimtab.project.keys import KEYS

    reference = (root / "docs/reference/trimtab.toml.md").read_text()
    assert [key.path for key in KEYS if f"`{key.path}`" not in reference] == []


def test_the_decisions_are_numbered_without_a_gap_and_short(root: Path) -> None:
    pages = sorted((root / "docs/decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text()
        assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["Context", "Options", "Choice", "Price"], page.name
        assert len(text.splitlines()) <= 40, page.name


def test_the_tables_on_the_page_about_callers_are_taken_as_they_stand(root: Path) -> None:
    from trimtab.project import project_of

    page = (root / "docs/auth.md").read_text()
    blocks = re.findall(r"^```toml[^\n]*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 4
    for block in blocks:
        project = project_of(f'name = "churn"\n[model]\npath = "m:a"\n{block}', root / "trimtab.toml")
        assert project.server.guard != type(project.server.guard)(), block


def test_the_page_about_http_has_the_status_of_every_code(root: Path) -> None:
    from trimtab.server.faults import STATUS

    rows = re.findall(r"^\| (\d{3}) \| (P\d{3}) \| \S", (root / "docs/http.md").read_text(), re.MULTILINE)
    assert {code: int(status) for status, code in rows} == STATUS
