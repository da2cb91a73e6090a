"""`hall-centre` with a mistake or a wrong wall clock, for those who look whether it is noticed.

Environment: HALL_CAMPAIGN_MISTAKE, a name of tests.campaign.mutants; HALL_CAMPAIGN_OFFSET, ms.
"""

import os
from unittest.mock import patch

from sync.centre import cli
from tests.campaign.link.turned_clock import TurnedClock
from tests.campaign.mutants import mutant

if __name__ == "__main__":
    offset = int(os.environ.get("HALL_CAMPAIGN_OFFSET", "0"))
    with (
        mutant(os.environ.get("HALL_CAMPAIGN_MISTAKE", "")),
        patch.object(cli, "SystemClock", lambda: TurnedClock(offset)),
    ):
        cli.main()
