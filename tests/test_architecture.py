"""The rules of the house that a tool can check: who may import whom, what is never written, how long a file may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("lib", "pages", "app.py", "asgi.py", "relais.py")

LONG_FILES: dict[str, str] = {}  # file past 400 lines -> its reason
FRENCH_IN_CODE = {  # files that may hold accented text -> their reason
    "lib/domain/text.py": "the letters that folding replaces",
    "lib/demo": "demo data is French text",
}
IMPORTED_AS = {  # what a package is called in pyproject.toml -> in an import
    "vl-convert-python": "vl_convert",
    "pillow": "PIL",
}
# In pieces, or this file would break its own rule.
NEVER_WRITTEN = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "npm" + "mirror",
    "--index" + "-url",
    "--find" + "-links",
    "/wo" + "rk/",
    "/ro" + "ot/",
    "/ho" + "me/",
]


@cache
def tracked() -> list[Path]:
    """What a commit of the work tree would hold: known to git, or new and not ignored."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [path for name in sorted(set(names)) if (path := ROOT / name).is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python(*tops: str) -> list[Path]:
    files = [path for path in tracked() if path.suffix == ".py" and "migrations/versions" not in name_of(path)]
    return [path for path in files if not tops or name_of(path).split("/")[0] in tops]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call and the last name of what is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield (node.func.id if isinstance(node.func, ast.Name) else node.func.attr), node


def texts(path: Path) -> Iterator[ast.Constant]:
    """String literals other than docstrings."""
    said = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


def test_imports_follow_the_arrows():
    # In a process of its own: it sets up logging, and so silences the loggers of the tests that follow.
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_a_folder_of_code_says_what_it_is_for():
    folders = {path.parent for path in python("lib", "pages") if "migrations" not in name_of(path)}
    silent = [
        name_of(f)
        for f in folders
        if not (f / "__init__.py").exists() or not ast.get_docstring(tree(f / "__init__.py"))
    ]
    assert not silent


def test_public_names_of_the_library_promise_something():
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python("lib")
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_files_and_functions_stay_short():
    long = []
    for path in python():
        name = name_of(path)
        limit = 80 if name.startswith("pages/") else 600 if name.startswith("tests/") else 400
        lines = path.read_text("utf-8").count("\n")
        if lines > limit and name not in LONG_FILES:
            long.append(f"{name}: {lines} lines, {limit} at most")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno > 50:
                long.append(f"{name}:{node.lineno} {node.name}: over 50 lines")
    assert not long


def test_nobody_writes_unsafe_html():
    unsafe = [
        f"{name_of(path)}:{call.lineno}"
        for path in python(*CODE)
        for _name, call in calls(path)
        for keyword in call.keywords
        if keyword.arg in ("unsafe_allow_html", "unsafe_allow_javascript")
    ]
    assert not unsafe


def test_html_is_shown_only_when_cleaned_or_ours():
    """`st.html` takes a literal, a constant's name, or what `clean` returns; all else may hold somebody's typing."""
    doubtful = []
    for path in python(*CODE):
        for name, call in calls(path):
            if name == "html" and isinstance(call.func, ast.Attribute) and call.args:
                first = call.args[0]
                constant = isinstance(first, ast.Constant) or (isinstance(first, ast.Name) and first.id.isupper())
                cleaned = isinstance(first, ast.Call) and ast.unparse(first.func).rpartition(".")[2].startswith("clean")
                if not (constant or cleaned):
                    doubtful.append(f"{name_of(path)}:{call.lineno} {ast.unparse(first)}")
    assert not doubtful


def test_sentences_are_literals_so_that_they_can_be_translated():
    hidden = [
        f"{name_of(path)}:{call.lineno} {ast.unparse(call)}"
        for path in python(*CODE)
        if name_of(path) not in ("lib/ui/words.py", "lib/domain/sentences.py")
        for name, call in calls(path)
        if name in ("_", "say", "plural", "say_many") and isinstance(call.func, ast.Name)
        for text in call.args[: 2 if name in ("plural", "say_many") else 1]
        if not (isinstance(text, ast.Constant) and isinstance(text.value, str))
    ]
    assert not hidden


def test_french_stands_in_the_catalogue_not_in_the_code():
    french = [
        f"{name_of(path)}:{text.lineno} {text.value[:60]!r}"
        for path in python(*CODE)
        if not name_of(path).startswith(tuple(FRENCH_IN_CODE))
        for text in texts(path)
        if re.search("[àâçéèêëîïôûùœÀÂÇÉÈÊËÎÏÔÛÙŒ]", text.value)
    ]
    assert not french


@pytest.mark.parametrize("words", NEVER_WRITTEN)
def test_no_file_names_a_registry_or_a_path_of_somebodys_machine(words):
    found = [name_of(path) for path in tracked() if words.encode() in path.read_bytes()]
    assert not found


def test_both_locks_agree_and_every_file_in_them_has_its_hash():
    def pins(lock: str) -> dict[str, str]:
        text = (ROOT / lock).read_text("utf-8").replace("\\\n", "")
        rows = re.findall(r"^(\S+)==(\S+)(.*)$", text, re.MULTILINE)
        assert rows
        assert all("--hash=sha256:" in rest for _name, _version, rest in rows)
        return {f"{name} {re.sub('--hash.*', '', rest).strip()}": version for name, version, rest in rows}

    running, developing = pins("requirements.lock"), pins("requirements-dev.lock")
    assert running.items() <= developing.items()


def test_what_is_imported_is_declared_and_what_is_declared_is_imported():
    """A package's dependencies may go with its next release: what we import ourselves is named, and nothing else is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[^A-Za-z0-9-]", line)[0] for line in project["dependencies"]}
    extras = project["optional-dependencies"]
    declared |= {re.split(r"[^A-Za-z0-9-]", line)[0] for line in [*extras["quill"], *extras["s3"]]}
    modules = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in declared}
    imported = {
        name.split(".")[0]
        for path in python(*CODE)
        for node in ast.walk(tree(path))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    # psycopg is loaded by SQLAlchemy, by the name in the database's address.
    assert imported - sys.stdlib_module_names - {"lib", "pages"} | {"psycopg"} == modules


def test_no_page_lies_where_streamlit_would_run_it_without_the_frame():
    """Streamlit globs pages/*.py and would serve such a page without app.py: no sign-in, no guard."""
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["__init__.py"]
