"""The journal: one writer, group commit, append-only; records, sealed parts beside them, snapshots."""

from edge.journal.errors import (
    BadKeyFile,
    FreeText,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFailed,
    PartGone,
    RecordTooBig,
)
from edge.journal.journal import Journal
from edge.journal.keys import CentreKey, KeyRing

__all__ = [
    "BadKeyFile",
    "CentreKey",
    "FreeText",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFailed",
    "KeyRing",
    "PartGone",
    "RecordTooBig",
]
