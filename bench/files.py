"""What files cost a server in memory: 100 MB sent, several at once, and all of them back in one zip.

python -m bench.files
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx2
from sqlalchemy import insert

from bench.report import FileCost
from lib.db import tables as t
from lib.db.engine import Database
from lib.db.migrate import upgrade
from lib.domain import accounts
from lib.domain.sign_in import Gate, give_password
from lib.gateways.passwords import Argon2Passwords

ROOT = Path(__file__).parents[1]
SIZE = 100_000_000
AT_ONCE = 4
EMAIL, PASSWORD = "bench@example.com", "un train bleu sans retard"
_HEAD = b"%PDF-1.7\n"


def file_costs() -> list[FileCost]:
    """Measured on a server of its own, from outside; Linux only, where a process's peak can be read and set back."""
    total = (AT_ONCE + 1) * SIZE
    gestures: dict[str, Callable[[httpx2.Client], None]] = {
        f"Upload, {SIZE // 10**6} MB": _send,
        f"{AT_ONCE} uploads of it at once": _send_together,
        f"Download, {SIZE // 10**6} MB": lambda client: _read(client, "/files/2", at_least=SIZE),
        f"Zip of {total // 10**6} MB": lambda client: _read(client, "/files/zip/client/1", at_least=total),
    }
    with (
        tempfile.TemporaryDirectory(prefix="relais-bench-") as folder,
        _server(Path(folder)) as (process, address),
        httpx2.Client(base_url=address, headers={"origin": address}, timeout=600) as client,
    ):
        _sign_in(client)
        _send(client, size=1_000_000)  # what is imported and kept at the first use isn't counted
        return [_measured(process, name, partial(gesture, client)) for name, gesture in gestures.items()]


@contextmanager
def _server(folder: Path) -> Iterator[tuple[int, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, url = f"http://127.0.0.1:{port}", f"sqlite:///{folder}/relais.db"
    upgrade(url)
    database = Database(url)
    gate = Gate(database, Argon2Passwords(), datetime.now(UTC))
    made = accounts.add_person(gate, email=EMAIL, name="Bench", profile="admin")
    give_password(gate, person_id=made.person_id, password=PASSWORD, must_change=False)
    client = insert(t.client).values(code="B", name="Bench")
    database.write(lambda store: store.connection.execute(client) and None)  # type: ignore[attr-defined]
    database.dispose()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RELAIS_")}
    environment |= {"RELAIS_DATA_DIR": str(folder), "RELAIS_PORT": str(port)}
    command = [sys.executable, "-m", "relais", "serve"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait(address, process)
        yield process.pid, address
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server stopped")
        try:
            if httpx2.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the server doesn't answer")


def _sign_in(client: httpx2.Client) -> None:
    form = client.get("/sign-in").text
    token = re.search('name="form_token" value="([^"]+)"', form)
    assert token
    data = {"form_token": token[1], "email": EMAIL, "password": PASSWORD, "next": "/", "lang": "en"}
    assert client.post("/sign-in", data=data).status_code == 303


def _send(client: httpx2.Client, *, size: int = SIZE) -> None:
    def body() -> Iterator[bytes]:
        yield _HEAD
        left, noise = size - len(_HEAD), os.urandom(1_000_000)
        while left > 0:
            yield noise[:left]
            left -= len(noise)

    key = uuid4().hex
    asked = {"entity": "client", "entity_id": 1, "name": f"{key}.pdf", "key": key}
    answer = client.post("/files/upload", params=asked, content=body(), headers={"content-length": str(size)})
    assert answer.status_code == 201, answer.text


def _send_together(client: httpx2.Client) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: _send(client), range(AT_ONCE)))


def _read(client: httpx2.Client, path: str, *, at_least: int) -> None:
    with client.stream("GET", path) as answer:
        read = sum(len(chunk) for chunk in answer.iter_bytes())
    assert read >= at_least, read


def _measured(process: int, name: str, gesture: Callable[[], None]) -> FileCost:
    Path(f"/proc/{process}/clear_refs").write_text("5")  # the peak begins anew
    resting, start = _memory_mb(process, "VmRSS"), time.monotonic()
    gesture()
    return FileCost(name, time.monotonic() - start, _memory_mb(process, "VmHWM") - resting, resting)


def _memory_mb(process: int, which: str) -> float:
    status = Path(f"/proc/{process}/status").read_text("ascii")
    found = re.search(rf"{which}:\s+([0-9]+) kB", status)
    assert found
    return int(found[1]) / 1000


if __name__ == "__main__":
    for cost in file_costs():
        print(f"{cost.name:40} {cost.seconds:6.1f} s   + {cost.grown_mb:5.1f} MB over {cost.resting_mb:.0f} MB")
