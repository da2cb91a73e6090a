"""The box's questions to the centre's enrolment service: HTTPS, its authority pinned by voucher or by enrolment."""

import ssl
from typing import Final, TypeVar

from pydantic import ValidationError

from edge.enrolment.errors import EnrolmentError
from sync import enrolment
from sync.enrolment import Ask, Authority, CentreKeys, Enrolled, Line, Refused, Renew, Voucher
from sync.tls import CENTRE_NAME, pinned

SECONDS: Final = 60.0  # a replaced site may have the keys of many cases
_BY_NAME: Final = {"sni_hostname": CENTRE_NAME}
A = TypeVar("A", bound=Line)


async def authority_of(voucher: Voucher) -> str:
    """The centre's authority (PEM), from whoever answers there; only the one that the voucher names is believed.

    Nothing secret is said on this connection. Raises EnrolmentError.
    """
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    pem = (await _exchange(voucher.address, anyone, enrolment.AUTHORITY_PATH, None, Authority)).authority
    if not voucher.names_authority(pem):
        raise EnrolmentError("other_centre")
    return pem


async def centre_keys(address: str, authority_pem: str) -> CentreKeys:
    """Raises EnrolmentError."""
    return await _exchange(address, pinned(authority_pem), enrolment.CENTRE_PATH, None, CentreKeys)


async def ask(address: str, authority_pem: str, asked: Ask) -> Enrolled:
    """Raises EnrolmentError."""
    return await _exchange(address, pinned(authority_pem), enrolment.ENROL_PATH, asked, Enrolled)


async def renew(address: str, authority_pem: str, asked: Renew) -> Enrolled:
    """Raises EnrolmentError."""
    return await _exchange(address, pinned(authority_pem), enrolment.RENEW_PATH, asked, Enrolled)


async def _exchange(address: str, context: ssl.SSLContext, path: str, asked: Line | None, form: type[A]) -> A:
    import httpx  # a box asks once in years

    try:
        async with httpx.AsyncClient(verify=context, trust_env=False, timeout=SECONDS) as client:
            url = f"https://{address}{path}"
            if asked is None:
                answer = await client.get(url, extensions=_BY_NAME)
            else:
                answer = await client.post(url, content=asked.model_dump_json(), extensions=_BY_NAME)
    except httpx.HTTPError as error:
        raise EnrolmentError("no_centre", problem=_cause(error)) from error
    try:
        if answer.status_code != httpx.codes.OK:
            raise EnrolmentError(Refused.model_validate_json(answer.content).why)
        return form.model_validate_json(answer.content)
    except ValidationError as error:
        raise EnrolmentError("garbled") from error


def _cause(error: Exception) -> str:
    """Without the address, which may stand in a voucher only."""
    cause: BaseException = error
    while (further := cause.__cause__ or cause.__context__) is not None:
        cause = further
    if isinstance(cause, ssl.SSLCertVerificationError):
        return str(cause.verify_message)
    return type(cause).__name__
