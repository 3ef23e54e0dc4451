"""What pages link to in the rest of the repository: some becomes a page, a file is copied, a folder stays text."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
DOCS = "docs"
#: Documents that are written elsewhere, and the pages that they become.
PAGES = {
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changes.md",
    "core/DESIGN.md": "design.md",
    "python/README.md": "packages/python.md",
    "node/README.md": "packages/node.md",
    "wasm/README.md": "packages/edge.md",
}
#: Reference pages that typedoc wrote before, from the types of the npm packages.
REFERENCE = {
    "reference/node.md": ("Node.js API", ROOT / ".build/reference/node/index.md"),
    "reference/edge.md": ("WebAssembly API", ROOT / ".build/reference/wasm/index.md"),
}
SOURCES = {page: source for source, page in PAGES.items()}
FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are written elsewhere."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    for page, (title, path) in REFERENCE.items():
        files.append(File.generated(config, page, content=f"# {title}\n\n{path.read_text(encoding='utf-8')}"))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links within the repository into links within the site."""
    here = page.file.src_uri
    if here in REFERENCE:
        return markdown.replace("\\<", "&lt;")  # Python-Markdown knows no such escape
    folder = posixpath.dirname(SOURCES.get(here, f"{DOCS}/{here}"))

    def turned(match: re.Match[str]) -> str:
        text, link, anchor = match.groups()
        if "://" in link or link.startswith("mailto:"):
            return match[0]
        path = posixpath.normpath(posixpath.join(folder, link))
        if path == "README.md":
            path = f"{DOCS}/index.md"
        target = PAGES.get(path, path.removeprefix(f"{DOCS}/") if path.startswith(f"{DOCS}/") else None)
        if target is None:
            if (ROOT / path).is_dir():
                return text
            target = f"repository/{path}" + (".txt" if path.endswith(".md") else "")
            if (ROOT / path).is_file() and files.get_file_from_path(target) is None:
                files.append(File.generated(config, target, content=(ROOT / path).read_bytes()))
        return f"[{text}]({posixpath.relpath(target, posixpath.dirname(here) or '.')}{anchor or ''})"

    return "".join(part if part.startswith("```") else LINK.sub(turned, part) for part in FENCED.split(markdown))
