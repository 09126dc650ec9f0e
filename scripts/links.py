"""Checks the Markdown files of a folder (default: this project): every link to a file and every `#heading` exists.

Links to the web are left alone: a check that needs the network says no for reasons that are not ours.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

SKIPPED = re.compile(r"\.(?!github$)|scratch$|node_modules$")  # what tools and the demo leave behind
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
FENCE = re.compile(r"^\s*(```+|~~~+)")


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines outside fenced blocks, without inline code that spans a whole link."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence:
            yield number, line


def anchors(text: str) -> set[str]:
    """The anchors of a file's headings, as GitHub makes them."""
    seen: Counter[str] = Counter()
    found = set()
    for _, line in prose(text):
        heading = HEADING.match(line)
        if not heading:
            continue
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).replace("`", "").replace("*", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def broken(page: Path, root: Path) -> Iterator[str]:
    """One line for every link of the page that leads nowhere, or out of the project."""
    for number, line in prose(page.read_text()):
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            aim = (page.parent / unquote(path)).resolve() if path else page
            where = f"{page.relative_to(root)}:{number}"
            if not aim.is_relative_to(root) or not aim.exists():
                yield f"{where}: no file `{target}`"
            elif anchor and (aim.suffix != ".md" or anchor not in anchors(aim.read_text())):
                yield f"{where}: no heading `{target}`"


def pages(root: Path) -> list[Path]:
    """The Markdown files of the project, in order."""
    found = root.rglob("*.md")
    return sorted(page for page in found if not any(map(SKIPPED.match, page.relative_to(root).parts[:-1])))


def main() -> int:
    """Prints what is broken; the status is 1 if anything is, or if there was nothing to check."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve()
    checked = pages(root)
    faults = [fault for page in checked for fault in broken(page, root)]
    print("\n".join([*faults, f"{len(checked)} pages, {len(faults)} broken links"]))
    return 1 if faults or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
