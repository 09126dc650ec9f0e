"""The words of a CSV file that mean null: one list, for the sample of a model and for the rows that it scores."""

from __future__ import annotations

from typing import Final

__all__ = ["CSV_NULLS"]

# Source: pandas, `read_csv`, parameter `na_values`. User code was trained on what pandas made of its file, so "NA" is
# null for it, Namibia's code in a text column included; a test holds the list against the installed pandas.
CSV_NULLS: Final = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
