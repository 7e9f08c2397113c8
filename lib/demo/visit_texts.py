"""What the technicians' reports tell: the equipment, the work done, and what a salesperson may make of it."""

from __future__ import annotations

from typing import NamedTuple


class Work(NamedTuple):
    """A visit: on what, for how many minutes, what was done, and what follows for the sales staff."""

    equipment: str
    minutes: int
    body: str
    follow: str


WORKS = (
    Work(
        "Chaudière gaz 120 kW, chaufferie du sous-sol", 150,
        "<p>Entretien annuel.</p><ul><li>ramonage et nettoyage du brûleur</li><li>contrôle de combustion : CO 18 ppm, "
        "rendement 91 %</li><li>joint de porte remplacé</li></ul><p><strong>À prévoir :</strong> échangeur très "
        "entartré, remplacement conseillé avant l'hiver prochain.</p>",
        "<p>Le technicien conseille de remplacer l'échangeur avant l'hiver prochain : proposer un chiffrage.</p>",
    ),
    Work(
        "Climatisation 3 unités intérieures, toiture nord", 120,
        "<p>Panne de froid au 2<sup>e</sup> étage : condensateur de démarrage hors service, remplacé. Recharge de "
        "450 g de fluide, essais concluants.</p><p>L'unité extérieure a quinze ans.</p>",
        "<p>Unité extérieure de quinze ans, troisième panne de la saison : présenter le remplacement et les aides.</p>",
    ),
    Work(
        "Centrale de traitement d'air, local technique", 90,
        "<p>Remplacement des filtres F7 et M5, courroie retendue.</p><table><thead><tr><th>Mesure</th><th>Avant</th>"
        "<th>Après</th></tr></thead><tbody><tr><td>Perte de charge</td><td>310 Pa</td><td>120 Pa</td></tr><tr><td>"
        "Débit</td><td>4 100 m³/h</td><td>5 600 m³/h</td></tr></tbody></table>",
        "<p>Filtres changés hors contrat : proposer un contrat d'entretien à deux passages par an.</p>",
    ),
    Work(
        "Adoucisseur d'eau 80 L", 60,
        "<p>Mise en service après remplacement de la tête de commande. Dureté en sortie : 8 °f. Client formé au "
        "remplissage du sel.</p>",
        "<p>Adoucisseur remis en service : proposer le suivi de la qualité de l'eau.</p>",
    ),
    Work(
        "Pompe de circulation, circuit radiateurs", 105,
        "<p>Pompe bloquée, démontée et débloquée. Bruit de roulement persistant.</p><p>Pompe de secours en service ; "
        "<strong>pièce à commander</strong>.</p>",
        "<p>Pompe à remplacer, celle de secours tourne seule : faire accepter le devis avant une panne.</p>",
    ),
    Work(
        "Ballon d'eau chaude 500 L", 75,
        "<p>Visite périodique : groupe de sécurité remplacé, détartrage, anode usée à 80 %. Température au départ "
        "réglée à 58 °C.</p>",
        "<p>Anode presque usée, ballon de 2009 : parler du remplacement au prochain rendez-vous.</p>",
    ),
    Work(
        "Régulation et sondes, télégestion", 90,
        "<p>Sonde extérieure remplacée, loi d'eau refaite avec le responsable du site. Les horaires d'occupation "
        "étaient ceux d'avant le déménagement.</p>",
        "<p>Le client demande à piloter lui-même ses horaires : présenter la télégestion.</p>",
    ),
    Work(
        "Rideau d'air chaud, entrée du public", 45,
        "<p>Contacteur changé, remise en route. Rien d'autre à signaler.</p>",
        "<p>Un seul rideau sur les deux entrées : proposer d'équiper la seconde.</p>",
    ),
)  # fmt: skip
