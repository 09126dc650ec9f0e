"""What is known of a question that a model was asked, and what is learned of it later: the nouns of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from trimtab.core.table import Column

__all__ = ["ANONYMOUS", "INPUTS_KEY", "SHADOW", "Feedback", "Interaction", "Scalar", "Truth"]

# what a ground truth, a label or a correction may be
Scalar: TypeAlias = bool | int | float | str
# in the metadata of a Parquet file of exported rows: those of its columns that a model is given, as JSON
INPUTS_KEY: Final = b"trimtab.inputs"
SHADOW: Final = "shadow"  # the dialect of an answer that a challenger gave and nobody saw
ANONYMOUS: Final = ""  # the principal of a server that asks nobody who they are


@dataclass(frozen=True, slots=True)
class Interaction:
    """One question and its answer, as far as the columns' policies let them be kept.

    id: given by the server, in no two interactions. time: of the question, seconds since 1970, UTC. seconds: from the
    question to its answer. request_id: what the caller called it, empty for nothing. revision: digest of the bundle.
    status: as HTTP has it. error: code of the first problem, empty for none. arm, probability: of a flight, and how
    likely this caller was to be in it. sampled: how likely an interaction like this was to be logged.
    inputs, outputs: columns of `rows` rows, by name; none where the question did not fit the signature.
    subjects: whom each row is about, as `Keys.subject` calls them, empty for nobody; none where nobody is named.
    """

    id: str
    time: float
    endpoint: str
    revision: str
    status: int
    seconds: float
    rows: int = 0
    dialect: str = ""
    principal: str = ANONYMOUS
    request_id: str = ""
    error: str = ""
    arm: str = ""
    probability: float = 1.0
    sampled: float = 1.0
    inputs: Mapping[str, Column] = field(default_factory=dict)
    outputs: Mapping[str, Column] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What turned out to be so, of one row of an interaction.

    id: of the interaction, or what its caller called it. time: since when it is known, seconds since 1970, UTC.
    received: when it was taken down. principal: who said so; operator: he may speak for everybody's interactions.
    """

    id: str
    value: Scalar
    time: float
    received: float
    row: int = 0
    name: str = "truth"
    principal: str = ANONYMOUS
    operator: bool = False


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of an answer. score: 0 (bad) to 1 (good); correction: what the answer should have been."""

    id: str
    time: float
    received: float
    row: int = 0
    score: float | None = None
    label: Scalar | None = None
    comment: str = ""
    correction: Scalar | None = None
    principal: str = ANONYMOUS
    operator: bool = False
