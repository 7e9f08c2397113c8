"""`python -m bench`: makes the data, measures each gesture beside the bare SQL, writes docs/performance.md.

python -m bench                                a million sub-actions, and ten thousand to compare with
python -m bench --rows 100000 --no-report      another size, on the screen only
python -m bench --engine sqlite --only Text    some measures
python -m bench --pages                        the pages' own times too, on SQLite
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from bench.data import fill
from bench.measures import RUNS, Result, measured
from bench.report import FileCost, PageTime, written

REPORT = Path(__file__).parents[1] / "docs" / "performance.md"
SMALL, BIG = 10_000, 1_000_000
SERVER = os.environ.get("RELAIS_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1/postgres")


def main() -> int:
    """Measure what was asked for; 1 when a database can't be reached."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[SMALL, BIG])
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--only", default="", help="only measures whose name holds this")
    parser.add_argument("--no-pages", action="store_true", help="leave out the times of the pages and files")
    parser.add_argument("--no-report", action="store_true", help="leave docs/performance.md as it is")
    arguments = parser.parse_args()

    found: dict[tuple[str, int], list[Result]] = {}
    loaded: dict[tuple[str, int], float] = {}
    pages: list[PageTime] = []
    for engine in ("sqlite", "postgresql") if arguments.engine == "both" else (arguments.engine,):
        for rows in arguments.rows:
            with _database(engine, rows) as url:
                start = time.monotonic()
                fill(url, rows)
                loaded[engine, rows] = time.monotonic() - start
                print(f"\n{engine}, {rows:,} sub-actions, loaded in {loaded[engine, rows]:.0f} s", flush=True)
                found[engine, rows] = measured(url, only=arguments.only)
                for result in found[engine, rows]:
                    print(
                        f"  {result.name:40} {result.ours:8.2f} ms   bare {result.bare:8.2f} ms  x {result.ratio:.1f}"
                    )
                if not arguments.no_pages and engine == "sqlite" and rows == max(arguments.rows):
                    from bench.pages import page_times

                    try:
                        pages = page_times(url)
                    except RuntimeError as broken:
                        print(f"  the pages aren't measured: {broken}", file=sys.stderr)
                    for page in pages:
                        print(f"  {page.name:40} {page.ms:8.1f} ms   empty page {page.empty_ms:8.1f} ms")
    costs = [] if arguments.only or arguments.no_pages else _file_costs()
    if not arguments.no_report:
        REPORT.write_text(written(found, loaded, pages, costs, machine=_machine(), runs=RUNS), encoding="utf-8")
        print(f"\nwritten: {REPORT.name}")
    return 0


def _file_costs() -> list[FileCost]:
    from bench.files import file_costs

    try:
        costs = file_costs()
    except (RuntimeError, OSError) as broken:
        print(f"  files aren't measured: {broken}", file=sys.stderr)
        return []
    print("\nfiles")
    for cost in costs:
        print(
            f"  {cost.name:40} {cost.seconds:8.1f} s    memory + {cost.grown_mb:.0f} MB over {cost.resting_mb:.0f} MB"
        )
    return costs


@contextmanager
def _database(engine: str, rows: int) -> Iterator[str]:
    """A database of its own for as long as it is measured."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="relais-bench-") as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    name = f"relais_bench_{os.getpid()}_{rows}"
    server = make_url(SERVER).set(drivername="postgresql")
    admin = psycopg.connect(server.render_as_string(hide_password=False), autocommit=True)
    try:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.close()


def _machine() -> str:
    import sqlite3

    with psycopg.connect(make_url(SERVER).set(drivername="postgresql").render_as_string(hide_password=False)) as server:
        version = server.info.server_version // 10_000
        buffers = server.execute("SHOW shared_buffers").fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory} GB, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL {version} (shared_buffers "
        f"{buffers[0] if buffers else '?'}); load average {load:.1f} at the end"
    )


if __name__ == "__main__":
    sys.exit(main())
