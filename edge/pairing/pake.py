"""Six digits prove both sides to each other (SPAKE2): who hears or stands between them can test one guess a try.

The exchange is bound to the TLS certificate that the hall showed, so nobody can stand between two TLS connections.
"""

import hmac
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from spake2 import SPAKE2_A, SPAKE2_B
from spake2.ed25519_basic import NotOnCurve
from spake2.spake2 import SPAKEError

from edge.pairing.errors import NotPaired

MESSAGE_BYTES: Final = 33
_JOINER: Final = b"hall-edge pairing 1, joining machine"
_HALL: Final = b"hall-edge pairing 1, hall "


class Proof:
    """What both sides share once the digits agree. Different digits: different proofs, and nothing is learned."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of_joiner(self, request: bytes) -> bytes:
        return self._mac(b"joiner", request)

    def of_hall(self, certificate: bytes, authority: bytes) -> bytes:
        return self._mac(b"hall", sha256(certificate).digest() + sha256(authority).digest())

    def _mac(self, side: bytes, content: bytes) -> bytes:
        info = b"hall-edge/1/pairing/" + side
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._key)
        return hmac.new(key, content, "sha256").digest()


class Exchange:
    """One side of one try. `message` goes to the other side; `finish` takes theirs, once."""

    def __init__(self, side: "SPAKE2_A | SPAKE2_B") -> None:
        self._side = side
        self.message: bytes = side.start()

    @classmethod
    def joiner(cls, digits: str, halls_certificate: bytes) -> "Exchange":
        """`halls_certificate`: DER, as TLS showed it."""
        return cls(SPAKE2_A(digits.encode(), idA=_JOINER, idB=_hall(halls_certificate)))

    @classmethod
    def hall(cls, digits: str, own_certificate: bytes) -> "Exchange":
        return cls(SPAKE2_B(digits.encode(), idA=_JOINER, idB=_hall(own_certificate)))

    def finish(self, message: bytes) -> Proof:
        """Raises NotPaired for what is no message of the other side."""
        if len(message) != MESSAGE_BYTES:
            raise NotPaired("garbled")
        try:
            return Proof(self._side.finish(message))
        except (SPAKEError, ValueError, NotOnCurve) as error:
            raise NotPaired("garbled") from error


def _hall(certificate: bytes) -> bytes:
    return _HALL + sha256(certificate).digest()
