"""Charts as pictures, drawn on the server by the same words as on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
import vl_convert

PNG, SVG = "image/png", "image/svg+xml"
_VEGA_LITE = "6.4"
_SCALE = 2  # a picture that is printed, or shown on a fine screen
_FONT = "Liberation Sans, Arial, Helvetica, DejaVu Sans, sans-serif"


def palette(*, is_dark: bool = False) -> list[str]:
    """The theme's colours of a chart's categories."""
    return list(st.get_option(f"theme.{'dark' if is_dark else 'light'}.chartCategoricalColors") or ())


def on_paper(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A chart of the screen, light and with its own fonts: what `to_png` and `to_svg` draw; nothing is drawn yet."""
    config = {"font": _FONT, "background": "white", "view": {"stroke": None}}
    if colours := palette():
        config["range"] = {"category": colours}
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "padding": 16, **spec, "config": config}


def to_png(spec: Mapping[str, Any]) -> bytes:
    """A picture of points."""
    return bytes(vl_convert.vegalite_to_png(dict(spec), vl_version=_VEGA_LITE, scale=_SCALE, allowed_base_urls=[]))


def to_svg(spec: Mapping[str, Any]) -> bytes:
    """A picture of lines and letters."""
    return vl_convert.vegalite_to_svg(dict(spec), vl_version=_VEGA_LITE, allowed_base_urls=[]).encode()
