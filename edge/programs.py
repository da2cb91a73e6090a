"""Where the programs begin. Their imports make some hundred thousand objects that stay: the collector does not walk
them while they come, which is a tenth of a start, nor ever again."""

import gc
from collections.abc import Callable


def halld() -> None:
    gc.disable()
    from edge.daemon import main  # not before the collector stands still

    _run(main)


def hall_devices() -> None:
    gc.disable()
    from edge.devices.host import main  # as above

    _run(main)


def hallctl() -> None:
    gc.disable()
    from edge.cli import main  # as above

    _run(main)


def _run(main: Callable[[], None]) -> None:
    gc.freeze()
    gc.enable()
    main()
