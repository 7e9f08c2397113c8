"""The theme's colours can be read: WCAG 2.2, 1.4.3 (text 4.5:1) and 1.4.11 (controls 3:1)."""

import tomllib
from pathlib import Path

import pytest

CONFIG = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text("utf-8"))
MEANINGS = ("orange", "blue", "green", "gray", "red", "yellow", "violet")


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2's definition)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=["light", "dark"])
def theme(request):
    return CONFIG["theme"][request.param]


def test_text_and_links_can_be_read_on_both_surfaces(theme):
    for text in ("textColor", "linkColor"):
        for surface in ("backgroundColor", "secondaryBackgroundColor"):
            assert contrast(theme[text], theme[surface]) >= 4.5, (text, surface)


def test_a_primary_button_can_be_read_and_seen(theme):
    assert contrast("#ffffff", theme["primaryColor"]) >= 4.5
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 3


@pytest.mark.parametrize("meaning", MEANINGS)
def test_the_words_of_a_status_can_be_read_on_the_page_on_a_panel_and_on_their_badge(theme, meaning):
    for surface in ("backgroundColor", "secondaryBackgroundColor", f"{meaning}BackgroundColor"):
        assert contrast(theme[f"{meaning}TextColor"], theme[surface]) >= 4.5, surface


@pytest.mark.parametrize("meaning", MEANINGS)
def test_the_icon_of_a_status_can_be_seen(theme, meaning):
    assert contrast(theme[f"{meaning}Color"], theme["backgroundColor"]) >= 3


def test_both_looks_give_the_same_colours():
    assert CONFIG["theme"]["light"].keys() == CONFIG["theme"]["dark"].keys()
