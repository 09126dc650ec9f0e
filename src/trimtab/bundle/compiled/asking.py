"""What the clean process of an attempt runs: convert the bundle's model, ask it about made-up rows, take the time.

A model that hangs on such a row, or ends its process, takes nothing else along.
"""

from __future__ import annotations

import pickle
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from trimtab.bundle.compiled.attempt import attempt
from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.trial import TooLongError
from trimtab.bundle.flavours import flavour_named
from trimtab.bundle.making.gather import Parts
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.making.rows import Rows
from trimtab.bundle.predictor import Predictor
from trimtab.bundle.proof.bounds import end_after
from trimtab.bundle.proof.child import answer, talk
from trimtab.bundle.read import Bundle, find_prepare
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table

__all__ = ["BEGUN", "SAMPLE", "main"]

SAMPLE = "sample"  # the file with the rows of the sample, in the folder of the attempt
BEGUN = "begun"  # and the file that says that the bundle was proved: whatever goes wrong now is the attempt's


def main(*, cut: bool) -> None:
    """Prove the bundle that the request names, then attempt its compiled form; cut: the kernel has no network."""
    talk(lambda request: answer(request, partial(_attempted, request)), cut=cut)


def _attempted(request: dict[str, Any], bundle: Bundle, predictor: Predictor) -> dict[str, Any]:
    """Plan and costs, or why there are none."""
    folder = Path(request["attempt"])
    sample: Table = pickle.loads((folder / SAMPLE).read_bytes())  # noqa: S301  # written by the packaging itself
    (folder / BEGUN).touch()
    end_after(request["trial_s"])
    try:
        with getattr(predictor, "modules", nullcontext()):
            tried = attempt(
                folder,
                Recipe(
                    name=bundle.name,
                    root=folder,
                    model=folder,
                    prepare=bundle.manifest.prepare,
                    compared=request["compared"],
                ),
                _parts(bundle, sample),
                bundle.signature,
                bundle.manifest.options,
            )
    except (UnfoldableError, TooLongError) as error:
        return {"no": str(error)}
    except TrimtabError as error:
        return {"no": error.problems[0].what}
    except Exception as error:  # noqa: BLE001  # frameworks refuse in many ways; each leaves the original in place
        return {"no": f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"}
    return {"plan": msgspec.to_builtins(tried.plan), "costs": msgspec.to_builtins(tried.costs)}


def _parts(bundle: Bundle, sample: Table) -> Parts:
    """Model and preparation apart, as `attempt` asks them."""
    manifest, signature = bundle.manifest, bundle.signature
    flavour = flavour_named(manifest.flavour)
    prepare = find_prepare(manifest.prepare) if manifest.prepare else None
    model = flavour.load(bundle.folder / "model", manifest.options)
    return Parts(flavour, model, prepare, Rows(signature.inputs, signature.container, sample))
