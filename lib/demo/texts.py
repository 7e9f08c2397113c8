"""What the demo's people wrote: details and reports by nature, with {names} and figures to fill in.

A report is chosen by the nature and its result, so that what is told agrees with what was decided.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from random import Random

from lib.demo.organisation import CALL, DOCUMENT, FAIR, FAX, MEETING, QUOTE, REVIEW, VISIT

DETAILS: Mapping[int, tuple[str, ...]] = {
    CALL: (
        "<p>Premier appel : se présenter, vérifier qui décide pour « {domain} » et proposer l'envoi de la "
        "plaquette.</p>",
        "<p>Rappeler {contact} au sujet de « {domain} ».</p><ul><li>prestataire actuel et échéance du contrat</li>"
        "<li>ce qui ne va pas aujourd'hui</li><li>budget : environ {amount} par an ?</li></ul>",
        "<p>{contact} demande un appel <strong>{day} vers {hour}</strong>, pas avant : réunion le matin.</p>",
        "<p>Le contrat en cours se termine en {month}. Savoir si une mise en concurrence est prévue et obtenir un "
        "rendez-vous sur place.</p>",
        "<p>Demande reçue par le site web : « Bonjour, nous cherchons un prestataire pour {surface} de "
        "locaux à {town}, "
        "pouvez-vous nous rappeler ? »</p><p>Qualifier avant de transmettre au commercial du secteur.</p>",
        "<p>Un voisin de zone, déjà client, nous recommande auprès de {contact}. Citer son nom dès le début de "
        "l'appel.</p>",
        "<p>Vérifier la satisfaction après les {units} premières interventions, et en profiter pour parler de "
        "« {domain} ».</p>",
    ),
    DOCUMENT: (
        "<p>Envoyer à {contact} :</p><ul><li>la plaquette de la société</li><li>la fiche « {domain} »</li>"
        "<li>deux références proches de {town}</li></ul>",
        "<p>Plaquette et conditions générales par courriel à {email}. Annoncer l'appel du commercial dans la "
        "semaine.</p>",
        "<p>Proposition chiffrée, comme convenu :</p><table><thead><tr><th>Poste</th><th>Quantité</th>"
        "<th>Prix annuel</th></tr></thead><tbody><tr><td>{domain}</td><td>{units} passages</td><td>{amount}</td></tr>"
        "<tr><td>Astreinte 7 j / 7</td><td>1</td><td>{amount2}</td></tr></tbody></table>"
        "<p>Validité : 2 mois.</p>",
        "<p>Attestations d'assurance et liste du personnel habilité, demandées par {contact} pour son dossier.</p>",
        "<p>Renvoyer la proposition sans l'option, et mettre le siège en copie. Montant attendu : {amount}.</p>",
    ),
    MEETING: (
        "<p>Rendez-vous avec {contact} ({site}, {town}).</p><ol><li>présenter l'équipe</li><li>faire le tour des "
        "{surface}</li><li>comprendre qui signe, et quand</li></ol>",
        "<p>Présenter l'offre « {domain} » en une heure. {contact} compare avec deux concurrents ; le prix "
        "n'est pas le "
        "premier critère, la réactivité si.</p>",
        "<p>Rendez-vous pris par la télévente. Sujet : « {domain} », {units} équipements, contrat à échéance en "
        "{month}. Se garer derrière le bâtiment, badge à l'accueil.</p>",
        "<p>Revoir la proposition de {amount} point par point. Marge de négociation : 4 %, pas davantage sans "
        "l'accord de la direction.</p>",
        "<p>Rencontre avec {contact} et son responsable financier. Apporter le comparatif sur trois ans et le planning "
        "des interventions.</p>",
    ),
    VISIT: (
        "<p>Visite technique avant devis : {surface}, {units} points à relever.</p><ul><li>photos de chaque local</li>"
        "<li>accès, hauteur, horaires possibles</li><li>état de l'existant</li></ul>",
        "<p>Faire le tour du site avec {contact} et un technicien. Chaussures de sécurité obligatoires, plan remis à "
        "l'accueil.</p>",
        "<p>Relevé complémentaire à {town} : il manque le sous-sol et la toiture pour chiffrer « {domain} ».</p>",
        "<p>Visite de {site} :</p><table><tbody><tr><th>Surface</th><td>{surface}</td></tr><tr><th>Équipements</th>"
        "<td>{units}</td></tr><tr><th>Interlocuteur</th><td>{contact}, {phone}</td></tr></tbody></table>",
    ),
    QUOTE: (
        "<p>Relancer {contact} sur le devis de <strong>{amount}</strong> envoyé pour « {domain} ».</p>",
        "<p>Le conseil se réunit {day} : appeler avant, pour répondre aux dernières questions et connaître le nom des "
        "concurrents.</p>",
        "<p>Troisième relance. Demander franchement si le projet est maintenu ; sinon, classer et reprendre en "
        "{month}.</p>",
        "<p>Devis à {amount} : la remise de 3 % tient jusqu'à la fin du mois, le rappeler.</p>",
    ),
    FAIR: (
        "<p>Salon des professionnels de l'immobilier, hall 4. Rencontrer {contact}, qui tient à voir une "
        "démonstration de « {domain} ».</p>",
        "<p>Forum des entreprises à {town}. Passer au stand de {client} en fin de matinée ; apporter cartes et "
        "plaquettes.</p>",
    ),
    REVIEW: (
        "<p>Point annuel du contrat « {domain} ».</p><ul><li>bilan : {units} interventions</li><li>réclamations et "
        "suites données</li><li>révision de prix, {amount} au total</li><li>besoins nouveaux</li></ul>",
        "<p>Faire le bilan de l'année avec {contact} avant la reconduction de {month}. Préparer le taux de respect des "
        "délais.</p>",
        "<p>Renouvellement à l'échéance de {month}. Le client a reçu une offre concurrente : écouter avant de parler "
        "de prix.</p>",
    ),
    FAX: ("<p>Envoyer les conditions par télécopie : l'accueil de {client} ne veut pas d'autre support.</p>",),
}

WHEN: Mapping[int, tuple[str, ...]] = {  # what each of the details above supposes; "" goes anywhere
    CALL: ("first", "", "again", "first", "web", "friend", "client"),
    DOCUMENT: ("light", "light", "priced", "", "priced"),
    MEETING: ("", "", "telesales", "priced", ""),
    VISIT: ("", "", "", ""),
    QUOTE: ("", "", "again", ""),
    FAIR: ("", ""),
    REVIEW: ("", "", ""),
    FAX: ("",),
}

REPORTS: Mapping[tuple[int, str], tuple[str, ...]] = {
    (CALL, "Joint"): (
        "<p>{contact} prend le temps de répondre. Prestataire en place depuis six ans, « correct mais long à venir ». "
        "Contrat à échéance en {month}.</p>",
        "<p>Échange court et cordial. Pas de projet cette année au-delà de l'existant ; à recontacter au "
        "printemps.</p>",
        "<p>{contact} se dit bien servi aujourd'hui : aucun besoin immédiat, mais un bon accueil.</p>",
    ),
    (CALL, "Intéressé"): (
        "<p>Très bon accueil : {units} équipements à {town}, budget de l'ordre de {amount}. {contact} veut de la "
        "documentation avant d'aller plus loin.</p>",
        "<p>Intérêt réel pour « {domain} ».</p><ul><li>décision : {contact}, avec la direction</li><li>délai : avant "
        "{month}</li><li>point sensible : les interventions hors des heures d'ouverture</li></ul>",
        "<p>Le prestataire actuel ne vient plus. {contact} demande à voir quelqu'un sur place assez vite.</p>",
    ),
    (CALL, "À rappeler"): (
        "<p>En réunion. L'accueil conseille {day} vers {hour}.</p>",
        "<p>{contact} est en déplacement jusqu'à la fin de la semaine, rappel convenu ensuite.</p>",
    ),
    (CALL, "Absent"): (
        "<p>Pas de réponse, message laissé sur le répondeur du {phone}.</p>",
        "<p>En congé. La personne qui remplace ne peut rien décider.</p>",
    ),
    (CALL, "Refus"): (
        "<p>Prestation reprise en interne depuis {month}. Demande à ne plus être sollicité avant deux ans.</p>",
        "<p>Engagement de trois ans signé le mois dernier avec un concurrent. {contact} garde nos coordonnées.</p>",
    ),
    (DOCUMENT, "Envoyé"): (
        "<p>Parti par courriel à {email}, plaquette et fiche « {domain} » jointes.</p>",
        "<p>Envoyé, avec un mot rappelant notre conversation et le nom du commercial du secteur.</p>",
        "<p>Envoyé à {email}, {contact} en fera la lecture {day}.</p>",
    ),
    (DOCUMENT, "Bien reçu"): (
        "<p>{contact} confirme la réception et trouve la référence de {town} parlante.</p>",
        "<p>Reçu et transmis à la direction. Une question sur les horaires de passage, réponse donnée par retour.</p>",
    ),
    (DOCUMENT, "Adresse erronée"): (
        "<p>Courriel refusé par le serveur du client. Bonne adresse obtenue auprès de l'accueil : {email}.</p>",
    ),
    (MEETING, "Intéressé"): (
        "<p>Une heure d'échange avec {contact}. L'offre plaît, surtout l'astreinte. Il faut maintenant voir les "
        "locaux.</p>",
        "<p>Bonne rencontre.</p><ul><li>{surface} sur deux niveaux</li><li>{units} équipements, la moitié a plus de "
        "dix ans</li><li>budget annoncé : {amount}</li></ul><p>La décision se prend en {month}.</p>",
    ),
    (MEETING, "Devis demandé"): (
        "<p>Demande ferme de devis pour « {domain} ». À chiffrer :</p><table><thead><tr><th>Lot</th><th>Volume</th>"
        "</tr></thead><tbody><tr><td>Base</td><td>{units} passages par an</td></tr><tr><td>Option</td><td>{surface} "
        "supplémentaires</td></tr></tbody></table>",
        "<p>{contact} attend un prix pour {day}. Viser {amount} ; le concurrent est un peu au-dessus.</p>",
    ),
    (MEETING, "À revoir"): (
        "<p>Rendez-vous écourté par une urgence sur leur site. On reprend où on en était, avec le plan des locaux.</p>",
        "<p>Il manquait la personne qui signe. Nouveau rendez-vous à prendre en sa présence.</p>",
    ),
    (MEETING, "Absent"): (
        "<p>Personne sur place : {contact} avait oublié et s'en excuse par téléphone. À replacer.</p>",
    ),
    (MEETING, "Refus"): (
        "<p>Le projet est abandonné : le siège gèle les dépenses jusqu'à {month}. Restons en bons termes.</p>",
        "<p>Choix d'un concurrent à {amount}, soit 12 % de moins. Pas de contre-offre possible à ce niveau.</p>",
    ),
    (MEETING, "Accord"): (
        "<p>Accord de principe de {contact} sur {amount} par an, départ en {month}. <strong>Affaire à créer</strong>, "
        "contrat à envoyer cette semaine.</p>",
        "<p>Les deux dernières objections sont levées. On signe « {domain} » pour trois ans ; premier passage en "
        "{month}.</p>",
    ),
    (VISIT, "Relevé fait"): (
        "<p>Tour complet en compagnie de {contact}.</p><ul><li>{surface} mesurés</li><li>{units} points "
        "relevés, photos "
        "faites</li><li>accès difficile côté cour : prévoir une nacelle</li></ul>",
        "<p>Relevé terminé : rien d'inattendu, sauf un local technique fermé à clé. Chiffrage possible autour de "
        "{amount}.</p>",
    ),
    (VISIT, "À compléter"): (
        "<p>La moitié du site seulement : l'étage était occupé par une formation. Retour nécessaire, {day} de "
        "préférence.</p>",
    ),
    (VISIT, "Accès impossible"): (
        "<p>Gardien absent et badge refusé. {contact} propose un autre jour et prévient la sécurité.</p>",
    ),
    (VISIT, "Sans suite"): (
        "<p>Locaux mal adaptés à ce que nous proposons ({surface} en quatre niveaux). Expliqué à {contact}, "
        "qui comprend.</p>",
    ),
    (QUOTE, "En réflexion"): (
        "<p>Devis lu, jugé clair. {contact} attend l'avis de la direction, réponse promise {day}.</p>",
        "<p>Comparaison en cours avec deux autres offres. La nôtre est la seule à détailler les passages.</p>",
    ),
    (QUOTE, "À rappeler"): ("<p>Pas encore regardé : fin de trimestre chargée. Rappel {day} vers {hour}.</p>",),
    (QUOTE, "Accord"): (
        "<p>Oui de {contact} par téléphone, bon de commande de {amount} attendu. <strong>Affaire à créer.</strong></p>",
        "<p>Devis accepté avec une remise de 2 %, soit {amount}. Démarrage souhaité en {month}.</p>",
    ),
    (QUOTE, "Perdu"): (
        "<p>Perdu, pour le prix : {amount} chez le concurrent. {contact} nous consultera à la prochaine échéance.</p>",
        "<p>Le projet est reporté d'un an, faute de budget. Devis classé.</p>",
    ),
    (FAIR, "Contact pris"): (
        "<p>Belle rencontre sur le stand : {contact} nous suit depuis un moment. {units} équipements répartis entre "
        "deux sites.</p>",
    ),
    (FAIR, "Sans intérêt"): ("<p>Simple curiosité, aucun besoin chez {client} avant longtemps.</p>",),
    (REVIEW, "Satisfait"): (
        "<p>Année sans accroc : {units} interventions, délais tenus à 97 %. Reconduction acquise, révision de prix "
        "acceptée.</p>",
        "<p>{contact} souligne la ponctualité de l'équipe. Rien à changer pour l'an prochain.</p>",
    ),
    (REVIEW, "Renégociation demandée"): (
        "<p>Bilan bon, mais le siège impose 5 % d'économie. Piste : espacer les passages d'été, soit environ "
        "{amount}.</p>",
    ),
    (REVIEW, "Réclamation"): (
        "<p>Deux retards cet automne, mal vécus. Excuses présentées ; <strong>plan d'action écrit</strong> promis pour "
        "{day}.</p>",
    ),
    (REVIEW, "Départ annoncé"): (
        "<p>Le site de {town} ferme en {month}, fin du contrat à cette date. {contact} nous recommandera.</p>",
    ),
    (FAX, "Envoyé"): ("<p>Transmis, accusé de réception imprimé et classé.</p>",),
}

CANCEL_REASONS = (
    "Doublon : déjà traité dans une autre action du même client.",
    "Le client a déménagé, le contact n'y travaille plus.",
    "Rendez-vous annulé par le client, sans nouvelle date.",
    "Créée par erreur sur le mauvais site.",
    "Le client a appelé de lui-même entre-temps, tout est réglé.",
    "Campagne arrêtée par la direction.",
)
DEAL_TITLES = (
    "{domain} : contrat annuel", "{domain} : contrat de 3 ans", "{domain}, {town}", "{domain} : {units} équipements",
    "{domain} : {surface}",
)  # fmt: skip
LOST_REASONS = (
    "Trop cher : le concurrent propose 12 % de moins.",
    "Projet reporté à l'année prochaine, budget gelé.",
    "Le client garde son prestataire actuel.",
    "Contrat national signé par le siège.",
)
TOLD = {  # the story of the seed, told in the chain that the tele-salesperson handed over, and the one to play
    "call": "<p>Démarchage : appeler {contact}, présenter la société et savoir si un rendez-vous avec un commercial "
    "de terrain est possible.</p>",
    "call_done": "<p>Intérêt de {contact} pour l'entretien de {units} équipements. D'abord la plaquette, par "
    "courriel, puis une rencontre sur place.</p>",
    "document": "<p>Envoyer par courriel la plaquette d'informations sur la société, comme promis pendant l'appel.</p>",
    "document_done": "<p>Plaquette envoyée à {email}. {contact} l'a lue et accepte de recevoir Camille Roussel.</p>",
    "meeting": "<p>Rendez-vous pris par la télévente, à {site}. Tout ce qui s'est dit avant se lit dans "
    "l'historique : 01 l'appel, 02 la plaquette.</p><ul><li>faire le tour des {units} équipements</li>"
    "<li>présenter le contrat d'entretien</li></ul>",
    "to_play": "<p><strong>À vous de jouer.</strong> Cette action montre comment une chaîne avance :</p><ol>"
    "<li>appelez {contact} au {phone}, ou faites comme si</li><li>saisissez le compte rendu, résultat « Intéressé », "
    "suite à donner : une sous-action <em>Envoi de document</em></li><li>saisissez le compte rendu de l'envoi, suite "
    "à donner : une sous-action <em>Rendez-vous</em> pour Camille Roussel, qui devient responsable de l'action</li>"
    "</ol><p>L'historique montre alors 01, 02 et 03 sur le même écran.</p>",
}

_MONTHS = ("janvier", "mars", "avril", "mai", "juin", "septembre", "octobre", "novembre")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
_HOURS = ("9 h", "10 h 30", "11 h", "14 h", "15 h 30", "17 h")


def figures(rng: Random) -> dict[str, str]:
    """What is told of one affair, the same in all its texts."""
    return {
        "units": str(rng.randint(3, 48)),
        "surface": f"{_grouped(rng.randint(3, 90) * 50)} m²",
        "amount": f"{_grouped(rng.randint(18, 420) * 100)} €",
        "amount2": f"{_grouped(rng.randint(4, 30) * 60)} €",
        "month": rng.choice(_MONTHS),
        "day": rng.choice(_DAYS),
        "hour": rng.choice(_HOURS),
    }


def detail_for(rng: Random, nature: int, known: frozenset[str]) -> str:
    """A detail that supposes nothing but what is `known`, rather one that supposes something."""
    pairs = list(zip(WHEN[nature], DETAILS[nature], strict=True))
    fitting = [text for when, text in pairs if when in known]
    neutral = [text for when, text in pairs if not when]
    return rng.choice(fitting if fitting and (not neutral or rng.random() < 0.6) else neutral)


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template as HTML; a name may hold `&`."""
    return template.format_map({name: html.escape(value, quote=False) for name, value in values.items()})


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")
