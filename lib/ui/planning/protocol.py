"""Each gesture is answered exactly once, however often the browser sends it and the script reruns.

The browser numbers its gestures and sends those without an answer as state: two triggers of one tick would overwrite
each other. They are handled in the component's callback, before the script's body; the numbers answered go back with
the data, and the browser forgets those gestures and shows the server's items again.

A newer rerun aborts a callback at any `st.*` or access to `st.session_state`, and meanwhile runs the same callback in
a second thread. So between a change and its answer nothing of Streamlit is called: the answer is written into a plain
object fetched beforehand, and a lock makes the second thread wait until it can see that all is answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.ui.incidents import logged
from lib.ui.planning.gestures import gesture_of, move_of, number, visible_of
from lib.ui.planning.values import Answer, Asked, Done, Gesture, Move, Refused, Visible

OnMove = Callable[[Move], Answer]

MOVES = frozenset({"move", "resize", "plan", "unplan"})
_MOST_AT_ONCE = 200  # gestures in one message; a person leaves a few unanswered at most
_KEPT = 20  # clients and sentences


@dataclass
class Box:
    """What one planning of one session remembers between two runs."""

    client: str = ""
    seqs: dict[str, int] = field(default_factory=dict)  # the last number answered, by client
    told: list[dict[str, Any]] = field(default_factory=list)  # sentences for the client
    gestures: list[Gesture] = field(default_factory=list)  # for the next drawing to return
    visible: Visible | None = None
    rev: object = 0  # under which `visible` was told
    asked: object = None
    views: Sequence[str] = ()
    words: Mapping[str, str] = field(default_factory=dict)  # translated when drawn, see above
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ack(self) -> dict[str, Any]:
        """What the browser must know of its gestures."""
        return {"client": self.client, "seq": self.seqs.get(self.client, 0), "told": self.told}

    def take_gestures(self) -> list[Gesture]:
        """Those that the page hasn't got yet."""
        taken, self.gestures = self.gestures, []
        return taken


def receive(box: Box, sent: object, on_move: OnMove, *, only_known_client: bool = False) -> int:
    """Handle what wasn't yet, and say how many that was.

    With `only_known_client`, nothing of another client than the last one: after a server's restart the state that the
    page sends anew is old, and its gestures may have been made by the server before.
    """
    match sent:
        case {"client": str(client), "ops": [*ops]} if 0 < len(client) <= 64:
            with box.lock:
                if client != box.client:
                    if only_known_client:
                        return 0
                    _welcome(box, client)
                return sum(_handle(box, seq, op, on_move) for seq, op in _numbered(ops))
    return 0


def _welcome(box: Box, client: str) -> None:
    box.client, box.told = client, []
    box.seqs.setdefault(client, 0)
    for oldest in list(box.seqs)[:-_KEPT]:
        del box.seqs[oldest]


def _numbered(ops: list[object]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    numbered = []
    for op in ops[:_MOST_AT_ONCE]:
        try:
            numbered.append((number(op.get("seq"), least=1), op) if isinstance(op, dict) else None)
        except ValueError:
            continue  # without a number it can't even be answered
    yield from sorted((pair for pair in numbered if pair), key=lambda pair: pair[0])


def _handle(box: Box, seq: int, op: Mapping[str, Any], on_move: OnMove) -> bool:
    if seq <= box.seqs[box.client]:
        return False
    try:
        answer = _answer(box, seq, op, on_move)
    except Exception as error:  # noqa: BLE001 - whatever it is, this gesture must not come back for ever
        answer = Refused(box.words.get("failed", "").format(incident=logged(error)))
    box.seqs[box.client] = seq
    match answer:
        case Refused(text):
            _tell(box, seq, op, text, is_bad=True)
        case Asked(payload) if box.asked is None:
            box.asked = payload
        case Asked():  # one question at a time: the second would take the place of the first, which nobody answered
            _tell(box, seq, op, box.words.get("asking", ""), is_bad=True)
        case Done(note) if note:
            _tell(box, seq, op, note, is_bad=False)
    return True


def _answer(box: Box, seq: int, op: Mapping[str, Any], on_move: OnMove) -> Answer:
    kind = op.get("kind")
    try:
        if isinstance(kind, str) and kind in MOVES:
            move = move_of(op, uid=f"{box.client}:{seq}")
        elif kind == "look":
            box.visible, box.rev = visible_of(op, box.views), op.get("rev")
            return Done()
        else:
            box.gestures.append(gesture_of(op))
            return Done()
    except ValueError:
        return Refused(box.words.get("unreadable", ""))
    return on_move(move)


def _tell(box: Box, seq: int, op: Mapping[str, Any], text: str, *, is_bad: bool) -> None:
    item = op.get("id") if isinstance(op.get("id"), str) else ""
    box.told = [*box.told[1 - _KEPT :], {"seq": seq, "id": item, "text": text, "bad": is_bad}]
