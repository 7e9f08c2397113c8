"""The one place that touches AppTest's private parts: gestures in our components, as the browser would send them."""

from __future__ import annotations

import json
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest


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


def _run_with(at: AppTest, widget: WidgetState) -> AppTest:
    states = at._tree.get_widget_states()
    states.widgets.append(widget)
    return at._run(states)
