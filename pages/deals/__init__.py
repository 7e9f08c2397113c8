"""Deals, as far as a report opens one."""
