"""The journal: one writer, group commit, append-only; records, sealed parts beside them, snapshots."""

from edge.journal.errors import (
    BadKeyFile,
    DiskFull,
    FileNotKept,
    FileTooBig,
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
from edge.journal.sealed_files import SealedFile

__all__ = [
    "BadKeyFile",
    "CentreKey",
    "DiskFull",
    "FileNotKept",
    "FileTooBig",
    "FreeText",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFailed",
    "KeyRing",
    "PartGone",
    "RecordTooBig",
    "SealedFile",
]
