"""Every page of docs/ does what it says: its blocks run from top to bottom, in one folder.

```console   commands and what they print, by the same runner as the transcripts
```python    code, by sybil; with `>>>` as a doctest in which `...` stands for any text
```X title="NAME"   a file that the reader writes, of whatever language X
```text      nothing that could run; ```mermaid is a drawing

Two comments steer a page. `<!-- goes on from: PAGE -->` starts in a copy of the folder that another page left.
`<!-- needs: NAME -->` in a section makes it a test of its own, skipped where that is not installed.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sybil import Document, Example, Region
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer
from tests.once import made_once, run_folder

DOCS = Path(__file__).parents[2] / "docs"
NEEDS = re.compile(r"<!-- needs: (\w+) -->")
GOES_ON = re.compile(r"<!-- goes on from: (\S+) -->")
TITLED = re.compile(r'\w+ title="(?P<title>[^"/]+)"$\n', re.MULTILINE)
FENCE = re.compile(r"^```(\S.*)$", re.MULTILINE)
RUN = re.compile(r'console|python|\w+ title="[^"/]+"')


@dataclass(frozen=True, slots=True)
class Part:
    """Those sections of a page that are run together; the lines of all others are blank, so that numbers stay true."""

    page: Path
    text: str
    needs: str = ""

    def __str__(self) -> str:
        """The test's name."""
        return self.page.relative_to(DOCS).as_posix() + (f" {self.needs}" if self.needs else "")


def parts_of(page: Path, text: str) -> Iterator[Part]:
    """The page, and each of its sections that needs something of its own; nothing of a page without blocks to run."""
    sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    needs = [found[1] if (found := NEEDS.search(section)) else "" for section in sections]
    for one in dict.fromkeys(needs):
        pairs = zip(sections, needs, strict=True)
        kept = "".join(section if need == one else "\n" * section.count("\n") for section, need in pairs)
        if any(RUN.fullmatch(info) for info in FENCE.findall(kept)):
            yield Part(page, kept, one)


PARTS = [part for page in sorted(DOCS.rglob("*.md")) for part in parts_of(page, page.read_text())]


def run(part: Part, folder: Path, terminal_in: Callable) -> None:
    """Runs every block of a part; what they print must be what stands there."""
    with closing(terminal_in(folder)) as terminal, chdir(folder):
        document = Document(part.text, str(part.page))

        def commands(example: Example) -> None:
            terminal.replay(example.parsed, example.line + 1)

        def file(example: Example) -> None:
            name, text = example.parsed
            (folder / name).write_text(terminal.written(text))

        def files(document: Document) -> Iterator[Region]:
            for region in RawFencedCodeBlockLexer(TITLED)(document):
                yield Region(region.start, region.end, (region.lexemes["title"], region.lexemes["source"]), file)

        python = PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        for parser in (CodeBlockParser("console", commands), python, files):
            for region in parser(document):
                document.add(region)
        for example in document.examples():
            example.evaluate()


@pytest.fixture(scope="session")
def folder_after(tmp_path_factory, terminal_in):
    """The folder that a part leaves behind; each is run once, for all processes of the run."""
    pages = run_folder(tmp_path_factory) / "pages"

    def after(part: Part) -> Path:
        def make(place: Path) -> None:
            folder = place / "work"
            if before := GOES_ON.search(part.text):
                page = Path(os.path.normpath(part.page.parent / before[1]))
                first = next(one for one in PARTS if one.page == page and not one.needs)
                shutil.copytree(after(first), folder)
            else:
                folder.mkdir()
            run(part, folder, terminal_in)

        return made_once(pages / part.page.relative_to(DOCS) / (part.needs or "page"), make) / "work"

    return after


def parameter(part: Part):
    return pytest.param(part, id=str(part), marks=[getattr(pytest.mark, part.needs)] if part.needs else [])


@pytest.mark.parametrize("part", [parameter(part) for part in PARTS])
def test_a_page_does_what_it_says(part, folder_after):
    folder_after(part)


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        ("```console\n$ cat a.txt\nanother\n```", r"(?s)line 7: \$ cat a.txt.*got \(exit status 0\):\none"),
        ("```python\n>>> 1 + 1\n3\n```", r"(?s)page.md, line 7.*Expected:\s+3\s+Got:\s+2"),
        ("```python\nassert 1 + 1 == 3, 'two'\n```", "two"),
    ],
)
def test_a_page_that_says_what_is_not_so_fails(terminal_in, tmp_path, block, fault):
    (tmp_path / "work").mkdir()
    text = f'```text title="a.txt"\none\n```\n\n\n{block}\n'
    (part,) = parts_of(DOCS / "page.md", text)
    with pytest.raises(Exception, match=fault):
        run(part, tmp_path / "work", terminal_in)


def test_a_section_with_a_need_is_a_part_of_its_own_and_keeps_its_lines():
    text = "```console\n$ a\n```\n## Two\n<!-- needs: torch -->\n```console\n$ b\n```\n## Three\n```text\n$ c\n```\n"
    first, second = parts_of(DOCS / "page.md", text)
    assert (str(first), str(second)) == ("page.md", "page.md torch")
    assert "$ b" not in first.text
    assert [number for number, line in enumerate(second.text.splitlines(), 1) if line] == [4, 5, 6, 7, 8]
    assert list(parts_of(DOCS / "page.md", "```text\n$ c\n```\n")) == []


def test_no_block_of_a_page_is_left_out():
    found = {page: FENCE.findall(page.read_text()) for page in sorted(DOCS.rglob("*.md"))}
    assert sum(map(len, found.values())) > 20
    odd = [f"{page.name}: {info}" for page, infos in found.items() for info in infos if not RUN.fullmatch(info)]
    assert [one for one in odd if not one.endswith((": text", ": mermaid"))] == []  # what is read, and what is drawn


def test_every_page_is_linked_from_the_index():
    text = (DOCS / "index.md").read_text()
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#:]+)\)", text)}
    pages = set(DOCS.rglob("*.md")) - {DOCS / "index.md"}
    assert sorted(str(page.relative_to(DOCS)) for page in pages - linked) == []
