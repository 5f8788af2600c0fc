"""Files that are replaced whole or not at all, and what killed writers leave."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dslineage.disk import beside, take_places
from dslineage.errors import ResourceError
from dslineage.store.files import replacing, sweep, write_file


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    with replacing(path) as handle:
        handle.write(b"half")
        assert not path.exists()
        handle.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as handle:
        handle.write(b"new" * (1 // 0))
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_file(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    link = tmp_path / "link"
    link.symlink_to(target)
    write_file(link, b"new")
    assert target.read_bytes() == b"precious"
    assert not link.is_symlink()


def test_the_longest_names_have_temporary_files_too(tmp_path: Path) -> None:
    for name in ("x" * 255, "ü" * 127, "☃" * 85):
        write_file(tmp_path / name, b"data")
        sweep(tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"data"


def test_a_name_that_is_too_long_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ResourceError) as caught:
        write_file(tmp_path / ("x" * 256), b"data")
    assert caught.value.kind == "enametoolong"
    assert list(tmp_path.iterdir()) == []


def test_several_files_take_their_places_or_none_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "full").write_bytes(b"")
    done = []
    for name in ("a", "b"):
        with beside(tmp_path / name) as handle:
            handle.write(name.encode())
        done.append((Path(handle.name), tmp_path / name))
    with pytest.raises(IsADirectoryError):
        take_places(done)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


def test_sweeping_takes_only_what_a_killed_writer_of_that_file_left(tmp_path: Path) -> None:
    keep = [".file.tmp", ".file.0123456789ab.tmp2", ".other.0123456789ab.tmp", "file", "x.tmp"]
    for name in [*keep, ".file.0123456789ab.tmp", ".file.ffffffffffff.tmp"]:
        (tmp_path / name).write_bytes(b"")
    sweep(tmp_path / "file")
    assert sorted(os.listdir(tmp_path)) == sorted(keep)  # noqa: PTH208 - names are compared
    sweep(tmp_path / "no" / "such" / "folder")


@pytest.mark.parametrize("code", sorted(errno.errorcode))
def test_whatever_the_machine_refuses_is_one_class_of_error(tmp_path: Path, code: int) -> None:
    with pytest.raises(ResourceError) as caught, replacing(tmp_path / "file"):
        raise OSError(code, os.strerror(code))
    assert f"errno {code}" in caught.value.message
    assert list(tmp_path.iterdir()) == []
