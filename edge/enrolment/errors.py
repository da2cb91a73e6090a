"""What can go wrong between a box and the centre's enrolment."""


class EnrolmentError(Exception):
    """`why` is the key `enrol.why.<why>` of the technician's words."""

    def __init__(self, why: str, **values: object) -> None:
        self.why = why
        self.values = values
        super().__init__(f"{why} {values}" if values else why)
