"""A measured figure beside its limit, and the table of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its limit in the same unit: what nothing in this position could beat on this machine in this run, or
    what a peer took in it.

    `most_times` bounds the ratio to the limit, `most` the value itself; null: shown, not gated.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    limit_is: str = ""
    most_times: float | None = None
    most: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.limit else self.value / self.limit

    @property
    def missed(self) -> bool:
        """Whether a bound is exceeded."""
        over = self.most is not None and self.value > self.most
        return over or (self.most_times is not None and self.ratio is not None and self.ratio > self.most_times)

    @property
    def bound(self) -> str:
        if self.most_times is not None:
            return f"≤ {self.most_times:g} ×"
        return "" if self.most is None else f"≤ {self.most:g} {self.unit}"


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    head = ["figure", "value", "limit", "ratio", "bound", ""]
    rows = [head, *(_row(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def to_json(figure: Figure) -> dict[str, object]:
    """A figure for machines."""
    return {**asdict(figure), "ratio": figure.ratio, "missed": figure.missed}


def _row(figure: Figure) -> list[str]:
    limit = "" if figure.limit is None else f"{_number(figure.limit)} {figure.unit} ({figure.limit_is})"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2{'f' if figure.ratio >= 0.1 else 'g'}} ×"
    verdict = "missed" if figure.missed else "met" if figure.bound else ""
    return [figure.name, f"{_number(figure.value)} {figure.unit}", limit, ratio, figure.bound, verdict]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
