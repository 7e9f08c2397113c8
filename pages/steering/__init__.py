"""Steering: who has too much, what nobody takes care of, and moving work between people."""
