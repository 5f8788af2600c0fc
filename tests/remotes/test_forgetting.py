"""Forgetting where objects are on a remote, too: a folder, behind SSH, and a bucket of S3."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslineage.errors import IntegrityError, RemoteError
from dslineage.forgetting.result import ForgetResult
from dslineage.remotes.dvcremote import DvcRemote
from dslineage.remotes.erasing import RemoteErased
from dslineage.remotes.remote import OldVersion
from dslineage.verbs import forgetting
from tests.cli.conftest import Dslineage, dslineage
from tests.forgetting.hunt import where
from tests.forgetting.support import OTHERS, SECRET, WORD, digest, lines
from tests.remotes.faulty import DROPS, REFUSES, Fault, FaultyRemote, after
from tests.remotes.servers import SecureShell
from tests.remotes.support import Bucket, Folder, Place, clone, join
from tests.versions.support import Bench, ada

__all__ = ["dslineage"]

WITH, WITHOUT = lines(*OTHERS[:50], SECRET, *OTHERS[50:]), lines(*OTHERS)
SHORT = digest(SECRET)[:12]


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A repository whose first version has the example; not to be changed."""
    with ada():
        made = Bench.make(tmp_path_factory.mktemp("told") / "work")
        made.commit("train.jsonl", WITH, workers=1)
        made.commit("train.jsonl", WITHOUT, workers=1)
    return made


def pushed(told: Bench, place: Place, root: Path) -> Bench:
    """The same repository, with all that it has on a remote."""
    bench = told.copy(root)
    join(bench, place)
    bench.repo.remotes.push()
    return bench


def test_after_it_the_bytes_are_nowhere_on_the_remote_and_other_clones_follow(
    told: Bench, place: Place, tmp_path: Path, dslineage: Dslineage
) -> None:
    bench = pushed(told, place, tmp_path / "work")
    other = clone(bench, tmp_path / "clone", place)
    other.repo.remotes.pull()
    other.repo.checkout("v1")
    late = other.copy(tmp_path / "late")
    assert where(WORD, place.mirror(tmp_path / "before")) != []

    ran = dslineage("-C", bench.root, "forget", SHORT)
    assert (ran.code, "remote storage: 4 objects would be rewritten" in ran.out) == (1, True)
    ran = dslineage("-C", bench.root, "forget", SHORT, "--delete")
    assert (ran.code, "remote storage: 4 objects rewritten" in ran.out) == (0, True)
    assert where(WORD, bench.objects, place.mirror(tmp_path / "after")) == []
    assert [*bench.repo.remotes.verify().problems] == []

    late.repo.remotes.push()
    assert where(WORD, place.mirror(tmp_path / "pushed")) == []

    bench.git("commit", "-q", "-m", "forget")
    bench.repo.remotes.push()
    other.git("pull", "-q")
    with pytest.raises(IntegrityError, match="key"):
        other.repo.remotes.push()
    other.repo.remotes.fetch()
    with pytest.raises(IntegrityError, match="still kept here"):
        other.repo.remotes.push()
    assert "still kept here" in dslineage("-C", other.root, "status").out
    result = other.repo.forget(delete=True)
    assert [place.where for place in result.places if place.remains] == [
        str(other.root / "train.jsonl")
    ]
    assert where(WORD, other.objects) == []
    assert other.problems() == []
    other.put("train.jsonl", WITHOUT)
    assert not other.repo.forget(delete=True).remains
    assert dslineage("-C", other.root, "forget").code == 0
    assert other.repo.remotes.push().sent.objects == 0

    fresh = clone(bench, tmp_path / "fresh", place)
    fresh.repo.remotes.pull()
    assert (fresh.root / "train.jsonl").read_bytes() == WITHOUT
    with pytest.raises(IntegrityError, match="can no longer be restored whole"):
        fresh.repo.checkout("v1")
    assert fresh.problems() == []


def forgetting_through(
    bench: Bench, folder: Folder, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> ForgetResult:
    """Forget the example while the remote misbehaves."""
    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "DvcRemote", lambda _: FaultyRemote(folder.folder, fault))
        return bench.repo.forget(digest(SECRET), delete=True)


def check_left(remote: RemoteErased, place: Place, scratch: Path) -> None:
    """What is said to be left are all objects that have the bytes."""
    having = where(WORD, place.mirror(scratch))
    names = {place.object_of(str(Path(one).relative_to(scratch))) for one in having}
    assert names
    assert names <= {*remote.left}


@pytest.mark.parametrize("fault", [DROPS, REFUSES])
@pytest.mark.parametrize(("verb", "number"), [("put", 0), ("put", 2), ("delete", 0), ("delete", 2)])
def test_where_a_remote_fails_half_way_what_is_left_is_named_and_the_next_run_ends_it(
    told: Bench,
    folder: Folder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    verb: str,
    number: int,
) -> None:
    bench = pushed(told, folder, tmp_path / "work")
    result = forgetting_through(bench, folder, after(number, verb, fault), monkeypatch)
    [remote] = result.remotes
    assert result.remains
    assert f"{len(remote.left)} object" in remote.why
    assert len(remote.left) == (4 if verb == "put" else 4 - number)
    assert len(remote.replaced) == 4 - len(remote.left)
    check_left(remote, folder, tmp_path / "scratch")
    assert where(WORD, bench.objects) == []
    assert [*bench.repo.remotes.verify().problems] == []
    [remote] = bench.repo.forget(delete=True).remotes
    assert (remote.why, remote.left) == ("", ())
    assert where(WORD, folder.folder) == []


def test_when_the_line_to_a_server_breaks_the_next_run_ends_it(
    told: Bench,
    server: SecureShell,
    shell_folder: Folder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dslineage: Dslineage,
) -> None:
    bench = pushed(told, shell_folder, tmp_path / "work")
    real = DvcRemote.delete

    def cut(remote: DvcRemote, name: str) -> None:
        if ".zst" in name:
            server.hang_up()
        real(remote, name)

    with monkeypatch.context() as patch:
        patch.setattr(DvcRemote, "delete", cut)
        ran = dslineage("-C", bench.root, "forget", SHORT, "--delete")
    assert ran.code == 1
    assert "1 object there may have what was forgotten here" in " ".join(ran.out.split())
    [left] = [line.split()[-1] for line in ran.out.splitlines() if line.startswith("  left: ")]
    assert left.endswith(".zst")
    assert where(WORD, shell_folder.folder) != []
    assert dslineage("-C", bench.root, "forget", "--delete").code == 0
    assert where(WORD, shell_folder.folder) == []


def test_what_a_killed_push_left_half_written_goes_too(
    told: Bench, folder: Folder, tmp_path: Path
) -> None:
    bench = pushed(told, folder, tmp_path / "work")
    [text] = [name for name in folder.copies("packs") if ".zst" in name]
    path = folder.folder / "dslineage" / text
    half = path.with_name(f".{path.name[:80]}.0123456789ab.tmp")
    half.write_bytes(path.read_bytes())
    bench.repo.forget(digest(SECRET), delete=True)
    assert where(WORD, folder.folder) == []


def test_old_versions_that_a_bucket_keeps_are_places_that_remain(
    told: Bench, bucket: Bucket, tmp_path: Path, dslineage: Dslineage
) -> None:
    client = bucket.client
    client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    bench = pushed(told, bucket, tmp_path / "work")
    ran = dslineage("-C", bench.root, "forget", SHORT, "--delete", "--json")
    assert ran.code == 1
    [remote] = ran.json["remotes"]
    assert (remote["why"], len(remote["replaced"])) == (None, 4)
    old = [url.removeprefix("s3://bucket/").split("?versionId=") for url in remote["old"]]
    assert len(old) == 4
    for key, version in old:
        client.delete_object(Bucket="bucket", Key=key, VersionId=version)
    ran = dslineage("-C", bench.root, "forget", "--delete")
    assert (ran.code, "old version" in ran.out) == (0, False)
    kept = client.list_object_versions(Bucket="bucket")["Versions"]
    for one in kept:
        found = client.get_object(Bucket="bucket", Key=one["Key"], VersionId=one["VersionId"])
        path = tmp_path / "kept" / one["VersionId"] / Path(one["Key"]).relative_to("sets/dslineage")
        path.parent.mkdir(parents=True)
        path.write_bytes(found["Body"].read())
    assert where(WORD, tmp_path / "kept") == []


def test_a_bucket_that_does_not_say_what_it_keeps_is_told(
    told: Bench, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = pushed(told, bucket, tmp_path / "work")

    def refused(_: DvcRemote, folder: str) -> list[OldVersion]:
        raise RemoteError(f"Access Denied: {folder}", kind="remote-refused")

    monkeypatch.setattr(DvcRemote, "old_versions", refused)
    result = bench.repo.forget(digest(SECRET), delete=True)
    assert "Access Denied" in result.remotes[0].unasked
    assert not result.remains
