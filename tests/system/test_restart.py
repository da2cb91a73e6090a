"""Starting again: after kills in a busy morning, with a spoilt configuration, and never over a damaged journal."""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from ruamel.yaml import YAML

from hw_sim.demo.station import BIN
from tests.campaign.morning import Morning
from tests.system.evidence import seen
from tests.system.sites import a_window_without_a_service, change_site

pytestmark = [
    pytest.mark.system, pytest.mark.kill, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worked:
    """What a morning left behind, and what the judge says of it."""

    folder: Path
    verdict: dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worked(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    folder = tmp_path_factory.mktemp("morning")
    return Worked(folder, await Morning(kills=3, seed=20261122, folder=folder).run())


@pytest.fixture
def left_behind(worked: Worked, tmp_path: Path) -> Path:
    """A copy of that station's files, with nothing running."""
    for name in ("site.yaml", "site.last-good.yaml"):
        shutil.copy2(worked.folder / name, tmp_path / name)
    shutil.copytree(worked.folder / "data", tmp_path / "data")
    return tmp_path


async def test_a_morning_with_three_kills_keeps_every_promise(worked: Worked) -> None:
    verdict = worked.verdict
    assert verdict["broken"] == []
    assert verdict["verified"] is True
    assert verdict["kills"] == 3
    assert min(verdict["tickets"], verdict["calls"]) > 5, "it was a busy one"
    assert verdict["slowest_return"] < 30, "on a busy machine; docs/bench.md has the figure of a quiet one"


# --- a spoilt site.yaml ----------------------------------------------------------------------------------------------


def _not_yaml(folder: Path) -> None:
    path = folder / "site.yaml"
    whole_lines = path.read_text("utf-8")[:700].rpartition("\n")[0]  # not in the middle of a character
    path.write_text(whole_lines + '\n  ]]: "half a line', "utf-8")


def _mistaken(folder: Path) -> None:
    change_site(folder, a_window_without_a_service)


def _empty(folder: Path) -> None:
    (folder / "site.yaml").write_bytes(b"")


@pytest.mark.parametrize(
    ("spoil", "where"),
    [(_not_yaml, "this is no YAML"), (_mistaken, "windows[0].services[0]"), (_empty, "no settings")],
)
async def test_a_spoilt_site_file_is_told_and_the_last_good_one_is_used(
    left_behind: Path, spoil: Callable[[Path], None], where: str
) -> None:
    listen = YAML(typ="safe").load(left_behind / "site.yaml")["api"]["listen"]
    spoil(left_behind)
    spoilt = (left_behind / "site.yaml").read_bytes()
    async with _started(left_behind) as halld:
        await seen(lambda: _serves(listen), 40, "the daemon serves")
        log = (left_behind / "halld.log").read_text()
        assert "mistake in the site file" in log
        assert where in log
        assert "last_good_used=True" in log
        assert halld.returncode is None
    assert (left_behind / "site.yaml").read_bytes() == spoilt, "the technician's file is the technician's"


async def test_without_a_last_good_file_nothing_is_started_and_each_mistake_is_named(left_behind: Path) -> None:
    _mistaken(left_behind)
    (left_behind / "data" / "site.last-good.yaml").unlink()
    before = _digest(left_behind / "data")
    code, said = await _refuses(left_behind)
    assert code == 2
    assert "windows[0].services" in said
    assert "Traceback" not in said
    assert _digest(left_behind / "data") == before


# --- a damaged journal -----------------------------------------------------------------------------------------------


def _one_letter_of_a_record(path: Path) -> None:
    raw = path.read_bytes()
    place = raw.index(b'"kind":"ticket.issued"')
    path.write_bytes(raw[: place + 9] + b"T" + raw[place + 10 :])


def _the_first_page(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(bytes(4096) + raw[4096:])


def _the_second_half(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def _everything(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_one_letter_of_a_record, "is bad: its content was changed"),
        (_the_first_page, "cannot be read"),
        (_the_second_half, "cannot be read"),
        (_everything, "is empty or is no journal"),
    ],
)
async def test_a_damaged_journal_is_refused_in_a_sentence_and_left_as_it_is(
    left_behind: Path, damage: Callable[[Path], None], why: str
) -> None:
    journal = left_behind / "data" / "journal.db"
    damage(journal)
    damaged = journal.read_bytes()
    code, said = await _refuses(left_behind)
    assert code == 4
    assert why in said
    assert "hallctl journal verify" in said
    assert "Traceback" not in said
    assert journal.read_bytes() == damaged


async def test_a_lost_journal_is_never_replaced_by_an_empty_one(left_behind: Path) -> None:
    journal = left_behind / "data" / "journal.db"
    journal.unlink()
    code, said = await _refuses(left_behind)
    assert code == 4
    assert "missing" in said
    assert not journal.exists()


# --- running one daemon ----------------------------------------------------------------------------------------------


@asynccontextmanager
async def _started(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    with (folder / "halld.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(BIN / "halld"),
            *("--site", str(folder / "site.yaml"), "--data", str(folder / "data"), "--runtime", str(folder)),
            *("--site-key", str(folder / "data" / "site.key")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _refuses(folder: Path) -> tuple[int | None, str]:
    """Exit code, and what it said on its way out."""
    async with _started(folder) as process, asyncio.timeout(40):
        code = await process.wait()
    return code, (folder / "halld.log").read_text()


async def _serves(listen: str) -> bool:
    try:
        async with httpx.AsyncClient(base_url=f"http://{listen}") as client:
            return bool((await client.get("/api/health")).json()["ready"])
    except httpx.TransportError:
        return False


def _digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}
