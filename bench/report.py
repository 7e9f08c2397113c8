"""docs/performance.md, written from what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.measures import ALLOWED_MS, ALLOWED_RATIO, ALLOWED_SUMS_MS, Result

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class PageTime:
    """Medians of a page's script, and of an empty page's, in milliseconds."""

    name: str
    ms: float
    empty_ms: float


@dataclass(frozen=True)
class FileCost:
    """How long a gesture on files took, and by how much the server's memory grew at its peak."""

    name: str
    seconds: float
    grown_mb: float
    resting_mb: float


def written(
    found: Mapping[tuple[str, int], Sequence[Result]],
    loaded: Mapping[tuple[str, int], float],
    pages: Sequence[PageTime],
    files: Sequence[FileCost],
    *,
    machine: str,
    runs: int,
) -> str:
    """The page, in Markdown."""
    sizes = sorted({rows for _, rows in found})
    lines = [
        "# Performance",
        "",
        "Written by `make bench` (`python -m bench`), not by hand. Nothing here passes or fails: what must hold on any",
        "machine (an index behind each filter, the number of statements of each gesture) is in `tests/db`.",
        "",
        f"Machine: {machine}.",
        "",
        f"Each figure is the median of {runs} runs in milliseconds, the app's and the bare SQL's in turns.",
        "*Ours* is the whole use case: transaction, rights, rules, objects. *Bare* is SQL written by hand for the same",
        "answer, sent through the driver (`sqlite3`, `psycopg`) on an open connection, its rows left as tuples.",
        "What ours adds hardly depends on the data, so the ratio says something only where the bare SQL itself takes a",
        f"few milliseconds. Aimed at: {ALLOWED_RATIO:g} times the bare SQL there, {ALLOWED_MS:g} ms everywhere but",
        f"{ALLOWED_SUMS_MS:g} ms for the sums of the workload, which read every open sub-action, and the same for a",
        "million rows as for ten thousand elsewhere.",
        "",
    ]
    for engine in dict.fromkeys(engine for engine, _ in found):
        lines += [f"## {NAMES[engine]}", ""]
        times = ", ".join(f"{rows:,} sub-actions in {loaded[engine, rows]:.0f} s" for rows in sizes)
        lines += [f"Loaded: {times}.", ""]
        head = "".join(f" ours, {rows:,} | bare | ratio |" for rows in sizes)
        lines += [f"| |{head}", "|---|" + "---:|---:|---:|" * len(sizes)]
        by_size = [{result.name: result for result in found[engine, rows]} for rows in sizes]
        for name in by_size[-1]:
            cells = "".join(
                f" {each[name].ours:.1f} | {each[name].bare:.1f} | {each[name].ratio:.1f} |" for each in by_size
            )
            lines.append(f"| {name} |{cells}")
        lines += ["", *_missed(found[engine, sizes[-1]]), ""]
    if pages:
        lines += ["## Pages", "", "One run of the whole script, without a browser, on the largest SQLite database.", ""]
        lines += ["| | ms | an empty page |", "|---|---:|---:|"]
        lines += [f"| {page.name} | {page.ms:.0f} | {page.empty_ms:.0f} |" for page in pages] + [""]
    if files:
        lines += ["## Files", "", "Sent to a server of its own, and read from it.", ""]
        lines += ["| | s | memory grown by, MB | over, MB |", "|---|---:|---:|---:|"]
        lines += [f"| {c.name} | {c.seconds:.1f} | {c.grown_mb:.0f} | {c.resting_mb:.0f} |" for c in files] + [""]
    return "\n".join(lines)


def _missed(results: Sequence[Result]) -> list[str]:
    """What isn't as aimed at, said plainly."""
    slow = [f"{each.name} ({each.ours:.0f} ms)" for each in results if each.ours > each.allowed_ms]
    costly = [f"{each.name} ({each.ratio:.1f})" for each in results if each.ratio > ALLOWED_RATIO and each.bare > 2]
    return [
        f"Above what is aimed at: {'; '.join(slow) or 'nothing'}.",
        f"Above {ALLOWED_RATIO:g} times a bare SQL of more than 2 ms: {'; '.join(costly) or 'nothing'}.",
    ]
