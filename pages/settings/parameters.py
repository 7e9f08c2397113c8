"""Paramètres généraux: the switches that change the rules, for administrators."""

from lib.ui.frame import open_page
from lib.ui.parameter_rows import show_parameters

ctx = open_page("parameters")
show_parameters(ctx)
