"""The demo's clients: their sites, their contacts, and phone numbers that belong to nobody.

The French regulator keeps 01 99 00, 04 65 71 and 06 39 98 for fiction. SIRETs have right check digits and belong to
nobody: no company's number begins with 0. Addresses of the web end in .example, which is never given.
"""

from __future__ import annotations

from random import Random

from lib.demo.organisation import CAMILLE, CLEANING, CVC, INES, MARC, TELESALES, THOMAS
from lib.domain.clients import Client, ClientFile, Contact, Site
from lib.domain.text import folded

STORY_DONE, STORY_TO_PLAY = "Résidence Les Glycines", "Hôtel des Terrasses"
"""The clients of the two chains that tell how telesales and the field hand over."""

NAMES = {
    "Hôtel": ("des Terrasses", "du Vieux Port", "Bellecombe", "de la Gare", "des Alpilles", "Saint-Vincent"),
    "Résidence": ("Les Glycines", "Le Clos Fleuri", "Bel Air", "Les Hauts de Vaise", "du Parc", "L'Orée du Bois"),
    "Clinique": ("Saint-Roch", "des Cèdres", "du Val d'Azergues", "Montplaisir", "des Deux Rives"),
    "Boulangerie": ("Les Épis d'Or", "Maison Perrachon", "Au Fournil de Nelly", "Le Pétrin Bleu", "Duvernay"),
    "Menuiserie": ("Charvet & Fils", "du Pilat", "Bois & Lumière", "Grataloup", "Art du Chêne"),
    "Imprimerie": ("Chirat-Mercier", "des Brotteaux", "Offset Rhodanien", "Papyrus", "Gutenberg & Cie"),
    "Transports": ("Bonnefoy", "Rhône Express Fret", "Maillard", "du Forez", "Vercors Logistique"),
    "Pharmacie": ("de l'Horloge", "Bertholon", "des Quatre Chemins", "du Marché", "Lafontaine"),
    "Restaurant": ("La Table d'Aurélie", "Le Bouchon Croisé", "L'Auberge du Pont", "Chez Marcelin", "Les Lavandes"),
    "Garage": ("Morel Automobiles", "de la Croix-Rousse", "Savoie Poids Lourds", "Fournier", "des Tilleuls"),
    "École": ("Sainte-Marthe", "Montessori des Collines", "La Source", "Jeanne-Vialle", "bilingue Arc-en-Ciel"),
    "Cabinet": ("Delattre Expertise", "dentaire Ravel", "Noiret Notaires", "Vasseur Avocats", "Kiné du Lac"),
    "Ateliers": ("Ferrand Mécanique", "du Guiers", "Thermoformage Isérois", "Soudal Précision", "Textiles Voirons"),
    "Domaine": ("de la Roche Blanche", "Vernay", "des Sarments", "du Moulin Brûlé", "Château Pérollier"),
    "Supermarché": ("Frais d'Ici Oullins", "Panier Bio Meylan", "Primeurs Tardy", "Coop Vallée", "Frais d'Ici Bron"),
    "Crèche": ("Les Petits Pas", "Pomme de Reinette", "La Ribambelle", "Les Lutins des Pentes", "Les Galopins"),
    "Salle de sport": ("Altitude Forme", "Club Olympe", "L'Usine à Muscles", "Carré d'As Squash", "Escalade 38"),
    "Fonderie": ("Lamure", "des Trois Vallées", "Alu-Dauphiné", "Peyrard", "Rochetaillée"),
    "Laboratoire": ("Biolyse", "Analyses du Rhône", "Cosmétys", "Prothésis", "Végéta Nutrition"),
    "Cinéma": ("Le Lumière", "Le Rex", "Les Toiles du Midi", "Studio 7", "L'Étoile"),
    "Bureaux": ("Novalis Conseil", "Atrium Part-Dieu", "Cap Europole", "Horizon Assurances", "Le Square Coworking"),
    "Camping": ("Les Rives du Lac", "Le Grand Pré", "des Gorges", "La Pinède", "Belle Étoile"),
    "Maison de retraite": ("Les Magnolias", "Saint-Joseph", "L'Âge d'Or", "Val Fleuri", "Les Capucines"),
    "Entrepôt": ("Stock&Go", "Frigo Rhône", "Dépôt Central Nord", "E-Colis Corbas", "Vinothèque du Sud-Est"),
    "Piscine": ("municipale de Givors", "Aqua'Nord", "des Remparts", "intercommunale du Lac", "L'Archipel"),
    "Mairie": ("de Saint-Romain", "de Charnay", "de Villette", "du Bourg-Neuf", "de Montagny"),
    "Syndic": ("Régie Bouvier", "Immo-Gestion Rhône", "Copro Services", "Cabinet Voltaire", "Habitat Tranquille"),
    "Lycée": ("Marcel-Pagnon", "Simone-Aubrac", "des Métiers du Bois", "agricole de Cibeins", "Condorcet"),
    "Fromagerie": ("du Vercors", "Les Alpages", "Mont Brun", "La Ferme de Lucie", "Bressane"),
    "Société": ("Plastival", "Hydromeca", "Électro-Forez", "Portes du Dauphiné", "Néotech Usinage"),
}
TOWNS = (
    ("69003", "Lyon"), ("69100", "Villeurbanne"), ("69200", "Vénissieux"), ("69600", "Oullins"), ("69500", "Bron"),
    ("69400", "Villefranche-sur-Saône"), ("38000", "Grenoble"), ("38240", "Meylan"), ("38500", "Voiron"),
    ("38200", "Vienne"), ("42000", "Saint-Étienne"), ("42300", "Roanne"), ("42400", "Saint-Chamond"),
    ("01000", "Bourg-en-Bresse"), ("73000", "Chambéry"), ("74000", "Annecy"), ("26000", "Valence"), ("71000", "Mâcon"),
)  # fmt: skip
CENTRES = {  # latitude and longitude of the middle of each town
    "Lyon": (45.757, 4.850), "Villeurbanne": (45.767, 4.880), "Vénissieux": (45.697, 4.887), "Oullins": (45.714, 4.809),
    "Bron": (45.739, 4.913), "Villefranche-sur-Saône": (45.985, 4.718), "Grenoble": (45.188, 5.725),
    "Meylan": (45.209, 5.777), "Voiron": (45.364, 5.593), "Vienne": (45.525, 4.875), "Saint-Étienne": (45.440, 4.387),
    "Roanne": (46.036, 4.069), "Saint-Chamond": (45.477, 4.513), "Bourg-en-Bresse": (46.205, 5.226),
    "Chambéry": (45.567, 5.921), "Annecy": (45.899, 6.129), "Valence": (44.933, 4.892), "Mâcon": (46.306, 4.832),
    "Paris": (48.858, 2.380),
}  # fmt: skip
STREETS = (
    "rue de la République", "avenue Jean-Jaurès", "chemin des Vignes", "rue du Bief", "boulevard des Alpes",
    "zone artisanale des Platières", "place du Marché", "rue Antoine-Lumière", "quai de Saône", "route de Grenoble",
    "impasse des Acacias", "rue des Frères-Voisin", "allée du Canal", "cours Gambetta", "montée des Carmes",
)  # fmt: skip
OTHER_SITES = (
    "Atelier", "Dépôt", "Annexe nord", "Agence", "Bâtiment B", "Site de production", "Showroom", "Plateforme logistique"
)  # fmt: skip
WOMEN = (
    "Claire", "Sandrine", "Élodie", "Martine", "Fatima", "Aurélie", "Nathalie", "Pauline", "Isabelle", "Chloé",
    "Véronique", "Leïla", "Mathilde", "Corinne", "Anaïs",
)  # fmt: skip
MEN = (
    "Laurent", "Stéphane", "Karim", "Olivier", "Jérôme", "Patrick", "Mathieu", "Alain", "Didier", "Romain", "Yann",
    "François", "Sébastien", "Gérard", "Hugo",
)  # fmt: skip
SURNAMES = (
    "Fontaine", "Morin", "Chevallier", "Perrin", "Da Silva", "Brunet", "Meunier", "Guichard", "Lacroix", "Amrani",
    "Besson", "Girard", "Poncet", "Chapuis", "Rivoire", "Teyssier", "Collomb", "Barbier", "Nguyen", "Mounier",
    "Blanchard", "Rey", "Allard", "Ferreira", "Jacquet", "Bonnard", "Cottin", "Dumoulin", "Vial", "Gauthier",
)  # fmt: skip
ROLES = (  # said of a woman, of a man
    ("Directrice", "Directeur"), ("Responsable technique", "Responsable technique"), ("Gérante", "Gérant"),
    ("Responsable des achats", "Responsable des achats"), ("Assistante de direction", "Assistant de direction"),
    ("Cheffe d'établissement", "Chef d'établissement"), ("Responsable maintenance", "Responsable maintenance"),
    ("Comptable", "Comptable"), ("Intendante", "Intendant"), ("Office manager", "Office manager"),
)  # fmt: skip
RELATIONS = ("client",) * 9 + ("prospect",) * 8 + ("suspect", "suspect", "former", "off_target")


def polite(name: str) -> str:
    """`Mme Fontaine` from `Claire Fontaine`."""
    first, _, surname = name.partition(" ")
    return f"{'Mme' if first in WOMEN else 'M.'} {surname}"


class Numbers:
    """Ids, and phone numbers that are each given once."""

    def __init__(self, rng: Random) -> None:
        self.site = self.contact = 0
        self._phones = {prefix: rng.sample(range(10_000), 2_000) for prefix in ("01 99 00", "04 65 71", "06 39 98")}

    def phone(self, prefix: str) -> str:
        """The next number behind a prefix."""
        number = self._phones[prefix].pop()
        return f"{prefix} {number // 100:02d} {number % 100:02d}"


def client_files(rng: Random) -> list[ClientFile]:
    """150 clients, in no order."""
    names = [f"{kind} {name}" for kind, mine in NAMES.items() for name in mine][:150]
    shuffled = rng.sample(names, len(names))
    numbers = Numbers(rng)
    return [_file(rng, numbers, key, name) for key, name in enumerate(shuffled, 1)]


def activity_of(client: Client) -> int:
    """The business activity of who looks after a client."""
    return {CAMILLE: CVC, THOMAS: CVC, INES: TELESALES, MARC: CLEANING}.get(client.account_manager_id or 0, TELESALES)


def _file(rng: Random, numbers: Numbers, key: int, name: str) -> ClientFile:
    is_story = name in (STORY_DONE, STORY_TO_PLAY)
    postcode, town = rng.choice(TOWNS)
    phone = numbers.phone("04 65 71")
    extras = Random(f"client {key}")  # noqa: S311 - apart, so that the rest of the story stays what it was
    client = Client(
        id=key, code=f"C{key:05d}", name=name, town=town, phone=phone,
        relation="prospect" if is_story else rng.choice(RELATIONS),
        account_manager_id=rng.choice((CAMILLE, CAMILLE, THOMAS, INES, MARC, MARC, None)),
        is_active=is_story or rng.random() > 0.02, siret=siret(extras) if is_story or extras.random() < 0.9 else "",
        website=f"https://www.{_slug(name)}.example" if is_story or extras.random() < 0.8 else "",
    )  # fmt: skip
    sites = [_site(rng, numbers, client, "Siège", postcode, town, phone)]
    for label in rng.sample(OTHER_SITES, rng.choice((0, 0, 0, 1, 1, 2))):
        sites.append(_site(rng, numbers, client, label, *rng.choice(TOWNS), numbers.phone("04 65 71")))
    if not is_story and rng.random() < 0.1:
        sites.append(_site(rng, numbers, client, "Bureau parisien", "75011", "Paris", numbers.phone("01 99 00")))
    surnames = rng.sample(SURNAMES, rng.choice((1, 2, 2, 3, 4)))
    contacts = tuple(_contact(rng, numbers, client, surname, sites[:3]) for surname in surnames)
    return ClientFile(client, tuple(sites[:3]), contacts)


def _site(
    rng: Random, numbers: Numbers, client: Client, name: str, postcode: str, town: str, phone: str
) -> Site:  # fmt: skip
    numbers.site += 1
    address = f"{rng.randint(1, 148)} {rng.choice(STREETS)}"
    latitude, longitude = _place(Random(f"site {numbers.site}"), town)  # noqa: S311
    return Site(numbers.site, client.id, name, address, postcode, town, phone, latitude, longitude)


def _place(rng: Random, town: str) -> tuple[float, float] | tuple[None, None]:
    """Somewhere in a town; of one site in three nobody has looked it up."""
    if rng.random() < 0.33:
        return None, None
    latitude, longitude = CENTRES[town]
    return round(latitude + rng.uniform(-0.012, 0.012), 5), round(longitude + rng.uniform(-0.015, 0.015), 5)


def siret(rng: Random) -> str:
    """Fourteen digits that check (Luhn, as the whole and as its first nine), of a company that can't exist."""
    siren = _with_check_digit(f"0{rng.randrange(10**7):07d}")
    return _with_check_digit(f"{siren}{rng.choice((1, 1, 1, 2, 3)):04d}")


def _with_check_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def _slug(text: str) -> str:
    return "-".join(folded(text).split())


def _contact(rng: Random, numbers: Numbers, client: Client, surname: str, sites: list[Site]) -> Contact:
    numbers.contact += 1
    is_woman = rng.random() < 0.5
    first = rng.choice(WOMEN if is_woman else MEN)
    role = rng.choice(ROLES)[0 if is_woman else 1]
    site = rng.choice((None, *sites))
    email = f"{_slug(first)}.{_slug(surname)}@{_slug(client.name)}.example"
    phone = numbers.phone("06 39 98")
    return Contact(numbers.contact, client.id, site.id if site else None, f"{first} {surname}", role, phone, email)
