"""What hostile files are made of."""

import io
import os
import zipfile
from pathlib import Path
from typing import Any

# a flavour, and the file and options of a bundle that declares it
DECLARED = {
    "onnx": ("onnx", "model.onnx", {"file": "model.onnx", "method": ""}),
    "skops": ("sklearn", "model.skops", {"format": "skops", "method": "predict", "trusted": []}),
    "ubj": ("xgboost", "model.ubj", {"file": "model.ubj", "method": "predict", "answer": "value", "trees": 0}),
    "json": ("xgboost", "model.json", {"file": "model.json", "method": "predict", "answer": "value", "trees": 0}),
    "txt": ("lightgbm", "model.txt", {"file": "model.txt", "method": "predict", "answer": "value"}),
    "pt": ("torch", "model.pt", {"kind": "script", "method": ""}),
    "pt2": ("torch", "model.pt2", {"kind": "export", "method": ""}),
}


class Canary:
    """Makes a folder when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = str(place)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.place,)


def zipped(**members: bytes) -> bytes:
    """A zip archive; `__` in a name stands for `/` and `_dot_` for a dot."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return data.getvalue()
