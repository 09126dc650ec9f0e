"""A real server over a model that yields, whatever it is asked: a word a part, as many as each row wants.

python tests/doubles/stories.py '{"workers": 2}'   settings as JSON; prints the address, then answers
"""

import json
import sys
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np

from trimtab.bundle.data.compose import compose
from trimtab.bundle.golden import Golden
from trimtab.bundle.predictor import join
from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.server.run import run
from trimtab.server.settings import Settings

SIGNATURE = Signature(
    (Field("words", "INT64", low=0, high=6), Field("about", "BYTES", nullable=True)),
    (Field("text", "BYTES"), Field("count", "INT64")),
    "arrays",
)


class Teller:
    """Rows that want no more words have no text in a part."""

    def __call__(self, arrays):
        return join(self.parts(arrays))

    def parts(self, arrays):
        words = arrays["words"]
        for count in range(1, max(int(words.max()), 1) + 1):
            text = [f"word{count} " if count <= max(wanted, 1) else None for wanted in words]
            yield {"text": np.array(text, object), "count": np.minimum(count, words)}


@dataclass(frozen=True)
class Bundle:
    """In memory."""

    name: str = "story"
    signature: Signature = SIGNATURE
    digest: str = f"sha256:{'ef' * 32}"
    manifest: object = field(default_factory=lambda: SimpleNamespace(flavour="python"))
    inline: bool = False

    def load(self):
        return compose(SIGNATURE, None, Teller())

    def privacy(self):
        return {}

    def golden(self):
        table = check(SIGNATURE, {"words": [1, 3], "about": ["x", None]})
        return Golden(table, self.load()(table), 0.0, 0.0)


if __name__ == "__main__":
    given = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    run(lambda: {"story": Bundle()}, replace(Settings(port=0), **given), lambda address: print(address, flush=True))
