"""Clients: what arrives from them."""
