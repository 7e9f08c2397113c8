"""The editor alone: / on a page, /dialog in a dialog, /form in a form; ?text=n begins with another text.

Served by rich_text_server.py. The lines TYPED=… and SAVED=… say what Python has received.
"""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[3]))

from lib.ui.rich_text import f2_saves, rich_text, show_rich_text, text_now

TEXTS = {
    0: "<p>Premier texte</p>",
    1: "<h2>Visite du 24/11</h2><p>Le client <strong>accepte</strong> l’offre :</p>"
    "<table><tbody><tr><th><p>Lot</p></th><th><p>Prix</p></th></tr>"
    "<tr><td><p>Copieurs</p></td><td><p>1 200 €</p></td></tr>"
    "</tbody></table><ul><li><p>rappeler la <a href='https://exemple.fr'>direction</a></p></li><li><p>devis</p></li></ul>"
    "<blockquote><p>« avant la fin du mois »</p></blockquote>",
    2: "",
    3: '<p>Plan du site :</p><img src="attachment:12" alt="plan" width="80"><p>Fin</p>',
}
memory = st.session_state


def save(html: str) -> None:
    memory.saved = html


def typed_text() -> str:
    rev = memory.get("rev", 0)
    return text_now(TEXTS[rev], key="text", rev=rev)


def save_what_is_typed() -> None:
    save(typed_text())


def edited(height: int = 240) -> str:
    rev = memory.get("rev", 0)
    html = rich_text(
        TEXTS[rev],
        key="text",
        rev=rev,
        label="Compte rendu",
        height=height,
        read_only=memory.get("read_only", False),
        autofocus=memory.get("autofocus", False),
        placeholder="Ce qui s’est dit, ce qui est décidé…",
    )
    st.text(f"TYPED={html}")
    return html


@st.fragment
def fragment() -> None:
    if "avertis" in typed_text():
        st.warning("Message pendant la frappe")
    with st.container():
        edited()
    st.button("Enregistrer", key="save_text", type="primary", on_click=save_what_is_typed)
    st.text(f"SAVED={memory.get('saved', '')}")
    show_rich_text(memory.get("saved", ""), key="saved")


def on_a_page() -> None:
    st.text_input("Objet", key="subject")
    with st.container(horizontal=True):
        warns = st.toggle("Avertir")
        st.toggle("Lecture seule", key="read_only")
        st.button("Texte suivant", on_click=lambda: memory.update(rev=(memory.get("rev", 0) + 1) % len(TEXTS)))
    if warns:  # moves what follows: Streamlit mounts the editor again
        st.warning("Un message au-dessus de l’éditeur")
    with st.container():
        fragment()


@st.dialog("Compte rendu", width="large", dismissible=False)
def dialog() -> None:
    html = edited()
    if st.button("Enregistrer", key="save_in_dialog", type="primary"):
        save(html)
        st.rerun()


def in_a_dialog() -> None:
    memory.autofocus = True
    st.button("Enregistrer la page", key="save_page", on_click=save, args=("the page behind",))
    if st.button("Ouvrir le dialogue"):
        dialog()
    st.text(f"SAVED={memory.get('saved', '')}")


def in_a_form() -> None:
    with st.form("form"):
        st.text_input("Objet", key="subject")
        html = edited()
        if st.form_submit_button("Enregistrer", key="save_form"):
            save(f"{memory.subject}: {html}")
    st.button("Autre", key="saved_searches", on_click=save, args=("another button",))
    st.text(f"SAVED={memory.get('saved', '')}")


if __name__ == "__main__":
    st.set_page_config("Éditeur", layout="wide")
    pages = [
        st.Page(on_a_page, title="Page", url_path="page", default=True),
        st.Page(in_a_dialog, title="Dialogue", url_path="dialog"),
        st.Page(in_a_form, title="Formulaire", url_path="form"),
    ]
    memory.setdefault("rev", int(st.query_params.get("text", 0)))
    f2_saves()
    st.navigation(pages).run()
