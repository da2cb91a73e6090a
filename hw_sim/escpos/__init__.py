"""ESC/POS ticket printer with Chinese text (protocols/ticket_printer.md sections 1-4)."""

from hw_sim.escpos.simulator import EscPosSimulator

__all__ = ["EscPosSimulator"]
