"""Relais' library: the domain, its storage, the outside world and what pages share. `lib.domain` knows none of the others."""
