"""The one place that knows DVC: its configuration files and its file systems.

Nothing of a repository of DVC is opened: an address and its options are enough, and no cache, no
index and no lock of DVC is touched. Unlike DVC, nobody is asked for a password, a server's host
key has to be known, and no SSH agent is lent to a server.
"""

from __future__ import annotations

import io
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dslineage.disk import beside, make_folder, take_places
from dslineage.errors import RemoteError, UsageError
from dslineage.packages import optional
from dslineage.remotes.remote import Listed, Moved, OldVersion
from dslineage.remotes.settings import Setting
from dslineage.room import FULL, free_bytes
from dslineage.store.files import write_file

PREFIX = "dslineage"
"""The folder of a remote that is ours."""
_PIECE = 8 << 20
_MOST_JOBS = 8
_LONGEST = 1 << 20
_CONNECT_SECONDS = 30
_MISSING = "pip install 'dslineage[dvc]' 'dvc[{}]'"
_FAILURES = {
    "asyncssh": ("Error",),
    "aiohttp": ("ClientError",),
    "azure.core.exceptions": ("AzureError",),
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "dvc.exceptions": ("DvcException",),
    "dvc_objects.fs.errors": ("AuthError", "ConfigError"),
    "google.auth.exceptions": ("GoogleAuthError",),
    "requests": ("RequestException",),
}
"""What the libraries below DVC raise, where they do not make an OSError of it."""


def own_files() -> list[Path]:
    """The user's own configuration files of DVC, the machine's first."""
    optional("dvc")
    from dvc.config import Config

    return [Path(Config.get_dir(level)) / Config.CONFIG for level in Config.SYSTEM_LEVELS]


def read_sections(path: Path) -> Mapping[str, Any]:
    """The sections of a configuration file; none where there is no file, or a symbolic link.

    Raises:
        UsageError: it cannot be read.
    """
    if path.is_symlink() or not path.is_file():
        return {}
    optional("dvc")
    from configobj import ConfigObjError
    from dvc.config import Config, ConfigError

    try:
        if path.stat().st_size > _LONGEST or b"\0" in path.read_bytes():
            message = f"{path} is no configuration: it is too large, or no text"
            raise UsageError(message, kind="bad-config")
        sections: Mapping[str, Any] = Config.load_file(str(path))
    except (ConfigError, ConfigObjError, OSError) as error:
        raise UsageError(f"{path} cannot be read: {said(error)}", kind="bad-config") from error
    return sections


def write_remote(path: Path, name: str, options: Mapping[str, str] | None, default: str) -> None:
    """Say in a configuration file what a remote is, or with None that it is gone.

    Args:
        path: the file; what else it says stays, comments too.
        name: the remote.
        options: its address and options, or None.
        default: the name of the default remote, empty for none.
    """
    from configobj import ConfigObj

    config = ConfigObj(str(path) if path.exists() else None, encoding="utf-8", interpolation=False)
    section = f'remote "{name}"'
    if options is None:
        config.pop(section, None)
    else:
        config[section] = dict(options)
    if default:
        config.setdefault("core", {})["remote"] = default
    elif "core" in config:
        config["core"].pop("remote", None)
        if not config["core"]:
            del config["core"]
    if not config:
        path.unlink(missing_ok=True)
        return
    config.filename = None
    with io.BytesIO() as out:
        config.write(out)
        write_file(path, out.getvalue())


class DvcRemote:
    """A remote that a file system of DVC reaches.

    Args:
        setting: what is said of it.
        prefix: the folder of it that names are relative to.
    """

    def __init__(self, setting: Setting, prefix: str = PREFIX) -> None:
        self.name = setting.name
        self.url = setting.url
        self._setting = setting
        self._prefix = prefix
        self._known: set[str] = set()

    @property
    def jobs(self) -> int:
        """How many files may be on their way at once."""
        return min(_MOST_JOBS, int(self._opened[0].jobs))

    @property
    def reads_back(self) -> bool:
        """Whether what was written can be read again at the cost of a disk."""
        return self._setting.scheme == ""

    def listing(self, folder: str) -> list[Listed]:
        """The files of a folder as the remote has them now; none where there is no folder."""
        with self._answers(folder or self._prefix):
            system, _ = self._opened
            system.fs.invalidate_cache()
            try:
                entries = system.ls(self._path(folder), detail=True)
                return [
                    Listed(str(entry["name"]).rpartition("/")[2], int(entry["size"]), _time(entry))
                    for entry in entries
                    if entry["type"] == "file" and not entry.get("islink")
                ]
            except (FileNotFoundError, NotADirectoryError):
                return []

    def old_versions(self, folder: str) -> list[OldVersion]:
        """What it keeps of files of a folder that are no more: only buckets of S3 are asked."""
        if self._setting.scheme != "s3":
            return []
        with self._answers(folder):
            system, _ = self._opened
            bucket, prefix, _ = system.fs.split_path(f"{self._path(folder)}/")
            found: list[OldVersion] = []
            after: Mapping[str, str] | None = {}
            while after is not None:
                page = system.fs.call_s3(
                    "list_object_versions", Bucket=bucket, Prefix=prefix, **after
                )
                found += [
                    OldVersion(
                        one["Key"].removeprefix(prefix),
                        f"s3://{bucket}/{one['Key']}?versionId={one['VersionId']}",
                    )
                    for one in page.get("Versions", ())
                    if not one["IsLatest"]
                ]
                after = _next_page(page)
            return found

    def put(self, source: Path, name: str, moved: Moved) -> None:
        """Copy a file to the remote, to be seen under its name when it is there whole."""
        with self._answers(name):
            system, _ = self._opened
            if self.reads_back:
                _copy(source, Path(self._path(name)), moved)
                return
            if (folder := system.parent(self._path(name))) not in self._known:
                system.makedirs(folder, exist_ok=True)
                self._known.add(folder)
            system.fs.put_file(str(source), self._path(name), callback=_counting(moved))

    def get(self, name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes of a file from some place on, in pieces; with `stop`, just these at once.

        A file that is read to its end is read ahead, some of a file is not.
        """
        if stop is not None:
            with self._answers(name):
                some = self._some(self._path(name), start, stop)
            yield some
            return
        with self._answers(name):
            system, _ = self._opened
            options = {} if self.reads_back else {"block_size": _PIECE}
            handle = system.open(self._path(name), "rb", **options)
        try:
            with self._answers(name):
                _skip(handle, start)
            while True:
                with self._answers(name):
                    piece: bytes = handle.read(_PIECE)
                if not piece:
                    return
                yield piece
        finally:
            with self._answers(name):
                handle.close()

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self._answers(name), suppress(FileNotFoundError):
            self._opened[0].rm_file(self._path(name))

    def _some(self, path: str, start: int, stop: int) -> bytes:
        """Some bytes of a file, asked for with as few requests as there can be."""
        system, _ = self._opened
        if not self.reads_back and system.protocol != "ssh":
            found: bytes = system.cat_file(path, start=start, end=stop)
            return found
        with system.open(path, "rb") as handle:  # sshfs reads the whole file in `cat_file`
            handle.seek(start)
            some: bytes = handle.read(stop - start)
            return some

    def _path(self, name: str) -> str:
        system, root = self._opened
        path: str = system.join(root, *filter(None, [self._prefix, *name.split("/")]))
        return path

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        optional("dvc")
        from dvc.config import ConfigError
        from dvc.fs import RemoteMissingDepsError, get_cloud_fs

        try:
            kind, options, path = get_cloud_fs(
                {"remote": {self.name: dict(self._setting.options)}}, name=self.name
            )
            if kind.protocol == "ssh":
                return _secure_shell(kind, options), str(path)
            if kind.protocol == "s3":
                options = {"connect_timeout": _CONNECT_SECONDS} | options
            return kind(**options), str(path)
        except ConfigError as error:
            raise UsageError(
                f"DVC does not understand what is said of the remote {self.name}: {said(error)}",
                kind="bad-remote",
                hint=f"dslineage remote set {self.name} OPTION=VALUE",
            ) from error
        except RemoteMissingDepsError as error:
            raise UsageError(
                f"the remote {self.name} needs packages that are not installed: "
                f"{', '.join(error.missing_deps)}",
                kind="missing-package",
                hint=_MISSING.format(self._setting.scheme),
            ) from None

    @contextmanager
    def _answers(self, name: str) -> Iterator[None]:
        """Make a RemoteError of whatever a remote, or the way to it, does instead of answering."""
        try:
            yield
        except FileNotFoundError as error:
            message = f"{self.url} has no {name}: {said(error)}"
            raise RemoteError(message, kind="missing-on-remote") from error
        except PermissionError as error:
            message = f"{self.url} refuses {name}: {said(error)}"
            raise RemoteError(message, kind="remote-refused") from error
        except _failures() as error:
            full = isinstance(error, OSError) and error.errno in FULL
            why = "has no room for" if full else "failed at"
            message = f"{self.url} {why} {name}: {said(error)}"
            if full and self.reads_back:
                message += f", {free_bytes(Path(self._path(name))):,} bytes are free"
            kind = "remote-full" if full else "remote-failed"
            raise RemoteError(message, kind=kind, hint=self._remedy(error)) from error

    def _remedy(self, error: BaseException) -> str:
        """What helps before the same command is run again; empty where nothing has to be done."""
        if type(error).__name__ != "HostKeyNotVerifiable":
            return ""
        place = urlsplit(self._setting.url)
        port = self._setting.options.get("port") or place.port
        user = self._setting.options.get("user") or place.username
        host = shlex.quote(f"{user}@{place.hostname}" if user else str(place.hostname))
        return f"look at its key, once: ssh {f'-p {port} ' if port else ''}{host} true"


def _secure_shell(kind: Any, options: Mapping[str, Any]) -> Any:
    """A file system over SSH that asks nobody, knows its host, and lends no agent."""
    from asyncssh import SSHClient

    ours = {"client_factory": SSHClient, "agent_forwarding": False}
    system = kind(**{"timeout": _CONNECT_SECONDS} | dict(options) | ours)
    system.fs_args["known_hosts"] = ()  # those of ~/.ssh/known_hosts, as in OpenSSH
    return system


def _copy(source: Path, target: Path, moved: Moved) -> None:
    """Copy a file on this machine, durably and at once."""
    make_folder(target.parent)
    with source.open("rb") as reading, beside(target) as writing:
        while piece := reading.read(_PIECE):
            writing.write(piece)
            moved(len(piece))
    take_places([(Path(writing.name), target)])


def _time(entry: Mapping[str, Any]) -> float | None:
    """When a file was written, as file systems say it."""
    found = entry.get("mtime") or entry.get("LastModified") or entry.get("last_modified")
    if isinstance(found, datetime):
        return found.timestamp()
    return float(found) if isinstance(found, int | float) else None


def _next_page(page: Mapping[str, Any]) -> Mapping[str, str] | None:
    """From where on versions of files are asked for after a page of them; None: it was the last."""
    if not page["IsTruncated"]:
        return None
    names = {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"}
    return {name: page[found] for name, found in names.items() if found in page}


def _skip(handle: Any, size: int) -> None:
    """Pass over the first bytes of a file, without asking for them where a server can do that."""
    try:
        handle.seek(size)
    except ValueError:
        while size and (piece := handle.read(min(size, _PIECE))):
            size -= len(piece)


def _counting(moved: Moved) -> Any:
    """A callback of fsspec that tells how many bytes went over the line since the last time."""
    from fsspec.callbacks import Callback

    seen = 0

    def called(_: int | None, value: int, **__: Any) -> None:
        nonlocal seen
        moved(max(0, value - seen))
        seen = value

    return Callback(hooks={"moved": called})


def _failures() -> tuple[type[BaseException], ...]:
    """What is raised where a remote fails, by the libraries in use."""
    return (
        OSError,
        EOFError,
        *(
            getattr(sys.modules[module], name)
            for module, names in _FAILURES.items()
            if module in sys.modules
            for name in names
            if hasattr(sys.modules[module], name)
        ),
    )


def said(error: BaseException) -> str:
    """The first line of what an error says."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
