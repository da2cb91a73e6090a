"""Files and links of one machine's /sys and /dev under a folder, laid out as Linux does it."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


class Tree:
    """Every link inside is relative, so that the folder can be looked at from anywhere and moved."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.dev = root / "dev"
        self.sys = root / "sys"

    def lay_out(self) -> None:
        """What is always there; of an earlier machine in this folder nothing is left."""
        for folder in (self.dev, self.sys):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in (self.dev / "input", self.sys / "devices"):
            folder.mkdir(parents=True, exist_ok=True)
        for name in ("tty", "input", "hidraw", "video4linux"):
            (self.sys / "class" / name).mkdir(parents=True, exist_ok=True)
        for bus in ("usb", "usb-serial", "pci", "platform", "pnp", "hid"):
            (self.sys / "bus" / bus / "devices").mkdir(parents=True, exist_ok=True)

    def device(
        self,
        place: Path,
        attributes: Mapping[str, str] | None = None,
        *,
        bus: str = "",
        klass: str = "",
        driver: str = "",
        uevent: Mapping[str, str] | None = None,
    ) -> Path:
        """A device's folder below sys/devices, its entry under its bus or class, and its `uevent`; made once."""
        folder = self.sys / "devices" / place
        if folder.is_dir() and (folder / "uevent").exists():
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (attributes or {}).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text + "\n", "utf-8")
        if bus:
            self._link(folder / "subsystem", self.sys / "bus" / bus)
        if klass:
            self._link(folder / "subsystem", self.sys / "class" / klass)
        if driver:
            home = self.sys / "bus" / bus / "drivers" / driver
            home.mkdir(parents=True, exist_ok=True)
            self._link(folder / "driver", home)
            self._link(home / folder.name, folder)
        said = {**({"DRIVER": driver} if driver else {}), **(uevent or {})}
        (folder / "uevent").write_text("".join(f"{name}={value}\n" for name, value in said.items()), "utf-8")
        if bus:  # listed last: who finds it there finds it whole
            self._link(self.sys / "bus" / bus / "devices" / folder.name, folder)
        if klass:
            self._link(self.sys / "class" / klass / folder.name, folder)
        return folder

    def parent_link(self, folder: Path, name: str, to: Path) -> None:
        self._link(folder / name, to)

    def remove(self, folder: Path) -> None:
        """The folder, everything below it, and every entry under a bus, driver or class that points there."""
        below = (path for path in sorted(folder.rglob("*")) if path.is_dir() and not path.is_symlink())
        for inside in (folder, *below):
            subsystem, driver = inside / "subsystem", inside / "driver"
            if subsystem.is_symlink():
                home = subsystem.resolve()
                (home / inside.name).unlink(missing_ok=True)
                (home / "devices" / inside.name).unlink(missing_ok=True)
            if driver.is_symlink():
                (driver.resolve() / inside.name).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def node(self, name: str, target: str) -> None:
        """/dev/NAME, a link to what really answers there."""
        path = self.dev / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def remove_node(self, name: str) -> None:
        (self.dev / name).unlink(missing_ok=True)

    def _link(self, link: Path, to: Path) -> None:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(to, link.parent))
