"""Decisions of departments about cases. They count through the hall's own rules only; without one they are kept."""

from collections.abc import Mapping
from typing import Any, Final

from edge.feeds.bookings import EnginePort
from edge.feeds.following import ACTOR, about, command_id, why_unread
from edge.feeds.tables import Change
from edge.journal.keys import KeyRing
from edge.rules.command import Command
from edge.rules.decide import DECISIONS
from edge.rules.dossier_commands import TakeBackDecision
from edge.rules.refusal import Refusal
from sync.protocol import sealed_items

RULE: Final = "decision.record"
NO_RULE: Final = "no_rule"
_DISPUTED: Final = "decision.disputed"
_WITHDRAWN: Final = "withdrawn"
# What else the centre may say of a case or complaint, as `do` of the body.
_MORE: Final = frozenset({"task.record", "batch.note", "reuse.offer", "complaint.direct", "parcel.expect"})


def rule_named(do: str) -> type[Command] | None:
    """The command that rules know by this word."""
    return next((each for each in DECISIONS if each.model_fields["do"].default == do), None)


class Decisions:
    """An item's body, with its sealed members, is the command `decision.record`; what that does not know is left out.

    Each word of a unit is an item: the line joins the revisions of one, and a suspension that was ended would be lost.
    `id` and `rev` of the item are told as `about` where the command asks for it. A word that a case here has left
    behind is a record, `decision.disputed`, which both sides see; its code is returned as well.
    """

    feed = "decisions"

    def __init__(self, engine: EnginePort, keys: KeyRing, *, site: str, rule: str = RULE) -> None:
        self._engine = engine
        self._keys = keys
        self._site = site
        self._rule = rule

    async def follow(self, change: Change) -> str:
        if change.item is None:
            return await self._take_back(change)
        do = change.item["body"].get("do")
        rule = rule_named(do if do in _MORE else self._rule)
        if rule is None:
            return NO_RULE
        try:
            command = rule.model_validate(self._members(rule, change, change.item))
        except ValueError as error:
            return why_unread(error)
        return await self._told(command, change)

    async def _take_back(self, change: Change) -> str:
        return await self._told(TakeBackDecision(about=about(change)), change) or _WITHDRAWN

    async def _told(self, command: Command, change: Change) -> str:
        try:
            answer = await self._engine.execute(command, id=command_id(change), actor=ACTOR)
        except Refusal as refused:
            return refused.code
        return next((str(one.body["why"]) for one in answer.records if one.kind == _DISPUTED), "")

    def _members(self, rule: type[Command], change: Change, item: Mapping[str, Any]) -> dict[str, Any]:
        """Raises CannotOpen."""
        opened = sealed_items.open_item(item, feed=self.feed, site=self._site, private=self._keys.exchange_key)
        told = {**item["body"], **opened, "about": about(change).model_dump()}
        return {name: value for name, value in told.items() if name in rule.model_fields and name != "do"}
