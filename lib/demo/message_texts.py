"""What the demo's messages say, and its templates; braces of the first are filled here, of the templates by the app."""

from __future__ import annotations

from typing import NamedTuple

MESSAGE, REMINDER, FIRST_CONTACT, APPOINTMENT, MORE = (
    "Message", "Relance", "Prise de contact", "Prise de rendez-vous", "Complément d’information"
)  # fmt: skip
"""The labels of the kinds that a new database holds."""


class Said(NamedTuple):
    """A message: its kind, its subject, its text."""

    kind: str
    subject: str
    body: str


BROCHURE = Said(
    MESSAGE,
    "Notre présentation pour {client}",
    "<p>Bonjour {contact},</p><p>Comme convenu au téléphone, vous trouverez ci-joint la présentation de notre société "
    "et de l'offre « {domain} ».</p><p>Je reste à votre disposition pour une visite de {site}.</p><p>Cordialement,<br>"
    "{person}</p>",
)
ANSWERS = (
    Said(MORE, "Re: Notre présentation pour {client}",
         "<p>Bonjour,</p><p>Bien reçu, merci. Pouvez-vous préciser vos horaires de passage et si l'astreinte du "
         "week-end est comprise ?</p><p>{contact}</p>"),
    Said(MESSAGE, "Re: Notre présentation pour {client}",
         "<p>Merci pour votre envoi, je le transmets à notre direction.</p><p>Bien à vous,<br>{contact}</p>"),
    Said(APPOINTMENT, "Re: Notre présentation pour {client}",
         "<p>Bonjour,</p><p>Votre offre nous intéresse. Je suis disponible mardi ou jeudi matin pour vous recevoir à "
         "{site}.</p><p>{contact}</p>"),
)  # fmt: skip
REMINDERS = (
    Said(REMINDER, "Sans nouvelles de votre part", "<p>Toujours dans l'attente de votre devis, promis la semaine "
         "dernière. Merci de me dire où vous en êtes.</p><p>{contact}</p>"),
    Said(REMINDER, "Relance : date de passage", "<p>Deuxième message : quand votre technicien passe-t-il à {site} ?</p>"
         "<p>{contact}</p>"),
    Said(REMINDER, "Notre demande du mois dernier", "<p>Bonjour, nous n'avons pas reçu de réponse à notre demande. "
         "Sans retour d'ici vendredi, nous consulterons ailleurs.</p><p>{contact}</p>"),
)  # fmt: skip
BY_HAND = (  # direction, what it says
    ("sent", Said(FIRST_CONTACT, "Message laissé sur le répondeur",
                  "<p>Message laissé au {phone} : qui nous sommes, et que nous rappelons {day}.</p>")),
    ("received", Said(APPOINTMENT, "Rendez-vous confirmé par téléphone",
                      "<p>{contact} confirme le rendez-vous à {site}. Se présenter à l'accueil avec une pièce "
                      "d'identité.</p>")),
    ("received", Said(MORE, "Plan d'accès et horaires", "<p>Par téléphone : livraison par la cour, ouverte de 7 h à "
                      "11 h. Code du portail donné au technicien.</p>")),
    ("sent", Said(MORE, "Précisions sur le chiffrage", "<p>Expliqué à {contact} les deux options et le montant de "
                  "{amount}.</p>")),
)  # fmt: skip
WAITING = (  # to be attached: of a contact, then of somebody whom nobody knows
    Said(
        "",
        "Problème de chauffage au rez-de-chaussée",
        "<p>Bonjour,</p><p>Il fait 16 °C dans les bureaux du rez-de-chaussée depuis ce matin. Qui dois-je appeler "
        "?</p><p>{contact}<br>{client}</p>",
    ),
    Said(
        "",
        "Demande de devis nettoyage de vitres",
        "<p>Bonjour,</p><p>J'ai eu vos coordonnées par un confrère. Nous avons 40 m² de vitrines à Oullins, à "
        "nettoyer une fois par mois. Pouvez-vous me faire une offre ?</p><p>Solène Marty<br>Fleurs &amp; Saisons</p>",
    ),
)
STRANGER = ("Solène Marty", "contact@fleurs-et-saisons.example")

TEMPLATES = (
    Said(MESSAGE, "Présentation de notre société",
         "<p>Bonjour {contact},</p><p>Suite à notre échange, je vous adresse la présentation de notre société. Elle "
         "décrit ce que nous pouvons faire pour {client}.</p><p>Je me permettrai de vous rappeler le {date prévue}.</p>"
         "<p>Cordialement,<br>{commercial}</p>"),
    Said(APPOINTMENT, "Confirmation de notre rendez-vous du {date prévue}",
         "<p>Bonjour {contact},</p><p>Je vous confirme notre rendez-vous du {date prévue} à {heure}, à {site}.</p>"
         "<p>En cas d'empêchement, répondez simplement à ce message.</p><p>Cordialement,<br>{commercial}</p>"),
    Said(REMINDER, "Votre devis ({numéro})",
         "<p>Bonjour {contact},</p><p>Avez-vous pu prendre connaissance du devis que je vous ai remis ? Je reste à "
         "votre écoute pour l'ajuster.</p><p>Cordialement,<br>{commercial}</p>"),
)  # fmt: skip
TEMPLATE_LABELS = ("Envoi de la plaquette", "Confirmation de rendez-vous", "Relance de devis")
