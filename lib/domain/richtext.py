"""Rich text: HTML typed or pasted by people, reduced to what is safe to show and easy to read.

`problem` before `clean`, `clean` at writing and again at showing. The other functions take what `clean` returned.
The only file of the domain that uses nh3.
"""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections import Counter
from collections.abc import Callable

import nh3

from lib.domain.sentences import Sentence, say
from lib.domain.text import shows_nothing, without_controls

MAX_SIZE_MB = 15
MAX_TAGS = 20_000
MAX_DEPTH = 2_000
# A parser repeats every open formatting element in each block that follows: 44 kB of `<b title=1><b title=2>…<p><p>…`
# become 56 MB. The product of both counts bounds what a text can grow to, and lets a short e-mail have many fonts.
MAX_REPEATED_FORMATS = 500_000

# nh3 takes quadratic time on a text full of entities, and writes one for each of these signs: 200,000 `&` take 8 s.
MAX_SIGNS = 120_000

_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre"}
_MARKS = {"strong", "b", "em", "i", "u", "s", "del", "sub", "sup", "code", "span"}
_TABLE = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
_TAGS = _BLOCKS | _MARKS | _TABLE | {"br", "hr", "a", "img"}
_INLINE = _MARKS | {"a", "img", "col"}
_STYLED = _BLOCKS | {"span", "table", "th", "td", "col"}
# What stands inside these isn't text of the author: it goes with the tag. Any other unknown tag goes alone.
_DROPPED_WHOLE = {"script", "style", "title", "template", "iframe", "object", "svg", "math"}
_DROPPED_WHOLE |= {"noscript", "noembed", "noframes"}

_CELL = {"colspan", "rowspan", "colwidth", "scope"}
_ATTRIBUTES = {
    **{tag: {"style"} for tag in _STYLED},
    "a": {"href"},
    "img": {"src", "alt", "title", "width", "height"},
    "th": {"style", *_CELL},
    "td": {"style", *_CELL},
    "col": {"style", "span"},
    "ol": {"style", "start", "type"},
}
_ATTRIBUTE_VALUES = {
    "href": re.compile(r"(?:https?:|mailto:|tel:)[^\s]+", re.I),
    "src": re.compile(r"attachment:[0-9a-z-]{1,64}|data:image/(?:png|jpeg|gif|webp);base64,[0-9a-z+/]+={0,2}", re.I),
    "alt": re.compile(r".*", re.S),
    "title": re.compile(r".*", re.S),
    "width": re.compile(r"[0-9]{1,4}"),
    "height": re.compile(r"[0-9]{1,4}"),
    # Bounded: a few cells of colspan 1,000 make a table that no editor can open.
    "colspan": re.compile(r"[1-9][0-9]?"),
    "rowspan": re.compile(r"[1-9][0-9]{0,2}"),
    "span": re.compile(r"[1-9][0-9]?"),
    "colwidth": re.compile(r"[0-9]{1,4}(?:,[0-9]{1,4}){0,98}"),
    "scope": re.compile(r"row|col"),
    "start": re.compile(r"[0-9]{1,6}"),
    "type": re.compile(r"[1aAiI]"),
    # Set by nh3 itself, which shows them to the filter like the author's own.
    "rel": re.compile(r"noopener noreferrer"),
    "target": re.compile(r"_blank"),
}
_COLOUR = r"#[0-9a-f]{3,8}|[a-z]{3,20}|(?:rgb|hsl)a?\([0-9.,%/ ]{1,40}\)"
_LENGTH = r"auto|[0-9]{1,4}(?:\.[0-9]{1,4})?(?:px|pt|em|rem|%)"
_STYLE_VALUES = {
    "text-align": re.compile(r"left|right|center|justify|start|end"),
    "color": re.compile(_COLOUR),
    "background-color": re.compile(_COLOUR),
    "font-weight": re.compile(r"normal|bold|bolder|lighter|[1-9]00"),
    "width": re.compile(_LENGTH),
    "min-width": re.compile(_LENGTH),
}

# nh3 writes one canonical form, on which these are exact: lower case, double quotes, no raw < or > elsewhere.
_ANY_TAG = re.compile(r'</?([a-z][a-z0-9]*)(?:\s[a-z]+="[^"]*")*\s?/?>')
_NEXT_CELL = re.compile(r'</t[dh]>\s*<t[dh](?:\s[a-z]+="[^"]*")*>')
_IMAGE = re.compile(r'<img(?:\s[a-z]+="[^"]*")*>')
_SOURCE = re.compile(r'\ssrc="([^"]*)"')
_PRE_BREAKS = re.compile(r"<pre>\n+")  # a parser drops the first line end of a <pre>, each time

_OPENING = re.compile(r"<[a-z]", re.I)
_TAG_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.I)
_FORMAT_WITH_ATTRIBUTES = re.compile(r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^>]*", re.I)
_NEVER_NESTED = {"p", "li", "br", "hr", "img", "col", "input", "wbr", "meta", "link", "source", "area", "base", "embed"}

_ROW_END = "\v"  # stands for the end of a table's row until line ends are counted; no cleaned text holds one
_BLANKS = re.compile(r"[ \t\n\f]+")
_JOINING = {"Mn", "Me", "Mc", "Cf"}


def problem(html: object) -> Sentence | None:
    """Why `html` can't be accepted, or None. Linear, and so asked before `clean`, which is quadratic in depth."""
    if not isinstance(html, str):
        return None
    size_mb = len(html) / 1_000_000
    if size_mb > MAX_SIZE_MB:
        return say(
            "This text is too heavy: {size} MB, {limit} MB at most. Remove or shrink an image.",
            size=f"{size_mb:.1f}",
            limit=MAX_SIZE_MB,
        )
    tags, signs = len(_OPENING.findall(html)), sum(map(html.count, "&<>"))
    if (
        signs > MAX_SIGNS
        or tags > MAX_TAGS
        or tags * _distinct_formats(html) > MAX_REPEATED_FORMATS
        or _depth(html) > MAX_DEPTH
    ):
        return say("This text is too complex to be stored: paste it without its formatting (Ctrl+Shift+V).")
    return None


def clean(html: object) -> str:
    """The part of `html` that is allowed: text, lists, tables, links, and images of our own or inside the text.

    Cleaning again changes nothing. No script, no remote image, no relative link, no class, id or name, no style but
    alignment, colours, weight and widths. Anything but a string counts as empty.
    """
    text = without_controls(html) if isinstance(html, str) else ""
    for _ in range(4):
        cleaned = _cleaned_once(text)
        if cleaned == text:
            return cleaned
        text = cleaned
    # Parsed differently each time, as an attack would be: the words are kept, as plain paragraphs.
    return "".join(f"<p>{entities.escape(line, quote=False)}</p>" for line in text_of(text).splitlines())


def text_of(html: str) -> str:
    """The text as a reader sees it: a line for each block or table row, a tab between cells, entities decoded."""
    text = _BLANKS.sub(" ", html)
    text = _NEXT_CELL.sub("\t", text)
    text = _ANY_TAG.sub(_instead_of, text)
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r" ?\n[ \n]*", "\n", text)
    text = re.sub(r"\n?\t\n?", "\t", text)
    text = re.sub(rf"\n?{_ROW_END}\n?", "\n", text)
    return entities.unescape(text).strip()


def excerpt(text: str, length: int = 240) -> str:
    """The beginning of a plain text on one line, at most `length` characters, cut between words where possible."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    end = length - 1
    space = line.rfind(" ", end // 2, end + 1)
    if space > 0:
        return line[:space] + "…"
    # Not between a letter and its accent, nor inside an emoji made of several.
    while end > 1 and (unicodedata.category(line[end]) in _JOINING or line[end - 1] == "\u200d"):
        end -= 1
    return line[:end] + "…"


def is_blank(html: str) -> bool:
    """Whether a reader would see nothing: no image, no visible character; `<p><br></p>` or an empty table (R13)."""
    return "<img" not in html and shows_nothing(text_of(html))


def has_table(html: str) -> bool:
    """Whether the text holds a table."""
    return "<table" in html


def with_sources(html: str, source: Callable[[str], str | None]) -> str:
    """The text with what `source` makes of each image's address; an image of which it makes None is left out."""

    def image(tag: re.Match[str]) -> str:
        written = _SOURCE.search(tag[0])
        new = source(written[1]) if written else None
        return "" if new is None or written is None else f"{tag[0][: written.start(1)]}{new}{tag[0][written.end(1) :]}"

    return _IMAGE.sub(image, html)


def _cleaned_once(html: str) -> str:
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed_value,
        url_schemes={"http", "https", "mailto", "tel", "data", "attachment"},
        url_relative="deny",
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    # Again, since `&#x202e;` was an entity until now.
    cleaned = without_controls(cleaned)
    cleaned = _IMAGE.sub(lambda image: image[0] if ' src="' in image[0] else "", cleaned)
    return _PRE_BREAKS.sub("<pre>", cleaned)


def _instead_of(tag: re.Match[str]) -> str:
    if tag[0] == "</tr>":
        return _ROW_END
    return "" if tag[1] in _INLINE else "\n"


def _allowed_value(tag: str, attribute: str, value: str) -> str | None:
    """nh3's attribute filter: the value to keep, or None to drop the attribute.

    Must never raise: nh3 ignores the exception and goes on.
    """
    value = without_controls(value)
    if attribute == "style":
        return _allowed_style(value)
    if attribute == "src":
        value = _BLANKS.sub("", value)  # e-mails wrap base64
    allowed = _ATTRIBUTE_VALUES.get(attribute)
    return value if allowed and allowed.fullmatch(value) else None


def _allowed_style(style: str) -> str | None:
    """Rebuilt from the declarations whose value is harmless: nh3 checks names only, and `url()` would slip through."""
    kept = []
    for declaration in style.lower().split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in _STYLE_VALUES and _STYLE_VALUES[name].fullmatch(value):
            kept.append(f"{name}: {value}")
    return "; ".join(kept) or None


def _depth(html: str) -> int:
    """How deep the elements nest. Close tags hidden in comments fool it, at no worse cost than MAX_TAGS levels."""
    deepest = depth = 0
    open_by_name: Counter[str] = Counter()
    for closing, name in _TAG_NAME.findall(html.lower()):
        if name in _NEVER_NESTED:
            continue
        if not closing:
            open_by_name[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif open_by_name[name]:
            open_by_name[name] -= 1
            depth -= 1
    return deepest


def _distinct_formats(html: str) -> int:
    """How many different formatting tags with attributes: those that a parser may hold open together."""
    found = Counter(_FORMAT_WITH_ATTRIBUTES.findall(html.lower()))
    # A quote left open means that the tag went on after a `>`: then equal beginnings may end differently.
    unfinished = sum(count for tag, count in found.items() if tag.count('"') % 2 or tag.count("'") % 2)
    return len(found) + unfinished
