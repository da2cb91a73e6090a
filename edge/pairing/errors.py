"""What can go wrong between a hall and a machine that wants to belong to it."""


class PairingError(Exception):
    """`why` is the key `pair.why.<why>` of the technician's words."""

    def __init__(self, why: str, **values: object) -> None:
        self.why = why
        self.values = values
        super().__init__(f"{why} {values}" if values else why)


class BadAuthority(PairingError):
    """The hall's authority or its list of certificates cannot be used. It is never replaced by a new one."""


class BadRequest(PairingError):
    """A certificate request that nobody signs."""


class BadIdentity(PairingError):
    """A machine has no identity, or one that cannot be used."""


class NotPaired(PairingError):
    """A pairing ended without a certificate."""
