"""Keys from before the enrolment: `key.issued` again, now with the wrap for the centre, so that it can read the parts.

The record comes later than the parts it opens; the centre keeps these sealed until then. A key is looked at once: what
has a wrap, or nothing sealed any more, is left alone.
"""

from typing import Final, cast

from edge.journal import appending
from edge.journal.appending import ACTOR, Order
from edge.journal.keys import KeyRing
from edge.journal.store import Store
from sync.protocol.parts import CannotOpen

AT_ONCE: Final = 200
_LACKING: Final = """
SELECT kid, owner, wrapped FROM keys k WHERE kid > ?1
    AND NOT EXISTS (SELECT 1 FROM parts p WHERE p.kid = k.kid AND p.use = 'wrap')
    AND (EXISTS (SELECT 1 FROM parts p WHERE p.kid = k.kid AND p.use = 'sealed')
        OR EXISTS (SELECT 1 FROM files f WHERE f.kid = k.kid AND f.state <> 'erased'))
ORDER BY kid LIMIT ?2"""


def wrap_some(store: Store, keys: KeyRing, order: Order, after: str) -> str | None:
    """Announce the next AT_ONCE keys above kid `after`, in the open transaction; the last kid, None when all are."""
    rows = cast(list[tuple[str, str, bytes]], store.db.execute(_LACKING, (after, AT_ONCE)).fetchall())
    if not rows or keys.centre is None:
        return None
    found = []
    for kid, owner, wrapped in rows:
        try:
            found.append((kid, owner, keys.unwrap_for_site(wrapped, site=store.site, kid=kid)))
        except CannotOpen:
            continue  # of another site key: nobody here can read it either
    appending.announce_again(store, keys, order, found, ACTOR)
    return rows[-1][0]
