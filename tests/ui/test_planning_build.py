"""The planning's built file is committed: it is what the sources give, named after its content."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "lib" / "ui" / "planning" / "frontend"


def test_the_built_file_is_named_after_its_content():
    (built,) = (FRONTEND / "dist").glob("*.js")
    assert built.stem == f"planning-{hashlib.sha256(built.read_bytes()).hexdigest()[:8]}"


def test_the_licences_of_what_is_bundled_stand_beside_it():
    notices = (FRONTEND / "dist" / "THIRD-PARTY.txt").read_text("utf-8")
    assert "@event-calendar/core 5.15.0 (MIT)\n\nMIT License" in notices


def test_the_built_file_is_what_the_sources_give():
    if not shutil.which("node") or not (FRONTEND / "node_modules").is_dir():
        pytest.skip("needs node and `npm ci` in lib/ui/planning/frontend")
    check = subprocess.run([FRONTEND / "check_build.sh"], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
