"""What the pages load: vendored at known versions, unchanged, ours alone, small."""

import json
import re
from pathlib import Path

import pytest

from console.showing import STATIC, static
from tools.vendor import ICONS, MANIFEST, PINS, SPRITE, sha256

TEMPLATES = STATIC.parent / "templates"
ENTRIES = json.loads(MANIFEST.read_text(encoding="utf-8"))


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def test_every_vendored_file_is_the_one_the_manifest_names() -> None:
    listed = {name: digest for entry in ENTRIES for name, digest in entry["files"].items()}
    vendored = {
        path.relative_to(STATIC).as_posix()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file() and path != MANIFEST
    }
    assert vendored | {SPRITE.name} == set(listed)
    assert {name: sha256(STATIC / name) for name in listed} == listed


def test_the_manifest_is_what_the_pins_say_and_brings_each_licence() -> None:
    assert [(pin.name, pin.version, pin.licence) for pin in PINS] == [
        (entry["name"], entry["version"], entry["license"]) for entry in ENTRIES
    ]
    for entry in ENTRIES:
        assert entry["integrity"].startswith("sha512-")
        assert any(name.endswith("/LICENSE") for name in entry["files"]), entry["name"]


def test_every_icon_a_template_shows_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', SPRITE.read_text(encoding="utf-8")))
    assert drawn == set(ICONS)
    for path in templates():
        for name in re.findall(r"\bicon\(\s*['\"]([^'\"]+)['\"]", path.read_text(encoding="utf-8")):
            assert name in drawn, f"{path.name} shows {name}"


def test_static_addresses_change_with_the_content() -> None:
    name, _, version = static("desk.css").partition("?v=")
    assert name == "/static/desk.css"
    assert sha256(STATIC / "desk.css").startswith(version)
    assert len(version) >= 8


def test_nothing_is_inline_and_nothing_comes_from_outside() -> None:
    """The content security policy would refuse it in the browser; here it is found without one (design §9 of the desk)."""
    for path in templates():
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"<style\b", text), path.name
        assert not re.search(r"<[^>]*\sstyle\s*=", text), path.name
        assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", text), path.name
        for opening, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, flags=re.DOTALL):
            assert "src=" in opening, path.name
            assert not body.strip(), path.name
        for address in re.findall(r"(?:src|href|action|hx-get|hx-post)=[\"'](https?:)?//", text):
            pytest.fail(f"{path.name} asks another host: {address}")


@pytest.mark.parametrize("name", ["desk.js", "keys.js", "theme.js"])
def test_our_scripts_are_small_and_run_no_text(name: str) -> None:
    script = (STATIC / name).read_text(encoding="utf-8")
    assert len(script.encode()) < 12_000
    assert not re.search(
        r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write|setTimeout\(['\"]", script
    )
    assert not re.search(r"https?://", script)


def test_our_styles_name_no_other_host() -> None:
    for path in (STATIC / "desk.css", STATIC / "vendor/tabler/tabler.min.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text), path.name


def test_every_class_that_is_styled_is_used() -> None:
    """In a template's class attribute, whole or as `chip-{{ … }}`, or in a script."""
    given = [
        attribute
        for path in templates()
        for attribute in re.findall(
            r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
    ]
    scripts = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")]
    used = {word for text in given + scripts for word in re.findall(r"[\w-]+", text)}
    begun = tuple({start for text in given for start in re.findall(r"([\w-]+-)\{\{", text)})
    styled = {
        name
        for path in STATIC.glob("*.css")
        for selector in re.findall(
            r"([^{};]+)\{", re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        )
        for name in re.findall(r"\.([A-Za-z][\w-]*)", selector)
        if not selector.strip().startswith("@")
    }
    ours_by_htmx = {"htmx-request"}
    assert {name for name in styled - used - ours_by_htmx if not name.startswith(begun)} == set()
