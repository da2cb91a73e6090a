"""The queue's words as clients say them, who may not know the rules; tests hold them equal to the rules' own."""

from typing import Literal

Klass = Literal["walk_in", "green", "appointment"]
Ground = Literal["disabled", "military", "elderly", "pregnant", "other"]
CallWhy = Literal["order", "guard", "early", "recall", "out_of_turn"]
OutOfTurnReason = Literal["asked_back", "escorted", "emergency", "manager"]
BackReason = Literal["materials_missing", "system_down", "wrong_window", "needs_other_window", "clerk_ends"]
PauseReason = Literal["lunch", "break", "meeting", "system_down", "other"]
