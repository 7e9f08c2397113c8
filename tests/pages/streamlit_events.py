"""The one place that touches AppTest's private parts: gestures in our components, as the browser would send them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from streamlit.proto.Common_pb2 import StringTriggerValue
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.util import calc_hash

ROOT = Path(__file__).parents[2]


def component(at: AppTest, key: str) -> Any:
    """The component drawn under `key`; LookupError when there is none."""
    for element in at.get("bidi_component"):
        if element.key == key:
            return element
    raise LookupError(f"No component {key!r} on this page.")


def data_of(at: AppTest, key: str) -> Any:
    """The data that the component's JavaScript would receive."""
    return json.loads(component(at, key).proto.json)


def fire(at: AppTest, key: str, event: str, value: Any) -> AppTest:
    """One gesture (`setTriggerValue` in the browser): the callbacks run, the value lasts for one run."""
    trigger = WidgetState(
        id=f"$$STREAMLIT_INTERNAL_KEY_{component(at, key).proto.id}__events",
        json_trigger_value=json.dumps([{"event": event, "value": value}]),
    )
    return _run_with(at, trigger)


def send_state(at: AppTest, key: str, state: dict[str, Any]) -> AppTest:
    """A new state of the component (`setStateValue` in the browser): it stays until the next one."""
    return _run_with(at, WidgetState(id=component(at, key).proto.id, json_value=json.dumps(state)))


def drawn(at: AppTest, kind: str, key: str) -> Any:
    """The message of a native table (`dataframe`) or chart (`vega_lite_chart`); else LookupError."""
    for element in at.get(kind):
        if element.proto.id.endswith(f"-{key}"):
            return element.proto
    raise LookupError(f"No {kind} {key!r} on this page.")


def select(at: AppTest, kind: str, key: str, selection: Mapping[str, Any]) -> AppTest:
    """A click that selects in a native table or chart."""
    state = json.dumps({"selection": selection})
    return _run_with(at, WidgetState(id=drawn(at, kind, key).id, string_value=state))


def click_in_row(at: AppTest, key: str, row: int) -> AppTest:
    """A click on a button in a row of a native table: `key` is its column's, whose name ends it."""
    column = key.rpartition(".")[2]
    widgets = [each.proto.button_click_widgets.get(column, "") for each in at.get("dataframe")]
    (widget,) = (each for each in widgets if each.endswith(f"-{key}"))
    click = StringTriggerValue(data=json.dumps({"row": row, "label": ""}))
    return _run_with(at, WidgetState(id=widget, string_trigger_value=click))


def forge(at: AppTest, key: str, **state: Any) -> AppTest:
    """What no browser of ours sends: any field of a WidgetState, in place of what the widget under `key` holds."""
    (widget,) = (node for node in at._tree if getattr(node, "key", None) == key)
    states = at._tree.get_widget_states()
    kept = [each for each in states.widgets if each.id != widget.proto.id]
    del states.widgets[:]
    states.widgets.extend([*kept, WidgetState(id=widget.proto.id, **state)])
    return at._run(states)


def _run_with(at: AppTest, widget: WidgetState) -> AppTest:
    states = at._tree.get_widget_states()
    states.widgets.append(widget)
    return at._run(states)


def run_fragment(at: AppTest) -> AppTest:
    """A gesture inside the form, or in the dialog over it: only that runs, then the whole page when it asks for it."""
    *_others, last = at._fragment_storage._fragments
    of_the_fragment = partial(local_script_runner.RerunData, fragment_id=last)
    with patch.object(local_script_runner, "RerunData", of_the_fragment):
        return at.run()


def go_to_page(at: AppTest, url: str, query: Mapping[str, str]) -> AppTest:
    """Type a page's address: its url path and query; `AppTest.switch_page` needs a first run elsewhere."""
    at.query_params.clear()
    at.query_params.update(query)
    at._page_hash = calc_hash(url)
    at.run()
    at._page_hash = ""  # the next runs stay where the script led
    return at


def name_of_page(at: AppTest) -> str:
    """The url path of the page that is shown; empty for the first one."""
    return str(at._registered_pages[at._finished_page_script_hash].get("url_pathname", ""))


def is_listed(page: Any) -> bool:
    """Whether the navigation shows a `st.Page`."""
    return page._visibility == "visible"
