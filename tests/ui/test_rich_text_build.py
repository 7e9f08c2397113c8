"""The editor's built files are committed: they are what the sources give, each named after its content."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "lib" / "ui" / "rich_text" / "frontend"


def test_each_built_file_is_named_after_its_content():
    built = [path for path in (FRONTEND / "dist").iterdir() if path.suffix in {".js", ".css"}]
    assert len(built) == 4
    for path in built:
        assert path.stem.rpartition("-")[2] == hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def test_the_built_files_are_what_the_sources_give():
    if not shutil.which("node") or not (FRONTEND / "node_modules").is_dir():
        pytest.skip("needs node and `npm ci` in lib/ui/rich_text/frontend")
    check = subprocess.run([FRONTEND / "check_build.sh"], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
