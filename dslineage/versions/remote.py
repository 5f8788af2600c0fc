"""Files on remotes: what is behind a URL, and its bytes, read once from front to back.

Every file system that fsspec knows will do. Credentials are its business and that of the library
below it; nothing is ever written to a remote here.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from dslineage.errors import RemoteError, UsageError
from dslineage.ids import Digest
from dslineage.packages import optional
from dslineage.records import POINTER_SUFFIX, name_like
from dslineage.store.files import replacing
from dslineage.versions.catalog import joined
from dslineage.versions.filenames import is_data, stem
from dslineage.versions.worktree import DataFiles

if TYPE_CHECKING:
    from dslineage.versions.options import Report

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://.+", re.DOTALL)
_PIECE = 8 << 20
_IDENTITY = ("size", "ETag", "etag", "mtime", "LastModified", "last_modified", "md5Hash", "created")
"""What file systems say of a file that is other when its bytes are."""
_LIBRARIES = {
    "aiohttp": ("ClientError",),
    "azure.core.exceptions": ("AzureError",),
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "google.auth.exceptions": ("GoogleAuthError",),
    "httpx": ("HTTPError",),
    "httpx2": ("HTTPError",),
    "paramiko": ("SSHException",),
    "requests": ("RequestException",),
}
"""What the libraries below fsspec raise, where fsspec does not make an OSError of it."""


def is_url(text: str) -> bool:
    """Whether a text names a file on a remote, such as `s3://bucket/train.jsonl`."""
    return _URL.fullmatch(text) is not None


def remote_files(urls: Sequence[str], folder: str, name: str | None) -> DataFiles:
    """The data set of one file, one folder, or several files on a remote.

    Args:
        urls: where they are.
        folder: where the pointer goes, relative to the repository.
        name: the data set's name, if it is given.

    Raises:
        UsageError: a URL would tell a secret, or they have nothing in common or no name.
        RemoteError: the remote refuses, or nothing is there.
    """
    several = list(dict.fromkeys(url.rstrip("/") for url in urls))
    for url in several:
        _refuse_secrets(url)
    if len(several) > 1 and name is None:
        raise UsageError("several files need a name for their data set", kind="name-missing",
                         hint="dslineage add URL --name NAME")  # fmt: skip
    parents = [url.split("/")[:-1] for url in several]
    base = "/".join(os.path.commonprefix(parents))  # noqa: RUF071 - of lists, not characters
    if not base:
        raise UsageError("the files of a data set are on one remote", kind="several-remotes")
    found = [(url, file) for url in several for file in _files_at(url)]
    names = tuple(dict.fromkeys(file.removeprefix(f"{base}/") for _, file in found))
    last = several[0].rpartition("/")[2]
    chosen = name or (last if found[0][0] != found[0][1] else stem(last))
    for one in names:
        parts = PurePosixPath(one).parts
        if "/".join(parts) != one or {"..", ".git", ".dslineage"}.intersection(parts):
            raise UsageError(f"no record can name the file {base}/{one}", kind="bad-path")
    beside = last if len(several) == 1 else chosen
    pointer = joined(folder, beside + POINTER_SUFFIX)
    return DataFiles(chosen, folder, pointer, names, named=name is not None, base=base)


def fetch(base: str, names: Sequence[str], folder: Path, report: Report | None) -> None:
    """Copy files of a remote below a folder, a few megabytes in memory at a time.

    Args:
        base: the URL that the names are relative to.
        names: the files.
        folder: where the copies go; where one fails, it is as it was.
        report: called as the work goes on.

    Raises:
        RemoteError: the remote refuses or goes away, or a file changes while it is read.
    """
    from dslineage.versions.options import Progress

    total = sum(_size(f"{base}/{name}") for name in names)
    done = 0
    for name in names:
        with replacing(folder / name, durable=False) as handle:
            for piece in _pieces(f"{base}/{name}"):
                handle.write(piece)
                done += len(piece)
                if report is not None:
                    report(Progress("fetching", done, max(done, total)))


def remote_digest(url: str) -> Digest:
    """The SHA-256 of a file on a remote, read whole.

    Raises:
        RemoteError: the remote refuses or goes away, or the file changes while it is read.
    """
    hasher = hashlib.sha256()
    for piece in _pieces(url):
        hasher.update(piece)
    return Digest(hasher.digest())


def _pieces(url: str) -> Iterator[bytes]:
    with _answers(url):
        system, path = _located(url)
        before = _identity(system, path)
        handle = system.open(path, "rb", block_size=_PIECE)
    try:
        while True:
            with _answers(url):
                piece: bytes = handle.read(_PIECE)
            if not piece:
                break
            yield piece
    finally:
        handle.close()
    with _answers(url):
        after = _identity(system, path)
    if before != after:
        raise RemoteError(
            f"{url} changed while it was read; nothing was recorded",
            kind="changed-while-reading",
            hint="wait until it is written, then run the same command again",
        )


def _files_at(url: str) -> list[str]:
    """The URL of a file, or those of the data files below a folder, hidden ones aside."""
    with _answers(url):
        system, path = _located(url)
        if system.info(path)["type"] != "directory":
            return [url]
        below = [str(one)[len(path.rstrip("/")) + 1 :] for one in sorted(system.find(path))]
    inner = [one for one in below if not re.search(r"(^|/)[._]", one)]
    names = [one for one in inner if is_data(one.rpartition("/")[2])]
    if not names:
        raise UsageError(f"there is no data file in {url}", kind="no-data")
    return [f"{url}/{one}" for one in names]


def _size(url: str) -> int:
    with _answers(url):
        system, path = _located(url)
        return int(system.info(path).get("size") or 0)


def _identity(system: Any, path: str) -> list[str]:
    system.invalidate_cache()
    info = system.info(path)
    return [str(info.get(key)) for key in _IDENTITY]


def _located(url: str) -> tuple[Any, str]:
    """The file system that a URL names, and the path in it.

    Raises:
        UsageError: there is none for it here, or a package for it is missing.
    """
    from fsspec.core import url_to_fs

    scheme = url.partition("://")[0].lower()
    if "::" in url or scheme in {"file", "local"}:
        raise UsageError(
            f"{url} is no file on a remote", kind="bad-url", hint="name it by its path"
        )
    if scheme in {"s3", "s3a"}:
        optional("s3fs")
    try:
        system, path = url_to_fs(url)
    except ImportError as error:
        raise UsageError(
            f"{url} needs a package that is not installed: {error}",
            kind="missing-package",
            hint=f"pip install 'fsspec[{scheme}]'",
        ) from None
    except ValueError as error:
        raise UsageError(f"{url} cannot be read: {error}", kind="bad-url") from error
    return system, str(path)


@contextmanager
def _answers(url: str) -> Iterator[None]:
    """Make a RemoteError of whatever a remote, or the way to it, does instead of answering."""
    try:
        yield
    except FileNotFoundError as error:
        raise RemoteError(
            f"there is no file {url}",
            kind="no-remote-file",
            hint="look at the URL, and at which account asks for it",
        ) from error
    except PermissionError as error:
        raise RemoteError(
            f"{url} may not be read: {_said(error)}",
            kind="remote-refused",
            hint="look at your credentials for it",
        ) from error
    except _failures() as error:
        raise RemoteError(
            f"{url} cannot be read: {_said(error)}",
            kind="remote-failed",
            hint="look at the network and your credentials, then run the same command again",
        ) from error


def _failures() -> tuple[type[BaseException], ...]:
    """What is raised where a remote fails: OSError, and the errors of those libraries in use."""
    return OSError, *(
        getattr(sys.modules[module], name)
        for module, names in _LIBRARIES.items()
        if module in sys.modules
        for name in names
    )


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _refuse_secrets(url: str) -> None:
    """Refuse a URL with a password or a signature in it: records are committed, and shared."""
    scheme, _, rest = url.partition("://")
    user, at, _ = rest.partition("/")[0].rpartition("@")
    if (at and ":" in user) or (scheme.lower() in {"http", "https"} and "?" in rest):
        shown = f"{scheme}://…{rest.partition('?')[0].rpartition('@')[2]}"
        raise UsageError(
            f"the URL {shown} has a password or a query in it, which would be in git for all",
            kind="secret-url",
            hint="give the URL without it: credentials come from the environment, as for any "
            "program that reads from there",
        )
    if not is_url(url):
        raise UsageError(
            f"the files of a data set are all on a remote, or none is: {url} is not",
            kind="several-remotes",
            hint=f"dslineage add URL --name {name_like(url)}",
        )
