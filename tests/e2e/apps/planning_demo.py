"""Both plannings over invented actions, one store a session: streamlit run tests/e2e/apps/planning_demo.py

Addresses: / is one person's (?slow=0), /lanes the one by people (?people=8&items=0 adds items). The last line of each
page says what Python saw: RUNS, VISIBLE and LOG; the one before it the item that the tests move.
"""

import random
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[3]))

from lib.ui import planning as ui
from lib.ui.planning import Asked, Band, Chosen, Done, Gesture, Item, Lane, Move, Opened, Refused, Slot

MONDAY, TODAY = date(2026, 11, 23), date(2026, 11, 24)
WEEK = [MONDAY + timedelta(days) for days in range(5)]
LEAVE = date(2026, 11, 26)  # of p1
HOLIDAY = date(2026, 11, 25)  # only where people are lanes
FULL = datetime(2026, 11, 27, 17)  # from then on the day is full: a question is asked
MENU = {
    "report": ("Saisir le compte rendu", ":material/edit_note:"),
    "cancel": ("Annuler l’action", ":material/cancel:"),
    "call": ("Appeler", ""),
}
CARD = (("Client", "DUPONT SA"), ("Nature", "Rendez-vous physique"), ("Responsable", "Aïcha Benali"))
CALL, MEETING = ":material/call:", ":material/event:"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute)


ITEMS = [
    Item("m", "Mobile", at(24, 9), 60, lane="p0", icon=MEETING, card=CARD, menu=("report", "cancel")),
    Item("n", "Voisine", at(24, 14), 90, lane="p0", tone="green", icon=CALL, menu=("call",)),
    Item("late", "En retard – Société Générale d’Électricité et de Travaux Publics du Val-de-Marne", at(23, 9, 30), 45,
         lane="p0", tone="violet", icon=CALL, looks=("late",), menu=("report",)),
    Item("done", "Faite", at(23, 14), 60, lane="p0", looks=("done",), is_movable=False),
    Item("cancelled", "Annulée", at(23, 16), 60, lane="p0", looks=("cancelled",), is_movable=False, counts=False),
    Item("deal", "Devis à signer", at(25, 11), 60, lane="p0", tone="orange", looks=("deal",)),
    Item("b", "<b>Œuvre & Fils</b>", at(26, 15), 30, lane="p0", tone="red", card=(("Note", "<i>rien</i>"),)),
    Item("whole", "Toute la journée", at(25, 0), 240, is_all_day=True, lane="p0", tone="yellow"),
    Item("other", "Chez une autre", at(24, 10), 120, lane="p3", tone="violet", icon=MEETING),
    Item("heavy", "Longue visite", at(25, 8), 540, lane="p4", tone="green"),
]  # fmt: skip
TRAY = [
    Item("t0", "À caler – Dupont", minutes=45, lane="p0", tone="violet", icon=CALL, menu=("cancel",)),
    Item("t1", "À caler – Lefèvre", minutes=30, lane="p0", tone="blue", card=(("Ville", "Orléans"),)),
    Item("t2", "À caler – Œuvre", minutes=60, lane="p0", tone="green", wished=date(2026, 11, 26)),
    *(Item(f"t{n}", f"À caler {n}", minutes=30, lane="p0", tone="gray") for n in range(3, 9)),
]


class Store:
    """The "database" of one session."""

    def __init__(self, extra: int, people: int) -> None:
        chosen = random.Random(4)
        more = [
            Item(f"a{n}", f"A{n:06d} Société {n}", datetime.combine(chosen.choice(WEEK), datetime.min.time())
                 + timedelta(minutes=480 + 15 * chosen.randrange(36)), chosen.choice([30, 45, 60, 90]),
                 lane=f"p{chosen.randrange(people)}", tone=chosen.choice(["blue", "green", "violet", "orange"]))
            for n in range(extra)
        ]  # fmt: skip
        self.items = {item.id: item for item in [*ITEMS, *TRAY, *more]}
        self.log: list[str] = []
        self.runs = 0
        self.slow_s = 0.0
        self.is_broken = False

    def move(self, move: Move) -> ui.Answer:
        self.log.append(f"{move.kind} {move.id} {move.start} {move.minutes} {move.lane}")
        time.sleep(self.slow_s)
        if self.is_broken:
            raise RuntimeError("The demo was asked to fail.")
        item = self.items.get(move.id)
        if item is None:
            return Refused("Cette action n’existe plus.")
        if move.version != item.version:
            return Refused(f"« {item.title} » a été modifiée entre-temps par une autre personne.")
        if move.lane == "p1" and move.start and move.start.date() == LEAVE:
            return Refused("Refusé : Personne 1 est en congé le 26/11.")
        if move.minutes > 720:
            return Refused("Refusé : une action dure au plus 12 h.")
        if move.start and move.start >= FULL and not move.is_all_day:
            return Asked(move)
        self.apply(move)
        return Done("Placée dans le passé." if move.start and move.start.date() < TODAY else "")

    def apply(self, move: Move) -> None:
        item = self.items[move.id]
        moved = {"start": move.start, "minutes": move.minutes, "is_all_day": move.is_all_day, "lane": move.lane}
        self.items[move.id] = replace(item, **moved, version=item.version + 1)

    def shown(self, asked: Move | None) -> list[Item]:
        """With a pending move's item where it was dropped."""
        if asked is None:
            return list(self.items.values())
        moved = replace(
            self.items[asked.id], start=asked.start, minutes=asked.minutes, lane=asked.lane, looks=("wait",)
        )
        return [moved if item.id == asked.id else item for item in self.items.values()]


def store() -> Store:
    if "store" not in st.session_state:
        query = st.query_params
        st.session_state.store = Store(int(query.get("items", 0)), int(query.get("people", 8)))
    return st.session_state.store


@st.dialog("Action")
def opened(gesture: Gesture) -> None:
    st.text(f"Ouvert {gesture.id}")


@st.dialog("Journée pleine", on_dismiss="ignore")
def question(key: str) -> None:
    move = ui.asked(key)
    if move is None:
        st.rerun()
    st.text("La journée est pleine.")
    if st.button("Garder quand même"):
        store().apply(move)
        ui.forget_asked(key)
        st.rerun()
    if st.button("Renoncer"):
        ui.forget_asked(key)
        st.rerun()


def switches() -> Store:
    kept = store()
    with st.container(horizontal=True):
        kept.slow_s = st.number_input("Lenteur (s)", 0.0, 10.0, float(st.query_params.get("slow", 0)))
        kept.is_broken = st.toggle("Panne")
        st.toggle("Lecture seule", key="read_only")
        st.toggle("Sans bac", key="no_tray")
        st.button("Rafraîchir")
        if st.button("Modifier ailleurs"):
            kept.items["m"] = replace(kept.items["m"], title="Mobile bis", version=kept.items["m"].version + 1)
        st.button("Semaine suivante", on_click=lambda: st.session_state.update(rev=st.session_state.get("rev", 0) + 1))
        is_above = st.toggle("Bandeau")
    if is_above:
        st.warning("Un bandeau au-dessus du planning")
    return kept


def capacity(off: list[date]) -> dict[date, int]:
    return {day: 420 for day in WEEK if day not in off}


def off_hours() -> list[Band]:
    bounds = [((7, 0), (8, 30)), ((12, 0), (13, 30)), ((18, 0), (20, 0))]
    return [
        Band(datetime(day.year, day.month, day.day, *start), datetime(day.year, day.month, day.day, *end), "off")
        for day in WEEK
        for start, end in bounds
    ]


@st.fragment
def board(key: str, mode: ui.Mode, lanes: list[Lane], bands: list[Band]) -> None:
    kept = store()
    kept.runs += 1
    rev = st.session_state.get("rev", 0)
    shown = kept.shown(ui.asked(key))
    gestures = ui.planning(
        key=key,
        mode=mode,
        lanes=lanes,
        items=[item for item in shown if item.start and (mode == "lanes" or item.lane == "p0")],
        tray=None if st.session_state.get("no_tray") else [item for item in shown if not item.start],
        bands=bands,
        menu=MENU,
        view="week",
        day=TODAY + timedelta(weeks=rev),
        window=(MONDAY, MONDAY + timedelta(weeks=2)),
        rev=rev,
        on_move=kept.move,
        read_only=st.session_state.get("read_only", False),
    )
    for gesture in gestures:
        match gesture:
            case Opened(item):
                kept.log.append(f"open {item}")
                opened(gesture)
            case Chosen(item, choice):
                kept.log.append(f"menu {item} {choice}")
            case Slot(start, minutes, is_all_day, lane):
                kept.log.append(f"create {start} {minutes} {is_all_day} {lane}")
    if ui.asked(key) is not None and not any(isinstance(gesture, Opened) for gesture in gestures):
        question(key)
    seen = ui.visible(key, rev)
    place = f"{seen.view} {seen.first} {seen.after} {seen.day}" if seen else ""
    moved = kept.items["m"]
    st.text(f"MOBILE={moved.start} {moved.minutes} {moved.lane}")
    st.text(f"RUNS={kept.runs} VISIBLE={place} LOG={' | '.join(kept.log)}")


def person_page() -> None:
    switches()
    board("person", "person", [Lane("p0", "Aïcha Benali", capacity_min=capacity([]))], off_hours())


def lanes_page() -> None:
    switches()
    people = int(st.query_params.get("people", 8))
    lanes = [
        Lane(f"p{n}", f"Personne {n}" if n else "Aïcha Benali-Lamartinière-Dupré", "Agence de Lyon" if n == 1 else "",
             capacity([HOLIDAY, *([LEAVE] if n == 1 else [])]))
        for n in range(people)
    ]  # fmt: skip
    leave = Band(at(26, 0), at(27, 0), "leave", "Congé", ["p1"], is_all_day=True)
    holiday = Band(at(25, 0), at(26, 0), "holiday", "Férié", is_all_day=True)
    board("lanes", "lanes", lanes, [*off_hours(), leave, holiday])


if __name__ == "__main__":
    st.set_page_config("Planning", layout="wide")
    pages = [
        st.Page(person_page, title="Détaillé", url_path="person", default=True),
        st.Page(lanes_page, title="Multi-critères", url_path="lanes"),
        st.Page(lambda: st.write("Autre page"), title="Autre", url_path="other"),
    ]
    st.navigation(pages, position="top").run()
