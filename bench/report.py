"""Rows for people."""

from collections.abc import Sequence

from rich.table import Table

from bench.machine import Machine
from bench.rows import Row


def table(rows: Sequence[Row], machine: Machine) -> Table:
    made = Table(caption=machine.sentence(), caption_justify="left")
    made.add_column("measured")
    for column in ("value", "unit"):
        made.add_column(column, justify="right" if column == "value" else "left")
    made.add_column("peer")
    made.add_column("peer's", justify="right")
    made.add_column("times better", justify="right")
    for row in rows:
        made.add_row(row.name, number(row.value), row.unit, row.peer or "", number(row.peer_value), number(row.ratio))
    return made


def number(value: float | None) -> str:
    """Four digits that matter, thousands apart; empty for nothing."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
