"""What a program imports before it serves: each library here costs every start time or memory and has its reason."""

import subprocess
import sys

import pytest

SELDOM = ("cv2", "PySide6", "hw_sim", "hypothesis", "pytest")
OF_DEVICES = ("numpy", "PIL", "serialx", "serial", "soundfile", "escpos", "usb", "smartcard", "drivers.links")


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("edge.daemon", (*SELDOM, *OF_DEVICES, "sqlite_utils", "spake2", "qrcode", "httpx", "edge.devices.host")),
        ("edge.devices.host", (*SELDOM, "numpy", "PIL", "fastapi", "uvicorn", "httpx", "apsw", "edge.rules.commands")),
        ("edge.cli", (*SELDOM, *OF_DEVICES, "fastapi", "pydantic", "cryptography", "apsw")),
        ("kiosk_ui.terminal.app", ("cv2", "hw_sim", "numpy", "PIL", "fastapi", "edge.rules", "drivers", "sync")),
        ("kiosk_ui.board.app", ("cv2", "hw_sim", "numpy", "PIL", "fastapi", "edge.rules", "drivers", "sync")),
        ("sync.centre.cli", (*SELDOM, *OF_DEVICES, "edge", "fastapi")),
    ],
)
def test_a_program_does_not_import_what_its_start_does_not_need(module: str, never: tuple[str, ...]) -> None:
    code = f"import sys, {module}\nprint(*sorted(set({never!r}) & sys.modules.keys()))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.split() == []
