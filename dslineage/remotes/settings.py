"""Which remotes a repository has, as the configuration of DVC and our own say, and who said it.

Our own files have DVC's vocabulary: sections `['remote "NAME"']` with `url` and options, and
`remote` in `[core]` for the default. What is committed can come from anybody, so it may only say
where a remote is and how to speak to it: whatever names a file or a command of this machine, or
makes a program ask for a password, has to stand in a file of the user's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dslineage.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from dslineage.versions.git import Git

COMMITTED = ".dslineage/config"
_LOCAL = ".dvc/config.local"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_SCHEMES = (
    "", "azure", "gs", "hdfs", "http", "https", "oss", "s3", "ssh", "webdav", "webdavs", "webhdfs",
)  # fmt: skip
_PATHS = {
    "cert_path", "configpath", "credentialpath", "key_path", "keyfile",
}  # fmt: skip
_SAFE = re.compile(
    r"url|jobs|checksum_jobs|verify|type|shared|slow_link_warning|protected|no_traverse"
    r"|version_aware|worktree|region|profile|endpointurl|use_ssl|ssl_verify|listobjects"
    r"|allow_anonymous_login|cache_regions|sse|sse_kms_key_id|acl|grant_[a-z_]+|timeout"
    r"|[a-z]+_timeout|projectname|account_name|tenant_id|client_id|exclude_[a-z_]+|oss_endpoint"
    r"|user|port|gss_auth|allow_agent|max_sessions|auth|method|replication|kerberos"
    r"|kerberos_principal|use_https"
    r"|access_key_id|secret_access_key|session_token|account_key|sas_token|connection_string"
    r"|client_secret|oss_key_id|oss_key_secret|password|token"
)
"""What a committed file may say of a remote."""
SECRETS = re.compile(r"pass|secret|token|key|connection_string|sas|custom_auth")
"""What is not shown, and is kept out of committed files."""


class ConfigFile(NamedTuple):
    """A file that can speak of remotes: where it is, what it is called, whether git carries it."""

    path: Path
    label: str
    committed: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A remote: its options, the address among them, which file gave that, and if it is default.

    `refused` are options that a committed file may not set.
    """

    name: str
    options: Mapping[str, str]
    origin: str
    default: bool = False
    refused: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where it is, without a password."""
        return re.sub(r"^([a-z0-9+.-]+://[^/@:]*):[^/@]*@", r"\1@", self.options.get("url", ""))

    @property
    def scheme(self) -> str:
        """`s3`, `ssh` and so on; empty for a path."""
        return self.url.partition("://")[0].lower() if "://" in self.url else ""

    def to_dict(self) -> dict[str, Any]:
        """The remote as a JSON object; secrets are not in it."""
        shown = {
            name: "…" if SECRETS.search(name) else value
            for name, value in sorted(self.options.items())
            if name != "url"
        }
        return {
            "name": self.name,
            "url": self.url,
            "default": self.default,
            "origin": self.origin,
            "options": shown,
        }


def config_files(git: Git, own: Sequence[Path]) -> list[ConfigFile]:
    """The files that can speak of remotes; a later one goes over those before it.

    Args:
        git: the repository.
        own: the user's own files of DVC.
    """
    return [
        *(ConfigFile(path, str(path), committed=False) for path in own),
        ConfigFile(git.root / ".dvc" / "config", ".dvc/config", committed=True),
        ConfigFile(git.root / _LOCAL, _LOCAL, committed=_came_with_clone(git)),
        ConfigFile(git.root / COMMITTED, COMMITTED, committed=True),
        ConfigFile(own_file(git), ".git/dslineage/config", committed=False),
    ]


def may_be_committed(option: str) -> bool:
    """Whether a file that git carries may set an option; with a secret in it, it should not."""
    return _SAFE.fullmatch(option) is not None


def _came_with_clone(git: Git) -> bool:
    """Whether what is to be the user's own file of DVC was committed here or in a submodule."""
    folder = git.root / ".dvc"
    tracked = git.ask(["ls-files", "-z", "--", f":(icase){_LOCAL}"], globs=True)
    return bool(tracked) or folder.is_symlink() or (folder / ".git").exists()


def own_file(git: Git) -> Path:
    """Where remotes stand that git does not carry, such as those with a password."""
    return git.common_dir / "dslineage" / "config"


def merged(said: Sequence[tuple[ConfigFile, Mapping[str, Any]]]) -> list[Setting]:
    """The remotes that files speak of, sorted by name.

    Args:
        said: each file, and its sections as DVC reads them.
    """
    options: dict[str, dict[str, str]] = {}
    origins: dict[str, str] = {}
    refused: dict[str, list[str]] = {}
    default = ""
    for file, sections in said:
        default = _text(sections.get("core"), "remote") or default
        for name, section in _named(sections):
            own = options.setdefault(name, {})
            for key in section:
                value = _text(section, key)
                if file.committed and not may_be_committed(key):
                    refused.setdefault(name, []).append(f"{key} of {file.label}")
                    continue
                own[key] = _resolved(file.path.parent, key, value)
                if key == "url":
                    origins[name] = file.label
    settings = [
        Setting(name, own, origins.get(name, ""), refused=tuple(refused.get(name, ())))
        for name, own in sorted(options.items())
    ]
    return [_with_default(one, default or _only(settings)) for one in settings]


def chosen(settings: Sequence[Setting], name: str | None) -> Setting:
    """The remote of some name, or the default, ready to be opened.

    Raises:
        NotFoundError: there is none.
        UsageError: what is said of it cannot be followed.
    """
    found = [one for one in settings if (one.name == name if name else one.default)]
    if not found:
        have = ", ".join(one.name for one in settings)
        which = "no remote is the default" if have else "there is no remote yet"
        raise NotFoundError(
            f"there is no remote {name!r}" if name else which,
            kind="no-remote",
            hint=f"--remote with one of: {have}" if have else "dslineage remote add NAME URL",
        )
    return _followed(settings, found[0])


def _followed(settings: Sequence[Setting], setting: Setting) -> Setting:
    """A remote with the options of the one that its address names (`remote://NAME/path`)."""
    for _ in settings:
        if setting.refused:
            raise UsageError(
                f"the remote {setting.name} cannot be used: {', '.join(setting.refused)} would let "
                "whoever committed it choose files or commands of this machine",
                kind="unsafe-remote",
                hint=f"dslineage remote set {setting.name} OPTION=VALUE --local, if it is right",
            )
        if setting.scheme != "remote":
            break
        name, _, path = setting.url.removeprefix("remote://").partition("/")
        base = [one for one in settings if one.name == name.lower()]
        if not base:
            raise NotFoundError(f"there is no remote {name!r}, which {setting.name} names",
                                kind="no-remote", hint="dslineage remote list")  # fmt: skip
        address = f"{base[0].options.get('url', '')}/{path}"
        options = {**base[0].options, **setting.options, "url": address}
        setting = Setting(setting.name, options, setting.origin, setting.default, base[0].refused)
    if not setting.url or setting.scheme not in _SCHEMES:
        raise UsageError(
            f"the remote {setting.name} has no address that can be used: {setting.url!r}",
            kind="bad-remote",
            hint=f"dslineage remote add {setting.name} URL",
        )
    return setting


def _named(sections: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    remotes = sections.get("remote")
    for name, section in remotes.items() if isinstance(remotes, dict) else ():
        if isinstance(section, dict) and NAME.fullmatch(name.lower()):
            yield name.lower(), section


def _text(section: object, key: str) -> str:
    value = section.get(key) if isinstance(section, dict) else None
    return value if isinstance(value, str) else ""


def _resolved(folder: Path, key: str, value: str) -> str:
    """A path as it is meant: from the folder of the file that names it, as in DVC."""
    if key not in _PATHS | {"url"} or "://" in value or not value:
        return value
    return str((folder / Path(value).expanduser()).resolve())


def _only(settings: Sequence[Setting]) -> str:
    return settings[0].name if len(settings) == 1 else ""


def _with_default(setting: Setting, default: str) -> Setting:
    is_default = setting.name == default.lower()
    return Setting(setting.name, setting.options, setting.origin, is_default, setting.refused)
