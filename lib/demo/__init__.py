"""Demo data: a company, its clients and 14 months of their actions, dated relative to a day.

May import lib.db and lib.domain, never the other way round; nothing of the outside, no screen.
"""

from lib.demo.seeding import Account, is_empty, seed, untouched_accounts

__all__ = ["Account", "is_empty", "seed", "untouched_accounts"]
