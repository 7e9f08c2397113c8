"""Plannings, and what makes people not there."""
