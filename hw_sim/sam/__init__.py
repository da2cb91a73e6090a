"""Resident-ID-card reader with the police security module (protocols/idcard.md sections 1-7)."""

from hw_sim.sam.cards import Card
from hw_sim.sam.simulator import SamReader

__all__ = ["Card", "SamReader"]
