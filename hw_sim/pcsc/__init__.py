"""A virtual PC/SC reader with social-security cards and others, behind a real pcscd."""

from hw_sim.pcsc.cards import ChipCard
from hw_sim.pcsc.reader import PcscReader

__all__ = ["ChipCard", "PcscReader"]
