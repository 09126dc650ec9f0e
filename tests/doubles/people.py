"""People in a real journal: what they asked, what was said of it, and what is left of them in any file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.doubles.logged import INTERACTION_ID, NOON, Logging

from trimtab.journal.folder import Folder
from trimtab.journal.privacy.keys import Keys
from trimtab.journal.seal.files import sealed_files
from trimtab.journal.segments.writer import Writer


class People:
    """Everything of a person has their name in it."""

    def __init__(self, folder: Folder, keys: Keys) -> None:
        self.folder, self.keys = folder, keys
        self.writer = Writer(folder)
        self.logging = Logging(self.writer)
        self.count = 0

    def ask(self, *names: str, time: float = NOON, **facts: Any) -> str:
        """A request with a row of each of them; its id."""
        self.count += 1
        subjects = [self.keys.subject(name) for name in names]
        facts = {"request_id": f"{self.count}-{'-'.join(names)}", "principal": "app", "time": time} | facts
        told = {"id": f"{INTERACTION_ID}{self.count:x}", "rows": len(names), "subjects": subjects}
        return self.logging.ask(self.count, **{**told, **facts})

    def tell(self, stream: str, id: str, name: str, row: int = 0, **said: Any) -> None:  # noqa: A002
        """Truth or feedback of a row, about somebody."""
        own = {"value": f"said of {name}"} if stream == "truth" else {"comment": f"said of {name}"}
        times = {"time": NOON, "received": NOON}
        self.logging.tell(stream, **{"id": id, "row": row, "principal": "app", **times, **own, **said})

    def end(self) -> None:
        """The writer is gone."""
        self.writer.close()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All sealed rows of a table."""
        from pyarrow import parquet

        found: list[dict[str, Any]] = []
        for path in sealed_files(self.folder.path):
            if path.relative_to(self.folder.path).parts[0] == table:
                with path.open("rb") as file:
                    found += parquet.ParquetFile(file).read(use_threads=False).to_pylist()
        return found

    def left(self, name: str) -> list[str]:
        """The files in which a person is named: by their name, or by what the journal calls them, tombstones apart."""
        return sorted(str(path.relative_to(self.folder.path)) for path in self._naming(name))

    def _naming(self, name: str) -> Iterator[Path]:
        words = (name.encode(), self.keys.subject(name).encode())
        for path in self.folder.path.rglob("*"):
            if not path.is_file() or path.parent == self.folder.forgotten:
                continue
            if any(word in path.read_bytes() or word in _told(path) for word in words):
                yield path


def _told(path: Path) -> bytes:
    """What a Parquet file says once it is inflated."""
    if path.suffix != ".parquet":
        return b""
    from pyarrow import parquet

    with path.open("rb") as file:
        source = parquet.ParquetFile(file)
        return repr((source.read(use_threads=False).to_pylist(), source.metadata.to_dict())).encode()
