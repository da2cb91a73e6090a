"""What can go wrong with the journal. JournalFailed and JournalDamaged end the process; the others are answers."""


class JournalError(Exception):
    """Base: something about the journal as a whole."""


class JournalBusy(JournalError):
    """Another process has this journal open."""

    def __init__(self, folder: str, holder: str) -> None:
        super().__init__(f"the journal in {folder} is already open in process {holder or '?'}; stop that one first")
        self.holder = holder


class JournalFailed(JournalError):
    """A commit did not reach the disk. Nothing is accepted any more; the state on disk decides at the next start."""


class EpochChanged(JournalFailed, LookupError):
    """A new epoch was opened: what was decided before it is not written. The hall starts again."""


class GapMode(JournalError):
    """Nothing is erased, unless the law demands it, while the centre may have what this journal lacks."""


class JournalDamaged(JournalError):
    """The file is not what was written. It stays as it is; `seq` is the first bad record, 0 for the file itself."""

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"record {seq}: {why}" if seq else why)
        self.seq = seq
        self.why = why


class FreeText(TypeError):
    """A text that is no code stands where only codes may stand: it belongs into a sealed part."""


class RecordTooBig(ValueError):
    """The record with its parts is longer than the protocol carries (sync.md section 1)."""


class DiskFull(JournalError):
    """The disk has no room for new scans; records are still accepted."""

    code = "disk_full"


class FileNotKept(JournalError):
    """The disk did not take, or does not give, a sealed file; nothing else is lost."""

    code = "file_not_kept"


class FileTooBig(ValueError):
    """The file is longer than the protocol carries (sync.md section 1)."""


class PartGone(LookupError):
    """The part, the file, or the key that opens it, was erased or never came."""


class BadKeyFile(ValueError):
    """The site key file is missing, readable by others, or not 32 bytes."""
