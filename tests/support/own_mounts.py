"""`unshare` for tests that need mounts and a network of their own."""

import os
from pathlib import Path


def unshared() -> list[str]:
    """In a chroot "/" is no mount point, so how its mounts spread cannot be changed: there it is left as it is."""
    spread = [] if _root_is_a_mount() else ["--propagation", "unchanged"]
    return ["unshare", "--mount", *spread, "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]


def _root_is_a_mount() -> bool:
    return any(line.split()[4] == "/" for line in Path("/proc/self/mountinfo").read_text("ascii").splitlines())
