"""What is compiled: the same as in Python, without warnings, and inside its memory."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dslineage.adapters import folding, native
from tests.adapters.strategies import texts

SOURCE = Path(folding.__file__).with_name("native.c")
ROOT = SOURCE.parents[2]


def test_what_can_be_compiled_here_is_compiled() -> None:
    assert native.COMPILED or shutil.which("cc") is None


@pytest.fixture(scope="session")
def in_python() -> ModuleType:
    """The module as it is without a compiler."""
    loader = importlib.machinery.SourceFileLoader("in_python", str(SOURCE.with_suffix(".py")))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@given(st.binary() | texts.map(str.encode))
@example(bytes(range(256)))
def test_folding_is_the_same_compiled_or_not(in_python: ModuleType, data: bytes) -> None:
    assert native.fold(data) == in_python.fold(data)


@pytest.mark.skipif(not native.COMPILED, reason="there was no C compiler")
@pytest.mark.parametrize(
    "stencil",
    [
        (((b"", 9),), ()),
        (((b"", -1),), ()),
        (((b"", "x"),), ()),
        (((b"", 1 << 70),), ()),
        ((3,), ()),
        ((), (b"", 9)),
        ((), ("x",)),
        ((), 3),
        (3, ()),
        (),
        3,
    ],
)
def test_a_stencil_that_is_none_is_an_error_and_no_crash(stencil: Any) -> None:
    sound: Any = (((b"<", 0, b">"),), (0, b"!"))
    known = {b'{"a":"-"}': sound}
    assert native.press(rb'{"a":"b\n"}', known, b"") == (rb"<b\n>", b"b\n!", sound)
    with pytest.raises((TypeError, IndexError, OverflowError, SystemError)):
        native.press(b'{"a":"b"}', {b'{"a":"-"}': stencil}, b"")


def test_damaged_records_are_read_inside_their_memory(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("there is no gcc")
    found = [
        subprocess.run(
            ["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True
        )
        for name in ("libasan.so", "libubsan.so")
    ]
    sanitizers = [one.stdout.strip() for one in found]
    if not all(map(os.path.isabs, sanitizers)):
        pytest.skip("gcc came without its sanitizers")
    built = tmp_path / "native.abi3.so"
    include = sysconfig.get_paths()["include"]
    flags = "-g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all"
    command = [
        "gcc",
        *flags.split(),
        "-shared",
        "-fPIC",
        f"-I{include}",
        str(SOURCE),
        "-o",
        str(built),
    ]
    subprocess.run(command, check=True)
    ended = subprocess.run(
        [sys.executable, "-m", "tests.adapters.hammer", str(built), "10000", "1"],
        cwd=ROOT,
        env={
            **os.environ,
            "LD_PRELOAD": " ".join(sanitizers),
            "ASAN_OPTIONS": "detect_leaks=0",
            "PYTHONMALLOC": "malloc",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert int(ended.stdout) > 100
