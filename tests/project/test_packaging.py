"""The wheel installs three packages, and nothing imports upwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_holds_three_packages_and_the_demo(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build back end is not installed")
    build = "from hatchling.build import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    (info,) = [name for name in top if name.endswith(".dist-info")]
    assert top - {info} == {"dslineage", "dslineage_cli", "dslineage_hooks"}
    assert {f"{package}/py.typed" for package in top - {info}} <= set(names)
    assert "dslineage_cli/demo/texts.json" in names
    lexicons = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("dslineage/**/*.txt")}
    assert "dslineage/quality/lexicons/refusal@1.txt" in lexicons
    assert lexicons <= set(names)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, to be broken."""
    for folder in ("dslineage", "cli", "hooks"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of a copy of the project."""
    path = os.pathsep.join(str(folder / place) for place in (".", "cli", "hooks"))
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "upwards"),
    [
        ("dslineage/ids.py", "import dslineage.records"),
        ("dslineage/store/pack.py", "import dslineage.versions.stored"),
        ("dslineage/versions/stored.py", "import dslineage.diff.result"),
        ("dslineage/diff/result.py", "import dslineage.repository"),
        ("dslineage/repository.py", "import dslineage_cli.page"),
        ("dslineage/formats/base.py", "import dslineage.adapters.base"),
        ("hooks/dslineage_hooks/__init__.py", "import dslineage_cli.page"),
    ],
)
def test_an_import_that_points_upwards_breaks_a_contract(
    copy: Path, module: str, upwards: str
) -> None:
    pytest.importorskip("importlinter", reason="the linters are not installed")
    with (copy / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{upwards}\n")
    ran = lint_imports(copy)
    assert ran.returncode == 1
    assert "BROKEN" in ran.stdout
    assert upwards.removeprefix("import ") in ran.stdout


def test_every_module_of_the_library_stands_in_a_layer() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    layers = {
        module.strip(" ()")
        for contract in tool["importlinter"]["contracts"]
        for layer in contract["layers"]
        for module in layer.split("|")
    }
    library = ROOT / "dslineage"
    found = {f"dslineage.{path.stem}" for path in library.iterdir()
             if path.suffix == ".py" or (path / "__init__.py").exists()}  # fmt: skip
    verbs = {f"dslineage.verbs.{path.stem}" for path in (library / "verbs").glob("[!_]*.py")}
    assert (found | verbs) - {"dslineage.__init__", "dslineage.verbs"} <= layers
