from pathlib import Path

from bench.machine import file_system, this_machine
from bench.report import number


def test_the_longest_mount_above_a_folder_is_its_file_system(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\ntmpfs {tmp_path} tmpfs rw 0 0\n/dev/b {tmp_path}-other xfs rw 0 0\n")
    assert file_system(tmp_path / "deep", mounts) == "tmpfs"
    assert file_system(Path("/"), mounts) == "ext4"


def test_the_sentence_says_how_busy_the_machine_was(tmp_path: Path) -> None:
    machine = this_machine(tmp_path)
    assert machine.cores >= 1
    assert machine.disk in machine.sentence()  # "unknown" where the root is no mount, as in a chroot
    assert f"load average {machine.load[0]:.2f}" in machine.sentence()


def test_numbers_for_people() -> None:
    assert [number(one) for one in (None, 0.1234567, 12.3456, 134_912.0)] == ["", "0.1235", "12.35", "134,912"]
