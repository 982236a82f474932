# SPDX-License-Identifier: Apache-2.0
"""Stages the site's pages for mkdocs (docs/mkdocs.yml names this as its hook): every Markdown file of the repository where it lies
there, the generated reference beside them, and whatever else they link to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]*)?\)")
CODE = re.compile(r"^( *)```.*?^\1```|`[^`\n]+`", re.S | re.M)
sys.path.insert(0, str(ROOT / "src/gen"))

import read  # noqa: E402
import readme  # noqa: E402
import reference  # noqa: E402


def repository_pages() -> list[Path]:
    """Markdown files that git knows or would add; without git, those outside of hidden and build folders."""
    found = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True)
    if found.returncode == 0:
        paths = [Path(line) for line in found.stdout.splitlines()]
    else:
        paths = [p.relative_to(ROOT) for p in ROOT.rglob("*.md")]
        paths = [p for p in paths if not any(part.startswith((".", "build", "target")) for part in p.parts)]
    return sorted(p for p in paths if (ROOT / p).exists())


def with_links_of_the_site(text: str, page: Path, linked: set[Path]) -> str:
    """A link to a folder goes to its README, or is plain text if it has none: a site shows no folders. Collects linked files."""
    def of_site(match: re.Match[str]) -> str:
        target = os.path.normpath(page.parent / match[1])
        if not (ROOT / target).exists():
            return match[0]  # mkdocs says that it is broken
        if (ROOT / target).is_dir():
            if not (ROOT / target / "README.md").exists():
                return "](\0)"
            return f"]({match[1].rstrip('/')}/README.md{match[2] or ''})"
        if not target.endswith(".md"):
            linked.add(Path(target))
        return match[0]

    code = [m.span() for m in CODE.finditer(text)]
    text = LINK.sub(lambda m: m[0] if any(a <= m.start() < b for a, b in code) else of_site(m), text)
    return re.sub(r"\[([^\[\]]*)\]\(\0\)", r"\1", text)


def stage(folder: Path) -> None:
    """Writes what differs, so that `serve` sees no change where there is none, and removes what is gone."""
    linked: set[Path] = {Path("docs/site.css")}
    files: dict[Path, bytes] = {}
    families = read.read_all()
    for page in repository_pages():
        text = (ROOT / page).read_text(encoding="utf-8")
        if page == Path("README.md"):
            # The reference is at hand: names that lead there in the place of the long table.
            before, rest = text.split(readme.BEGIN)
            text = before + reference.names(families) + rest.split(readme.END)[1]
        files[page] = with_links_of_the_site(text, page, linked).encode()
    for name, text in reference.pages(families).items():
        files[Path("reference") / name] = text.encode()
    for path in linked:
        files[path] = (ROOT / path).read_bytes()
    for old in [p for p in folder.rglob("*") if p.is_file() and p.relative_to(folder) not in files]:
        old.unlink()
    for path, data in files.items():
        target = folder / path
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def listed(nav) -> set[str]:
    if isinstance(nav, str):
        return {nav}
    return {path for item in (nav.values() if isinstance(nav, dict) else nav or []) for path in listed(item)}


def on_config(config):
    stage(Path(config.docs_dir))
    operations = [{reference.title(f.name): [{op.name: f"reference/{op.name}.md"} for op in sorted(f.ops, key=lambda op: op.name)]}
                  for f in reference.in_order(read.read_all())]
    kernels = {"Which card, which kernel, which dtype": "reference/kernels.md"}
    for section in config.nav:
        if "Reference" in section:
            section["Reference"] = [{"All operations": "reference/index.md"}, kernels, *operations]
    # A page that nobody put into the navigation is found all the same.
    more = [str(p) for p in repository_pages() if str(p) not in listed(config.nav)]
    if more and not any("More" in section for section in config.nav):
        config.nav.append({"More": more})
    watched = ("README.md", "docs", "src/ops", "src/gen", "bindings/python", "examples")
    config.watch = [*config.watch, *(str(ROOT / p) for p in watched)]
    return config
