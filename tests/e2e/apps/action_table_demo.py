"""The action table as the pages use it, with invented actions: streamlit run tests/e2e/apps/action_table_demo.py

Addresses: / is the list (?rows=50&slow=0), /history the chain of one action, /dialog the list in a dialog.
The last line of each page says what Python saw: RUNS, SELECTED and LOG.
"""

import sys
import time
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[3]))

from lib.ui.action_table import Cell, Column, Row, SafeHtml, action_table, select, selected_ids

COLUMNS = [
    Column("number", "N°", width="6.1rem", sortable=True, opens=True),
    Column("date", "Date", width="8.9rem", sortable=True, marks=["late"]),
    Column("client", "Client / Site", width="3fr", sortable=True, marks=["deal"]),
    Column("contact", "Contact", width="1.7fr"),
    Column("nature", "Action / Motif", width="2.2fr", sortable=True),
    Column("activity", "Activité", width="1.6fr"),
    Column("person", "Commercial", width="2fr", sortable=True),
    Column("duration", "Durée", width="3.4rem", align="end"),
    Column("status", "Statut", width="7.6rem", sortable=True),
    Column("detail", "Détail", width="2rem", icon=":material/info:", align="center"),
    Column("report", "Compte rendu", width="2rem", icon=":material/description:", align="center"),
]
HISTORY = [
    column for column in COLUMNS if column.id in ("number", "nature", "person", "date", "status", "detail", "report")
]
HISTORY = [Column(c.id, c.label, c.width, opens=c.opens, icon=c.icon, align=c.align) for c in HISTORY]
MENU = {
    "report": ("Saisir le compte rendu", ":material/edit_note:"),
    "plan": ("Planifier", ":material/event:"),
    "cancel": ("Annuler l’action", ":material/cancel:"),
    "open": ("Ouvrir", ":material/open_in_new:"),
}
STATUS = {
    "to_plan": Cell("À planifier", icon=":material/inbox:", tone="orange"),
    "planned": Cell("Planifiée", icon=":material/event:", tone="blue"),
    "done": Cell("Terminée", icon=":material/check_circle:", tone="green"),
    "cancelled": Cell("Annulée", icon=":material/cancel:", tone="gray"),
}
CLIENTS = [
    ("DUPONT SA", "Lyon"),
    (
        "Société Générale d’Électricité et de Travaux Publics du Val-de-Marne",
        "Établissement de Châteauneuf-sur-Loire – entrepôt nord",
    ),
    ("Boulangerie Ménard & Fils", "Saint-Étienne"),
    ("Communauté d’agglomération du Pays de Saint-Malo", "Direction des systèmes d’information"),
]
PEOPLE = ["Aïcha Benali", "Jean-Noël Hervé-Lamartinière", "Éric Dupré", "Zoé Lefèvre"]
NATURES = [
    ("Appel", ""),
    ("Envoi de document", "Plaquette"),
    ("Rendez-vous physique", "Renégociation de contrat"),
    ("Courriel", ""),
]
ACTIVITIES = ["Téléphonie", "Maintenance des équipements de bureau", "Réseau"]
DATES = ["mar. 24/11 14:30", "hier", "dans 2 j", "lun. 2/11", "auj. 9:00"]
DETAIL = SafeHtml(
    "<p>Rappeler <b>le service achats</b> au sujet du devis.</p><ul><li>remise de 4 %</li><li>délai</li></ul>"
    "<table><tr><th>Lot</th><th>Prix</th></tr><tr><td>Copieurs</td><td>1 200 €</td></tr></table>"
)
REPORT = "Le client accepte l’offre, sous réserve de l’accord de sa direction.\nÀ rappeler avant la fin du mois."


def an_action(n: int) -> Row:
    status = ["planned", "to_plan", "planned", "done", "cancelled", "planned", "done"][n % 7]
    is_late, is_open = status == "planned" and n % 4 == 1, status in ("planned", "to_plan")
    looks = [*(["late"] if is_late else []), *(["deal"] if n % 5 == 0 else [])]
    looks += [status] if status in ("done", "cancelled") else []
    client, site = CLIENTS[n % 4]
    nature, reason = NATURES[n % 4]
    writer = PEOPLE[(n + 1) % 4] if status == "done" and n % 2 else ""
    cells = {
        "number": f"A{123 + n:06d}/01",
        "date": Cell(DATES[n % 5], hint="mardi 24 novembre 2026 à 14:30") if status != "to_plan" else "",
        "client": Cell(client, note=site),
        "contact": PEOPLE[(n + 2) % 4],
        "nature": Cell(nature, note=reason),
        "activity": ACTIVITIES[n % 3],
        "person": Cell(PEOPLE[n % 4], note=writer and f"← {writer}", icon=writer and ":material/record_voice_over:"),
        "duration": f"{n % 3}:{n % 4 * 15:02d}",
        "status": STATUS[status],
        "detail": Cell(icon=":material/info:", label="Détail", card=DETAIL),
        "report": Cell(icon=":material/description:", label="Compte rendu", card=REPORT) if status == "done" else "",
    }
    return Row(str(n), cells, looks, ["report", "plan", "cancel", "open"] if is_open else ["open"])


def a_hostile_action(n: int) -> Row:
    trap = "<img src=x onerror=\"window.pwned='{}'\"></td><script>window.pwned='{}'</script> {{{{7*7}}}}"
    cells = {column.id: trap.format(column.id, column.id) for column in COLUMNS}
    cells |= {"client": Cell(cells["client"], note=cells["client"], hint=cells["client"], icon=cells["client"])}
    cells |= {"contact": Cell("carte", card=cells["contact"])}
    return Row(str(n), cells)


ACTIONS = [a_hostile_action(n) if n == 101 else an_action(n) for n in range(123)]


def log(what: str) -> None:
    st.session_state.setdefault("log", []).append(what)


def seen(selected: list[str]) -> None:
    memory = st.session_state
    st.text(f"RUNS={memory.runs} SELECTED={','.join(selected)} LOG={' | '.join(memory.get('log', []))}")


@st.dialog("Action")
def opened_action(row: str) -> None:
    st.text(f"Fiche {row}")


def sort_key(row: Row, column: str) -> str:
    cell = row.cells[column]
    return cell.text if isinstance(cell, Cell) else cell


def draw_list(key: str, *, in_dialog: bool = False) -> None:
    memory, page_size = st.session_state, int(st.query_params.get("rows", 50))
    memory.runs = memory.get("runs", 0) + 1
    time.sleep(float(st.query_params.get("slow", 0)))
    chosen = selected_ids(key)
    with st.container(horizontal=True):
        st.button(
            f"Réaffecter ({len(chosen)})",
            disabled=not chosen,
            on_click=lambda: (log(f"assign {len(chosen)}"), select(key, [])),
        )
        st.button("Cocher 3 et 4", on_click=select, args=(key, ["3", "4"]))
        st.button("Rafraîchir", on_click=log, args=("refresh",))
        warns = st.toggle("Avertir")
    if warns:  # moves what follows: Streamlit mounts the table again
        st.warning("Un message au-dessus du tableau")
    page = st.pagination(max(1, -(-len(ACTIONS) // max(page_size, 1))), key=f"{key}.page")
    column, descending = memory.get("sort", ("", False))
    actions = sorted(ACTIONS, key=lambda row: sort_key(row, column), reverse=descending) if column else ACTIONS

    def sort_by(column: str, descending: bool) -> None:
        memory.sort = (column, descending)
        log(f"sort {column} {descending}")

    did = action_table(
        COLUMNS,
        actions[(page - 1) * page_size : page * page_size],
        key=key,
        menu=MENU,
        sort=(column, descending),
        current=st.query_params.get("current", ""),
        on_open=lambda row: log(f"open {row}"),
        on_sort=sort_by,
        on_menu=lambda row, choice: log(f"callback {choice} {row}"),
    )
    if did["open"] and not in_dialog:
        opened_action(did["open"]["row"])
    if did["menu"]:
        log(f"body {did['menu']['choice']} {did['menu']['row']}")
    seen(did["selected"])


def list_page() -> None:
    st.subheader("Actions")
    with st.container():
        draw_list("list")


def dialog_page() -> None:
    if st.button("Ouvrir le dialogue"):
        st.dialog("Réaffectation en masse", width="large")(draw_list)("list", in_dialog=True)


def history_page() -> None:
    st.session_state.runs = st.session_state.get("runs", 0) + 1
    chain = [3, 4, 10, 5, 8]
    rows = [
        Row(str(n), {**ACTIONS[at].cells, "number": f"{n:02d}"}, ACTIONS[at].looks, ACTIONS[at].menu)
        for n, at in enumerate(chain, 1)
    ]
    current = st.session_state.setdefault("current", "4")
    did = action_table(HISTORY, rows, key="history", menu=MENU, selection="none", current=current,
                       on_open=lambda row: st.session_state.update(current=row))  # fmt: skip
    seen(did["selected"])


if __name__ == "__main__":
    st.set_page_config("Actions", layout="wide")
    pages = [
        st.Page(list_page, title="Liste", url_path="list", default=True),
        st.Page(history_page, title="Historique", url_path="history"),
        st.Page(dialog_page, title="Dialogue", url_path="dialog"),
        st.Page(lambda: st.write("Autre page"), title="Autre", url_path="other"),
    ]
    st.navigation(pages).run()
