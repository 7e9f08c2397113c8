"""Texts that break programs: an own selection in the spirit of the Big List of Naughty Strings."""

from __future__ import annotations

NAUGHTY = (
    # nothing, or what looks like a value of the program
    "undefined", "null", "None", "NaN", "true", "[object Object]", "nil", "\\N", "-0", "1E+02", "0x10", "1/0",
    "99999999999999999999999999", "1,000.00", "Infinity", "\\", "\\\\", "''", '"', "`", "--", "/*", "%s%d%n", "{0}",
    "{detail}", "{__class__}", "{}", "%(name)s", "${HOME}", "$(touch /tmp/x)", "{{7*7}}", "<%= 7*7 %>", "#{7*7}",
    # SQL and full-text queries
    "'; DROP TABLE action; --", "1' OR '1'='1", "') OR 1=1 --", "%", "_", "%_%", "\\%", "a* OR b*", '"a" NEAR "b"',
    "NOT", "AND OR", "(", ")", "doc:x", "-x", "^x", "x:*", "a & b | !c", "<->", "zo1 zp1",
    # markup and scripts
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)",
    "<a href='jav&#x0A;ascript:alert(1)'>x</a>", "</textarea><script>1</script>", "<!--", "<![CDATA[x]]>", "<b",
    "&lt;b&gt;&amp;&#0;&#x202e;", "<p style='background:url(//x)'>x</p>", "<iframe src=//x></iframe>",
    # Unicode
    "Œuvre à l’été — « ça » € ﬁ ǆ", "田中さんにあげて下さい", "Ω≈ç√∫˜µ≤≥÷", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏿", "(╯°□°）╯︵ ┻━┻",
    "שלום",     "مرحبا ١٢٣", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "𝐓𝐡𝐞 𝓺𝓾𝓲𝓬𝓴", "ˢᵘᵖᵉʳ", "e\u0301 \u00e9", "İstanbul ıI", "ß SS ẞ",
    # what hides, reorders or ends a text
    "a\x00b", "\x01\x02\x07\x1b[31mred", "a\u202eb\u202cc", "\u2066x\u2069", "\u200f\u061cx", "x\ufeff\u200b\u2060",
    "a\u2028b\u2029c", "a\r\nb\rc\td\x0be\x0cf\x85g", "\ud800 half a pair \udfff", "\uffff\ufffe\U0010ffff", "\u00ad",
    # names of files, addresses, formulas, headers
    "../../../../etc/passwd", "C:\\con\\nul", "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "+33 4", "-1+1",
    "a\r\nSet-Cookie: x=1", "http://a/%%30%30", "file:///etc/passwd", "x" * 5_000, "<" * 300, "é" * 4_000,
)  # fmt: skip
