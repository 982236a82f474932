# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's signatures, read from the sources in its wheels without importing them. flashinfer_signatures.json has those of what
hipinfer.flashinfer serves, and in which versions there is what it refuses; test_flashinfer_signatures.py compares.

    pip download --no-deps flashinfer-python==0.6.18 -d wheels; pip download --no-deps flashinfer-python==0.7.4 -d wheels
    tests/python/flashinfer_signatures.py --write wheels/*.whl
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, Dict, List, Optional, Set, Tuple

TABLE = Path(__file__).with_suffix(".json")
OURS = Path(__file__).resolve().parents[2] / "bindings/python/hipinfer"
Parameters = List[List[str]]  # name, kind, default as text or "" for none


class Sources:
    """The modules of a package called flashinfer in a wheel or a folder, by file."""

    def __init__(self, where: Path) -> None:
        self.root: Any = zipfile.Path(where) if where.suffix == ".whl" else where
        self.version = where.name.split("-")[1] if where.suffix == ".whl" else ""
        self.trees: Dict[str, ast.Module] = {}

    def file_of(self, module: PurePosixPath) -> Optional[str]:
        return next((f for f in (f"{module}.py", f"{module}/__init__.py") if self.root.joinpath(f).exists()), None)

    def tree(self, file: str) -> ast.Module:
        if file not in self.trees:
            self.trees[file] = ast.parse(self.root.joinpath(file).read_text())
        return self.trees[file]

    def find(self, module: PurePosixPath, name: str, seen: Tuple[str, ...] = ()) -> Optional[ast.stmt]:
        """The last definition of a name that is no overload, here or where it is imported from."""
        file = self.file_of(module)
        if file is None or file in seen:
            return None
        found: Optional[ast.stmt] = None
        for node in ast.walk(self.tree(file)):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name and node in top(self.tree(file)):
                if not any(ast.unparse(d).endswith("overload") for d in node.decorator_list):
                    found = node
            if isinstance(node, ast.ImportFrom) and any((a.asname or a.name) in (name, "*") for a in node.names):
                asked = next((a.name for a in node.names if (a.asname or a.name) == name), name)
                base = module if file.endswith("__init__.py") else module.parent
                for _ in range(node.level - 1):
                    base = base.parent
                if node.level and (there := self.find(base / (node.module or "").replace(".", "/"), asked, (*seen, file))):
                    found = found or there
        return found


def top(tree: ast.Module) -> List[ast.stmt]:
    """The statements of a module, those inside of if, try and with too."""
    found: List[ast.stmt] = []
    waiting: List[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.stmt):
            found.append(node)
        if isinstance(node, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
            waiting += list(ast.iter_child_nodes(node))
    return found


def parameters(node: ast.FunctionDef) -> Parameters:
    a = node.args
    positional = a.posonlyargs + a.args
    defaults: List[Optional[ast.expr]] = [None] * (len(positional) - len(a.defaults)) + list(a.defaults)
    rows = [[p.arg, "positional", "" if d is None else ast.unparse(d)] for p, d in zip(positional, defaults)]
    rows += [[a.vararg.arg, "any positional", ""]] if a.vararg else []
    rows += [[p.arg, "keyword", "" if d is None else ast.unparse(d)] for p, d in zip(a.kwonlyargs, a.kw_defaults)]
    return rows + ([[a.kwarg.arg, "any keyword", ""]] if a.kwarg else [])


def described(node: ast.stmt) -> Any:
    """Parameters of a function; of a class those of each public method."""
    if isinstance(node, ast.FunctionDef):
        return parameters(node)
    assert isinstance(node, ast.ClassDef)
    methods = {}
    for m in node.body:
        overloaded = isinstance(m, ast.FunctionDef) and any(ast.unparse(d).endswith("overload") for d in m.decorator_list)
        if isinstance(m, ast.FunctionDef) and not overloaded and (m.name == "__init__" or not m.name.startswith("_")):
            methods[m.name] = parameters(m)
        elif isinstance(m, ast.Assign) and isinstance(m.value, ast.Name) and m.value.id in methods:  # begin_forward = plan
            methods[ast.unparse(m.targets[0])] = methods[m.value.id]
    return methods


def missing() -> Set[str]:
    """The names, module.name, that hipinfer.flashinfer refuses to call."""
    for node in Sources(OURS).tree("flashinfer/_missing.py").body:
        if isinstance(node, ast.AnnAssign) and node.value is not None and ast.unparse(node.target) == "NAMES":
            return {f"{module}.{name}" for module, names in ast.literal_eval(node.value).items() for name in names}
    raise AssertionError("_missing.py has no NAMES")


def ours() -> Dict[str, Any]:
    """{module.name: what it takes} of hipinfer.flashinfer's public functions and classes; a class has its bases' methods, too."""
    sources, found = Sources(OURS), {}
    classes: Dict[str, ast.ClassDef] = {}
    for file in sorted((OURS / "flashinfer").glob("*.py")):
        for node in top(sources.tree(f"flashinfer/{file.name}")):
            if isinstance(node, ast.ClassDef):
                classes[node.name] = node

    def methods(node: ast.ClassDef) -> Dict[str, Parameters]:
        inherited = [methods(classes[base.id]) for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
        return {name: taken for one in [*inherited, described(node)] for name, taken in one.items()}

    for file in sorted((OURS / "flashinfer").glob("[!_]*.py")):
        for node in top(sources.tree(f"flashinfer/{file.name}")):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                found[f"{file.stem}.{node.name}"] = methods(node) if isinstance(node, ast.ClassDef) else described(node)
    return found


def table(wheels: List[Path]) -> Dict[str, Any]:
    """{module.name: {version: what it takes}} of what is served, {module.name: [version]} of what is refused."""
    served: Dict[str, Any] = {}
    refused: Dict[str, Any] = {}
    for wheel in wheels:
        sources = Sources(wheel)
        for full in ours().keys() | missing():
            module, name = full.split(".")
            # Some packages hold a module of the same name whose functions they do not hand on.
            node = (sources.find(PurePosixPath("flashinfer") / module, name) or
                    sources.find(PurePosixPath("flashinfer") / module / module, name))
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and full in missing():
                refused.setdefault(full, []).append(sources.version)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                served.setdefault(full, {})[sources.version] = described(node)
    return dict(sorted((served | refused).items()))


def text(found: Dict[str, Any]) -> str:
    """JSON, a name and version a line."""
    rows = []
    for name, versions in found.items():
        if isinstance(versions, list):
            rows.append(f"  {json.dumps(name)}: {json.dumps(versions)}")
            continue
        inner = ",\n".join(f"    {json.dumps(v)}: {json.dumps(given)}" for v, given in sorted(versions.items()))
        rows.append(f"  {json.dumps(name)}: {{\n{inner}\n  }}")
    return "{\n" + ",\n".join(rows) + "\n}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table; without it print how it differs")
    parser.add_argument("wheels", nargs="+", type=Path, help="FlashInfer's wheels, one a version")
    args = parser.parse_args()
    made = text(table(args.wheels))
    if args.write:
        TABLE.write_text(made)
        return 0
    if TABLE.exists() and TABLE.read_text() == made:
        return 0
    print(f"{TABLE.name} is not what the wheels hold: --write", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
