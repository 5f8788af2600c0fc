"""What a stranger's repository, or a stranger's remote, cannot do."""

from __future__ import annotations

import hashlib
import re
import tracemalloc
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dslineage.errors import NotFoundError, RemoteError, UsageError
from dslineage.ids import Digest
from dslineage.remotes.copies import Copy, Holding
from dslineage.remotes.fetching import fetch
from dslineage.remotes.settings import COMMITTED
from dslineage.store.columns import write_columns
from dslineage.store.layout import Gaps, Layout
from dslineage.store.pack import PACK_ROWS
from dslineage.verbs.remotes import versions
from tests.remotes.faulty import FaultyRemote, after
from tests.remotes.support import DATA, Folder, clone
from tests.versions.support import Bench

HEX = "ab" * 32


def configure(bench: Bench, text: str, file: str = COMMITTED) -> None:
    path = bench.root / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    "option",
    [
        "ask_password = true",
        "bearer_token_command = touch owned",
        "cert_path = ../secret.pem",
        "configpath = ../aws",
        "credentialpath = ../aws",
        "gdrive_user_credentials_file = ../token",
        "invented_later = 1",
        "keyfile = ../key",
    ],
)
@pytest.mark.parametrize("file", [COMMITTED, ".dvc/config"])
def test_a_committed_file_chooses_no_files_and_no_commands(
    here: Bench, option: str, file: str
) -> None:
    configure(here, f"['remote \"x\"']\nurl = webdav://example.org/x\n{option}\n", file)
    key = option.split(" ", maxsplit=1)[0]
    with pytest.raises(UsageError, match=f"the remote x cannot be used: {key} of {file}") as caught:
        here.repo.remotes.push(remote="x")
    assert caught.value.kind == "unsafe-remote"


def test_no_program_of_an_aws_configuration_in_the_repository_is_run(here: Bench) -> None:
    configure(here, "['remote \"x\"']\nurl = s3://bucket/x\nconfigpath = ../aws\nprofile = p\n")
    here.put("aws", f"[profile p]\ncredential_process = touch {here.root}/owned\n".encode())
    with pytest.raises(UsageError):
        here.repo.remotes.pull(remote="x")
    assert not (here.root / "owned").exists()


def test_a_remote_that_names_another_gets_none_of_its_freedom(here: Bench) -> None:
    configure(
        here,
        "['remote \"base\"']\nurl = s3://bucket/x\nconfigpath = ../aws\n"
        "['remote \"x\"']\nurl = remote://base/y\n['remote \"loop\"']\nurl = remote://loop/y\n",
    )
    with pytest.raises(UsageError, match="configpath"):
        here.repo.remotes.push(remote="x")
    with pytest.raises(UsageError, match="no address that can be used"):
        here.repo.remotes.push(remote="loop")


@pytest.mark.parametrize(
    "url",
    ["gdrive://root/x", "memory://x/y", "file:///tmp", "github://a:b@c/", "zip://x::file:///etc"],
)
def test_addresses_of_other_kinds_are_refused(here: Bench, url: str) -> None:
    configure(here, f"['remote \"x\"']\nurl = {url}\n")
    with pytest.raises((UsageError, RemoteError)) as caught:
        here.repo.remotes.push(remote="x")
    assert caught.value.kind in {"bad-remote", "unsafe-remote"}


@pytest.mark.parametrize("url", ["ext::sh -c touch% owned", "-oProxyCommand=touch owned"])
def test_an_address_that_git_or_ssh_would_run_is_the_name_of_a_folder(
    here: Bench, url: str
) -> None:
    configure(here, f"['remote \"x\"']\nurl = {url}\n")
    here.repo.remotes.push(remote="x")
    assert ((here.root / COMMITTED).parent / url).is_dir()
    assert not list(here.root.rglob("owned"))


def test_secrets_are_neither_committed_nor_shown(here: Bench) -> None:
    remotes = here.repo.remotes
    with pytest.raises(UsageError, match="secret_access_key is a secret"):
        remotes.set("storage", {"secret_access_key": "hunter2"})
    with pytest.raises(UsageError, match="url is a secret"):
        remotes.add("other", "ssh://me:hunter2@host/x")
    remotes.set("storage", {"secret_access_key": "hunter2"}, local=True)
    remotes.add("other", "ssh://me:hunter2@host/x", local=True)
    assert "hunter2" not in str(remotes.list().to_dict())
    assert "hunter2" not in (here.root / COMMITTED).read_text()


@pytest.mark.parametrize("folder_name", [".dvc", ".DVC"])
def test_a_local_file_of_dvc_that_was_committed_is_no_file_of_the_user(
    here: Bench, folder_name: str
) -> None:
    text = "['remote \"x\"']\nurl = s3://bucket/x\nconfigpath = ../aws\n"
    configure(here, text, ".dvc/config.local")
    blob = here.git("hash-object", "-w", ".dvc/config.local").strip()
    (remote, _) = sorted(here.repo.remotes.list().remotes, key=lambda one: one.name != "x")
    assert remote.refused == ()
    here.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{folder_name}/config.local")
    with pytest.raises(UsageError, match=re.escape("configpath of .dvc/config.local")):
        here.repo.remotes.push(remote="x")


def test_only_the_user_may_read_the_file_with_secrets(here: Bench) -> None:
    here.repo.remotes.set("storage", {"password": "hunter2"}, local=True)
    assert (here.objects / "config").stat().st_mode & 0o077 == 0


def test_a_secret_stays_with_the_address_that_it_was_given_for(here: Bench, folder: Folder) -> None:
    here.repo.remotes.set("storage", {"password": "hunter2"}, local=True)
    configure(here, "['remote \"storage\"']\nurl = ssh://evil.example/x\n")
    (remote,) = here.repo.remotes.list().remotes
    assert remote.url == folder.url


def test_a_configuration_that_is_a_link_or_broken_is_none(here: Bench, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (here.root / COMMITTED).rename(elsewhere)
    (here.root / COMMITTED).symlink_to(elsewhere)
    with pytest.raises(NotFoundError, match="there is no remote yet"):
        here.repo.remotes.push()
    (here.root / COMMITTED).unlink()
    for text in ("['remote \"x\n", "[[[", "\x00", "['remote \"x\"']\nurl = %(url)s\n",
                 "['remote \"x\"']\nurl = /a\0b\n"):  # fmt: skip
        configure(here, text)
        with pytest.raises((UsageError, NotFoundError)):
            here.repo.remotes.push()


@pytest.mark.parametrize(
    "name",
    [
        f"../{HEX}.rows-1-{HEX}",
        f"{HEX}.rows-1-{HEX.upper()}",
        f"{HEX}.exe-1-{HEX}",
        f"{HEX}.rows-1-{HEX}\n",
        f"{HEX}.rows--1-{HEX}",
        f"{HEX}.rows-{'9' * 30}-{HEX}",
        f".{HEX}.rows-1-{HEX}.tmp",
        "format",
        "",
    ],
)
def test_only_names_of_objects_become_paths(name: str) -> None:
    assert Copy.parse("packs", name) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"format":2,"features":[]}', "newer-format"),
        ('{"format":1,"features":["erasure"]}', "newer-format"),
        ("<html>", "not-our-remote"),
        ("[" * 10_000, "not-our-remote"),
    ],
)
def test_a_newer_layout_of_a_remote_is_neither_read_nor_written(
    here: Bench, folder: Folder, text: str, kind: str
) -> None:
    here.repo.remotes.push()
    folder.write("format", text.encode())
    before = folder.names()
    for do in (here.repo.remotes.push, here.repo.remotes.pull):
        with pytest.raises(RemoteError) as caught:
            do()
        assert caught.value.kind == kind
    assert folder.names() == before


@pytest.mark.parametrize("member", ["write", "delete"])
def test_what_a_remote_asks_of_who_writes_or_deletes_there_stops_no_reader(
    here: Bench, folder: Folder, tmp_path: Path, member: str
) -> None:
    here.repo.remotes.push()
    folder.write("format", f'{{"format":1,"features":["claims"],"{member}":["x"]}}'.encode())
    assert clone(here, tmp_path / "clone").repo.remotes.pull().written
    if member == "delete":
        assert here.repo.remotes.push().sent.objects == 0
        return
    with pytest.raises(RemoteError, match="to write the objects") as caught:
        here.repo.remotes.push()
    assert caught.value.kind == "newer-format"


def forge(folder: Folder, kind: str, end: str, data: bytes) -> str:
    """Let a copy have other bytes, under a name that says just these; the object's name."""
    name = next(name for name in folder.copies(kind) if end in name)
    folder.remove(name)
    copy = Copy(folder.object_of(name), len(data), Digest(hashlib.sha256(data).digest()))
    folder.write(copy.path, data)
    return copy.name


@pytest.mark.parametrize(
    ("kind", "end", "why"),
    [
        ("packs", ".rows-", "its rows are not those that its name says"),
        ("packs", ".zst-", "a row is said to begin outside of it"),
        ("views", "", "it is not as long as its pack"),
        ("measures", "", "it is not as long as its pack"),
    ],
)
def test_an_object_in_the_place_of_another_is_not_taken(
    here: Bench, folder: Folder, tmp_path: Path, kind: str, end: str, why: str
) -> None:
    here.repo.remotes.push()
    first, second = (name for name in folder.copies(kind) if end in name)
    data = folder.read(second)
    name = forge(folder, kind, first.split("/")[1].split("-")[0], data)
    other = clone(here, tmp_path / "clone")
    lacking = {one.name: one.why for one in other.repo.remotes.pull().fetched.lacking}
    assert why in lacking[name]
    assert not (other.objects / name).exists()


def test_a_layout_over_other_rows_is_not_taken(here: Bench, folder: Folder, tmp_path: Path) -> None:
    here.repo.remotes.push()
    first, second = folder.copies("layouts")
    name = forge(folder, "layouts", first.split("/")[1].split("-")[0], folder.read(second))
    other = clone(here, tmp_path / "clone")
    (lacking,) = other.repo.remotes.pull().fetched.lacking
    assert lacking.name == name
    assert "its rows are not those of train@v" in lacking.why
    assert not (other.objects / name).exists()


def test_columns_of_a_few_bytes_with_any_number_of_rows_are_not_taken(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    rows = np.broadcast_to(np.uint8(0), (PACK_ROWS + 1, 32))
    numbers = {"length": "<u4", "shape": "<u4", "place": "<u8"}
    columns = {name: np.zeros(len(rows), kind) for name, kind in numbers.items()}
    meta: dict[str, Any] = {"context": "{}", "shapes": [{}], "source": None}
    path = tmp_path / "forged"
    write_columns(path, {"row_id": rows, "digest": rows, **columns}, meta)
    assert path.stat().st_size < 1000
    name = forge(folder, "packs", ".rows-", path.read_bytes())
    lacking = clone(here, tmp_path / "clone").repo.remotes.pull().fetched.lacking
    (why,) = (one.why for one in lacking if one.name == name)
    assert f"it says that it has {PACK_ROWS + 1:,} rows" in why


def test_a_layout_over_far_more_rows_than_a_version_has_is_not_expanded(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    first = folder.copies("layouts")[0]
    layout = Layout.decode(folder.read(first), "first")
    times = 200_000
    examples = layout.examples * times
    large = replace(
        layout,
        examples=examples,
        runs=np.tile(layout.runs, (times, 1)),
        gaps=Gaps.of([(b"", examples + 1)]),
    )
    assert (len(large.encoded) < 20_000, 8 * examples > 900_000_000) == (True, True)
    name = forge(folder, "layouts", first.split("/")[1].split("-")[0], large.encoded)
    other = clone(here, tmp_path / "clone")
    tracemalloc.start()
    (lacking,) = other.repo.remotes.pull().fetched.lacking
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (lacking.name, "its rows are not those of train@v" in lacking.why) == (name, True)
    assert peak < 200_000_000


@pytest.mark.parametrize("kind", ["packs", "views", "layouts"])
def test_rubbish_with_a_right_hash_is_not_taken(
    here: Bench, folder: Folder, tmp_path: Path, kind: str
) -> None:
    here.repo.remotes.push()
    name = forge(folder, kind, "", b"rubbish" * 100)
    other = clone(here, tmp_path / "clone")
    lacking = [one.name for one in other.repo.remotes.pull().fetched.lacking]
    assert name in lacking
    assert not (other.objects / name).exists()


class _Endless(BytesIO):
    """A file that never ends."""

    def read(self, size: int | None = -1, /) -> bytes:
        return bytes(max(size or 0, 1 << 16))


def test_no_more_is_read_than_a_name_says(here: Bench, folder: Folder, tmp_path: Path) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")

    def endless(_: str, __: str, ___: Any) -> _Endless:
        return _Endless()

    remote = FaultyRemote(folder.folder, after(0, "get", endless))
    wanted = versions(other.repo, (), everything=False)
    lacking = fetch(other.repo.store, remote, wanted, None, again="").lacking
    assert {one.name.split("/")[0] for one in lacking} == {"layouts"}
    assert "other bytes" in lacking[0].why


def test_links_in_a_folder_are_not_followed(here: Bench, folder: Folder, tmp_path: Path) -> None:
    here.repo.remotes.push()
    name = folder.copies("layouts")[0]
    data = folder.read(name)
    folder.remove(name)
    (tmp_path / "elsewhere").write_bytes(data)
    (folder.folder / "dslineage" / name).symlink_to(tmp_path / "elsewhere")
    remote = here.repo.remotes.open()
    assert folder.object_of(name) not in Holding.of(remote).whole


def test_a_file_with_changes_is_not_overwritten(here: Bench, tmp_path: Path) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    other.put(DATA, b'{"prompt":"mine","completion":"unsaved"}\n')
    with pytest.raises(UsageError, match="has changes that no version can bring back"):
        other.repo.remotes.pull()
    assert b"unsaved" in (other.root / DATA).read_bytes()
