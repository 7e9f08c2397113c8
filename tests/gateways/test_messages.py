"""E-mails as programs and their authors send them: understood, made safe, never a reason to stop."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.domain.incoming import numbers_in
from lib.domain.richtext import clean, text_of
from lib.gateways.messages import parsed
from tests.gateways.letters import CLIENT, OURS, PNG, a_bounce, a_letter


def raw(*lines: str) -> bytes:
    """A message written line by line, as no library would."""
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def body(letter: bytes) -> str:
    return text_of(parsed(letter).body_html)


def quoted(letter: bytes) -> str:
    return text_of(parsed(letter).quoted_html)


def remarks(letter: bytes) -> list[str]:
    return [str(each) for each in parsed(letter).remarks]


# ---- who, when, about what


def test_a_plain_message_is_understood():
    text, cc = "Bonjour,\r\n\r\nMardi & mercredi\r\nme vont <bien>.", f"Paul <PAUL@dupont.example>, {OURS}"
    thread = {"in_reply_to": "<a@example.com>", "references": "<z@example.com> <a@example.com>"}
    found = parsed(a_letter(text, cc=cc, **thread))
    assert (found.sender_name, found.sender_email, found.subject) == ("Anne Lefèvre", CLIENT, "Votre visite")
    assert found.sent_at == datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
    assert found.body_html == "<p>Bonjour,</p><p>Mardi &amp; mercredi<br>me vont &lt;bien&gt;.</p>"
    assert (found.message_id, found.in_reply_to) == ("m1@dupont.example", "a@example.com")
    assert found.references == ("z@example.com", "a@example.com")
    assert (found.recipients, found.cc) == ((OURS, "paul@dupont.example"), ("paul@dupont.example", OURS))
    assert (found.files, found.remarks, found.is_automatic, found.bounce) == ((), (), False, None)


@pytest.mark.parametrize(
    ("written", "name", "email"),
    [
        ("=?utf-8?q?Anne_Lef=C3=A8vre?= <ANNE@Dupont.example>", "Anne Lefèvre", CLIENT),
        ('"=?iso-8859-1?Q?Lef=E8vre=2C_Anne?=" <anne@dupont.example>', "Lefèvre, Anne", CLIENT),
        ("=?klingon?q?Anne?= <anne@dupont.example>", "Anne", CLIENT),
        ("=?utf-8?b?%%%?= <anne@dupont.example>", "", CLIENT),
        ('"relais@example.com" <anne@dupont.example>', "relais@example.com", CLIENT),
        ("Anne <anne@dupont.example", "Anne", CLIENT),
        ("anne@dupont.example (Anne)", "Anne", CLIENT),
        ("Anne", "Anne", ""),
        ("<>", "<>", ""),
        ("=?utf-8?q?a=0D=0ABcc:_evil@x.example?= <anne@dupont.example>", "a Bcc: evil@x.example", CLIENT),
        ("Anne \u202eelpmaxe <anne@dupont.example>", "Anne elpmaxe", CLIENT),
    ],
)
def test_a_sender_is_found_however_his_program_writes_him(written, name, email):
    found = parsed(raw(f"From: {written}", "Subject: x", "", "y"))
    assert (found.sender_name, found.sender_email) == (name, email)


def test_bare_bytes_in_headers_are_read_as_their_program_meant_them():
    for charset in ("utf-8", "cp1252"):
        letter = "From: Hélène <h@x.example>\r\nSubject: Été à Nîmes\r\n\r\n".encode(charset)
        assert (parsed(letter).subject, parsed(letter).sender_name) == ("Été à Nîmes", "Hélène")


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Foo 20266 99:99", "Tue, 03 Mar 1926 09:15:00 +0100", "0"])
def test_a_date_that_is_none_is_left_to_who_receives(date):
    assert parsed(a_letter(date="").replace(b"Subject", f"Date: {date}\r\nSubject".encode(), 1)).sent_at is None


def test_a_message_without_an_id_is_known_again_by_its_bytes():
    first, same, other = (parsed(a_letter(text, message_id="")) for text in ("Un", "Un", "Deux"))
    assert first.message_id == same.message_id != other.message_id
    assert len(first.message_id) <= 255


def test_an_id_too_long_to_be_kept_is_made_from_the_bytes():
    assert parsed(raw(f"Message-ID: <{'a' * 400}@x>", "", "")).message_id.startswith("sha256-")


def test_the_number_of_the_action_is_found_in_whatever_address_it_was_delivered_to():
    for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"):
        letter = raw("From: a@x.example", f"{name}: Relais <relais+A000123@example.com>", "", "")
        assert list(numbers_in(parsed(letter).recipients)) == [123]
    assert list(numbers_in(["relais+a000007@example.com", "a000123@x.example", "x+A12@x.example"])) == [7]


# ---- texts


def test_a_message_in_html_only_is_made_text_too_and_nothing_in_it_runs():
    html = """<html><head><title>T</title><style>p{color:red}</style></head><body onload="alert(1)">
    <p style="background:url(http://t.example/x)">Bonjour <b>Anne</b></p><script>alert(2)</script>
    <img src="http://t.example/pixel.gif"><a href="javascript:alert(3)">ici</a></body></html>"""
    found = parsed(a_letter(None, html=html))
    assert text_of(found.body_html) == "Bonjour Anne\nici"
    for forbidden in ("script", "alert", "http:", "onload", "url("):
        assert forbidden not in found.body_html


def test_of_two_writings_the_rich_one_is_kept():
    assert body(a_letter("En texte", html="<p>En <i>HTML</i></p>")) == "En HTML"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "cp1252", "klingon", "unicode-1-1-utf-7", "", "hex", "zip"])
def test_a_charset_that_nobody_knows_still_gives_words(charset):
    text = "Été".encode("cp1252" if charset in ("iso-8859-1", "cp1252") else "utf-8")
    header = f"Content-Type: text/plain; charset={charset}".encode()
    assert body(b"From: a@x.example\r\n" + header + b"\r\n\r\n" + text) == "Été"


def test_lines_that_a_program_broke_are_joined_again():
    letter = raw("From: a@x.example", "Content-Type: text/plain; format=flowed", "", "Une longue ", "phrase.", "Fin.")
    assert body(letter) == "Une longue phrase.\nFin."


@pytest.mark.parametrize(
    ("text", "written", "repeated"),
    [
        ("Oui.\n\nLe 3 mars 2026 à 10:12, Relais <r@x.example> a écrit\u00a0:\n> Mardi ?\n> Merci", "Oui.", "Mardi ?"),
        ("Yes.\n\nOn Tue, Mar 3, 2026 at 10:12 AM Relais <r@x.example> wrote:\n> Mardi ?", "Yes.", "Mardi ?"),
        ("Oui.\n\n-----Message d'origine-----\nDe : Relais\nEnvoyé : mardi\n\nMardi ?", "Oui.", "Envoyé : mardi"),
        ("Oui.\n\nDe : Relais\nEnvoyé : mardi\nÀ : Anne\nObjet : x\n\nMardi ?", "Oui.", "Mardi ?"),
        ("> Mardi ?\n> Ou jeudi\n> Bien à vous\n\nJeudi.", "Jeudi.", "Mardi ?"),
        ("Bonjour\n\nLe 3 mars, R <r@x.example> a écrit :\n> Mardi ?\n\nJeudi.\n> Où ?\n\nIci.",
         "Jeudi.\n> Où ?\nIci.", "Mardi ?"),
    ],
)  # fmt: skip
def test_an_answer_is_told_from_what_it_quotes(text, written, repeated):
    assert written in body(a_letter(text))
    assert repeated not in body(a_letter(text))
    assert repeated in quoted(a_letter(text))


GMAIL = (
    '<div class="gmail_quote"><div>Le mar. 3 mars 2026 à 10:12, Relais &lt;<a href="mailto:r@x.example">r@x.example</a>'
    "&gt; a écrit\u00a0:<br></div><blockquote><div>Mardi ?</div></blockquote></div>"
)
THUNDERBIRD = (
    '<div class="moz-cite-prefix">Le 03/03/2026 à 10:12, Relais a écrit :<br></div>'
    '<blockquote type="cite">Mardi ?</blockquote>'
)
OUTLOOK_COM = '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>De :</b> Relais</div><div>Mardi ?</div>'
OUTLOOK = (
    '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>De : R</p></div>'
    "<p>Mardi ?</p>"
)


@pytest.mark.parametrize("quotation", [GMAIL, THUNDERBIRD, OUTLOOK_COM, OUTLOOK])
def test_an_answer_in_html_is_told_from_what_it_quotes(quotation):
    letter = a_letter(None, html=f"<div>Entendu pour <b>jeudi</b></div>{quotation}")
    assert body(letter) == "Entendu pour jeudi"
    assert "Mardi ?" in quoted(letter)
    assert "____" not in quoted(letter)


def test_a_message_that_only_quotes_is_shown_whole():
    for text in ("-----Message d'origine-----\nDe : Relais\n\nMardi ?", "> a\n> b\n> c"):
        assert quoted(a_letter(text)) == ""
        assert body(a_letter(text)) == text.replace("\n\n", "\n")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 1990 + "x" + "</div>" * 1990,
        "<p>" + "<b>x</b> " * 15_000 + "</p>",
        "Den x" + " skrev " * 40_000,
        "<div " * 1_000_000,
        "<img " * 1_000_000,
        "<" * 2_000_000,
        "<!--" * 500_000,
        "<script>" * 200_000,
        "&" * 3_000_000,
        "<p>" + "ligne<br>" * 15_000,
        "<table>" * 5000 + "x",
    ],
    ids=lambda html: html[:12],
)
def test_no_html_takes_more_than_seconds(html):
    started = time.perf_counter()
    found = parsed(a_letter(None, html=html))
    assert time.perf_counter() - started < 15
    assert clean(found.body_html) == found.body_html


def test_what_is_too_complex_keeps_its_words_and_what_is_too_long_its_end_in_a_file():
    found = parsed(a_letter(None, html="<div>mot</div>" * 20_001))
    assert [str(each) for each in found.remarks] == [
        "The layout of this message is too complex to be shown: only its words are kept.",
        "The text of this message is too long: its end is in the file message.txt.",
    ]
    assert [(file.name, file.content.count(b"mot")) for file in found.files] == [("message.txt", 20_001)]
    assert found.body_html.startswith("<p>mot")


# ---- files


def test_files_come_with_their_names_whatever_these_are():
    names = [
        "devis.pdf",
        "été 2026.xlsx",
        "../../etc/passwd",
        "..\\..\\boot.ini",
        "a\u202efdp.exe",
        "x" * 400 + ".pdf",
        "",
    ]
    found = parsed(a_letter(files=[(name, "application/octet-stream", b"%PDF-1.7") for name in names]))
    assert [file.name for file in found.files] == [
        "devis.pdf", "été 2026.xlsx", "passwd", "boot.ini", "afdp.exe", "x" * 200, "application.bin",
    ]  # fmt: skip
    assert all(file.content == b"%PDF-1.7" for file in found.files)


def test_images_inside_the_text_take_the_place_that_names_them():
    html = '<p>Voici <img src="cid:photo%401" alt="p"> et <IMG SRC=cid:other> et <img src="attachment:12"></p>'
    found = parsed(a_letter("x", html=html, images=[("photo@1", PNG), ("unused", PNG)]))
    unused, photo = sorted(found.files, key=lambda file: file.placeholder)
    assert (photo.content, photo.name) == (PNG, "photo@1.png")
    assert f'<img src="attachment:{photo.placeholder}"' in found.body_html
    assert unused.placeholder == ""
    assert found.body_html.count("<img") == 1, "no message shows a document of ours by guessing its number"


def test_images_written_into_the_text_become_files_too():
    data = base64.b64encode(PNG).decode()
    found = parsed(
        a_letter(None, html=f'<p>a<img src="data:image/png;base64,{data}"><img src="data:image/png;base64,@">')
    )
    (image,) = found.files
    assert (image.name, image.content) == ("image.png", PNG)
    assert found.body_html.strip() == f'<p>a<img src="attachment:{image.placeholder}">\n</p>'


def test_a_winmail_is_told_in_words():
    letter = a_letter(files=[("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22")])
    assert [each.split(":")[0] for each in remarks(letter)] == [
        "Outlook packed text or files into winmail.dat, which only Outlook opens"
    ]
    assert parsed(letter).files == ()


def test_a_forwarded_message_is_a_file_that_bears_its_subject():
    outer = MIMEMultipart()
    outer.attach(MIMEText("Voir ci-joint", "plain", "utf-8"))
    inner = MIMEText("Bonjour", "plain", "utf-8")
    inner["Subject"] = "Contrat"
    outer.attach(MIMEMessage(inner))
    found = parsed(outer.as_bytes())
    assert [(file.name, file.media_type) for file in found.files] == [("Contrat.eml", "message/rfc822")]


def test_a_message_of_a_thousand_parts_stops_somewhere_and_says_so():
    outer = MIMEMultipart()
    for number in range(1000):
        outer.attach(MIMEText("x", "csv"))
        outer.get_payload()[-1].add_header("Content-Disposition", "attachment", filename=f"{number}.csv")
    found = parsed(outer.as_bytes())
    assert len(found.files) == 60
    assert len(found.remarks) == 2


def test_parts_nested_without_end_stop_somewhere_and_say_so():
    part = MIMEText("au fond", "plain", "utf-8")
    for _depth in range(60):
        outer = MIMEMultipart()
        outer.attach(part)
        part = outer
    assert len(parsed(part.as_bytes()).remarks) == 1


def test_a_message_too_heavy_is_a_stub_that_says_so():
    found = parsed(a_letter("x").partition(b"\r\n\r\n")[0] + b"\r\n\r\n", size_bytes=42_000_000)
    assert (found.subject, found.body_html) == ("Votre visite", "")
    assert "weighs 42 MB, 30 MB at most" in str(found.remarks[0])


# ---- nobody wrote it


@pytest.mark.parametrize(
    ("header", "is_automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: auto-generated; owner=x", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", True),
        ("Precedence: first-class", False),
        ("X-Autoreply: yes", True),
        ("X-Auto-Response-Suppress: All", True),
        ("Return-Path: <>", True),
        ("Return-Path: <anne@dupont.example>", False),
        ("X-Failed-Recipients: a@x.example", True),
        ("Sender: anne@dupont.example", False),
    ],
)
def test_what_machines_write_is_recognised(header, is_automatic):
    assert parsed(header.encode() + b"\r\n" + a_letter()).is_automatic == is_automatic
    assert parsed(a_letter(**{"from": "MAILER-DAEMON@mx.example"})).is_automatic


@pytest.mark.parametrize("only_headers", [False, True])
def test_a_bounce_says_which_message_and_why(only_headers):
    found = parsed(a_bounce("ours@example.com", only_headers=only_headers))
    assert found.bounce is not None
    assert found.bounce.message_id == "ours@example.com"
    assert found.bounce.reason == "anne@dupont.example: 550 5.1.1 <anne@dupont.example>: no such user"
    assert found.is_automatic
    assert found.files == ()


def test_a_delay_is_no_bounce():
    assert parsed(a_bounce("ours@example.com", action="delayed")).bounce is None


# ---- broken


BROKEN = [
    b"",
    b"\0" * 1000,
    b"not a message at all",
    raw("Content-Type: multipart/mixed", "", "no boundary"),
    raw("Content-Type: multipart/mixed; boundary=B", "", "--B", "", "never closed"),
    raw("Content-Type: multipart/mixed; boundary=B", "", "--B--"),
    raw("Content-Type: multipart/report; boundary=B", "", "--B", "Content-Type: message/delivery-status", "", "--B--"),
    raw('Content-Type: text/html; charset="', "Content-Transfer-Encoding: base64", "", "PGI+YQ=\n=="),
    raw("Content-Type: ;;;", "Content-Disposition: attachment; filename*=klingon''%E9%ZZ", "", "x"),
    raw("Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1=", "", "x"),
    raw("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "AAAA"),
    raw("Content-Transfer-Encoding: x-uuencode", "", "begin 644 a", "###", "end"),
    raw("Content-Transfer-Encoding: quoted-printable", "", "=ZZ=\r\n=E9="),
    raw("From: a@x.example", "To: undisclosed-recipients:;", "Cc: ,,,,;;", "References: <<>> <a b> >", "", ""),
    b"Subject: " + b"=?utf-8?q?" + b"=C3" * 5000 + b"?=\r\n\r\n",
    b"From: " + b'"' * 5000 + b"\r\n\r\n",
    b"To: " + b"(" * 20000 + b"\r\n\r\n",
    b"From: " + b"a@x.example," * 20000 + b"\r\n\r\n",
    b"\r\n".join(b"X-%d: y" % number for number in range(20000)) + b"\r\n\r\n",
]


@pytest.mark.parametrize("content", BROKEN, ids=range(len(BROKEN)))
def test_what_is_broken_is_survived(content):
    started = time.perf_counter()
    found = parsed(content)
    assert time.perf_counter() - started < 10
    assert found.message_id
    assert clean(found.body_html) == found.body_html


PDF = ("é.pdf", "application/pdf", b"%PDF")
LETTERS = [a_letter("x", html='<p>y <img src="cid:a"></p>', images=[("a", PNG)], files=[PDF]), a_bounce("a@x.example")]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(LETTERS), st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=12)), max_size=12))
def test_a_message_damaged_anywhere_is_survived(letter, damages):
    content = bytearray(letter)
    for place, damage in damages:
        content[place : place + len(damage)] = damage
    found = parsed(bytes(content))
    assert clean(found.body_html) == found.body_html
    assert clean(found.quoted_html) == found.quoted_html
