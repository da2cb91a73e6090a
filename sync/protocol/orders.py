"""Signed commands of the centre (protocol page, section 7): their form, and why one is not acted on."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sync.protocol import signing
from sync.protocol.messages import Millis, Site, Text
from sync.protocol.signing import NotSigned, Trusted

Effect = Literal["idempotent", "once"]
Outcome = Literal["done", "failed", "refused", "unknown"]
RefusedWhy = Literal["signature", "site", "expired", "unknown"]
OUTCOMES: Final = ("done", "failed", "refused", "unknown")


class Order(BaseModel):
    """The body of an item of feed `commands`. `not_after`: centre time, ms since 1970."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    m: Literal["command"] = "command"
    id: Annotated[str, Field(strict=True, min_length=1, max_length=128)]
    site: Site
    do: Text
    args: dict[str, Any]
    not_after: Millis
    effect: Effect
    key: Text
    sig: Text


class OrderRefused(ValueError):
    def __init__(self, why: RefusedWhy) -> None:
        super().__init__(why)
        self.why: RefusedWhy = why


def read(body: Mapping[str, Any], *, item: str, site: str, trusted: Trusted) -> Order:
    """The order that stands in item `item`, if it is the centre's and for `site`. Raises OrderRefused.

    An order under another item's id is a copy of one that was signed for its own place: `signature`.
    """
    try:
        signing.verify(body, trusted)
        order = Order.model_validate(body)
    except (NotSigned, ValidationError) as error:
        raise OrderRefused("signature") from error
    if order.id != item:
        raise OrderRefused("signature")
    if order.site != site:
        raise OrderRefused("site")
    return order


def check_time(order: Order, centre_now_ms: int) -> None:
    """Raises OrderRefused. `centre_now_ms`: centre time; the wall clock of the site is nothing to go by."""
    if centre_now_ms > order.not_after:
        raise OrderRefused("expired")
