"""The small organisation that most tests of the domain live in."""

from __future__ import annotations

import pytest

from lib.db.engine import Database
from tests.builders import World, a_world


@pytest.fixture
def world(db: Database) -> World:
    """`a_world` in an empty database of each engine."""
    return a_world(db)
