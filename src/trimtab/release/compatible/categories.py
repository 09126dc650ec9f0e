"""The closed sets of two columns: what callers send is still taken, what they are answered is known to them."""

from __future__ import annotations

from trimtab.core.signature import Field

__all__ = ["narrowed", "shown", "widened"]

_SHOWN = 6


def narrowed(live: Field, new: Field) -> str:
    """Why an input takes less than before; empty where it does not."""
    if new.categories is None:
        return ""
    if live.categories is None:
        return f"`{live.name}` took every value until now"
    gone = [value for value in live.categories if value not in new.categories]
    return f"`{live.name}` does not take {shown(gone)} any more" if gone else ""


def widened(live: Field, new: Field) -> str:
    """Why an output may answer what callers have no case for; empty where it does not."""
    if live.categories is None:
        return ""
    if new.categories is None:
        return f"`{live.name}` may be any value from now on"
    if len(live.shape) > 1 and live.categories != new.categories:
        return f"the columns of `{live.name}` stand for other classes: {shown(new.categories)}"
    more = [value for value in new.categories if value not in live.categories]
    return f"callers know no {shown(more)} of `{live.name}`" if more else ""


def shown(values: object) -> str:
    """The first of them, in backticks."""
    listed = list(values) if isinstance(values, list | tuple) else []
    text = ", ".join(f"`{value}`" for value in listed[:_SHOWN])
    return f"{text} and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else text
