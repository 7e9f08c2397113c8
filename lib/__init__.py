"""Relais' library: the domain, its storage, the outside world, what pages share. `lib.domain` knows only itself."""
