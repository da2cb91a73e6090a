"""Which of the centre's items a record is about, as the hall saw it (sync.md section 7)."""

from edge.rules.body import Body


class About(Body):
    """`feed`, `id`, `rev` of the item; the centre holds the record for a person when its rev is another by then."""

    feed: str
    id: str
    rev: int
