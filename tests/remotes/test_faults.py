"""A remote that drops, refuses, is full, cuts off or is silent: one clear error, then go on."""

from __future__ import annotations

import random
import re
from functools import partial
from pathlib import Path

import pytest

from dslineage.diff.options import DiffOptions
from dslineage.errors import IntegrityError, RemoteError
from dslineage.remotes.copies import Holding
from dslineage.remotes.fetching import Fetched
from dslineage.remotes.fetching import fetch as fetched
from dslineage.remotes.sending import Sent
from dslineage.remotes.sending import send as sent
from dslineage.store.inventory import Inventory
from dslineage.verbs.fetching import fetch as fetch_versions
from dslineage.verbs.fetching import pull
from dslineage.verbs.remotes import versions
from tests.crashes.faults import killed_at, steps
from tests.remotes.faulty import (
    DROPS,
    IS_FULL,
    REFUSES,
    Fault,
    FaultyRemote,
    after,
    cuts,
    is_late,
    is_silent,
    no_fault,
    swallows,
)
from tests.remotes.servers import SecureShell
from tests.remotes.support import DATA, TWO, Bucket, Folder, Place, clone
from tests.versions.support import Bench

AGAIN = "dslineage push --remote storage"


def send(bench: Bench, folder: Folder, fault: Fault) -> Sent:
    """Push everything that a repository has."""
    store = bench.repo.store
    names = Inventory.of(store).objects
    return sent(
        store, FaultyRemote(folder.folder, fault), names, None, again=AGAIN, stall_seconds=1
    )


def fetch(bench: Bench, folder: Folder, fault: Fault) -> Fetched:
    """Fetch everything that a repository needs."""
    wanted = versions(bench.repo, (), everything=False)
    remote = FaultyRemote(folder.folder, fault)
    return fetched(bench.repo.store, remote, wanted, None, again=AGAIN, stall_seconds=1)


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (DROPS, "remote-failed", "Connection reset by peer"),
        (REFUSES, "remote-refused", "Permission denied"),
        (IS_FULL, "remote-full", "has no room for"),
        (is_silent, "remote-silent", "it has not answered for 1 seconds"),
    ],
)
def test_a_push_that_fails_says_what_was_sent_and_the_next_one_sends_the_rest(
    here: Bench, folder: Folder, fault: Fault, kind: str, said: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        send(here, folder, after(4, "put", fault))
    error = caught.value
    assert (error.kind, error.hint) == (kind, AGAIN)
    assert error.message.startswith("storage: ")
    assert said in error.message
    assert "4 of 10 objects were sent and will not be sent again, 6 are left" in error.message
    rest = send(here, folder, no_fault)
    assert (rest.objects, rest.there) == (6, 4)


@pytest.mark.parametrize("fault", [cuts, swallows])
def test_what_a_remote_lost_without_a_word_is_noticed_before_a_push_says_that_it_is_done(
    here: Bench, folder: Folder, fault: Fault
) -> None:
    with pytest.raises(RemoteError, match="6 objects were sent and are not there whole") as caught:
        send(here, folder, after(4, "put", fault))
    assert (caught.value.kind, caught.value.hint) == ("lost-on-remote", AGAIN)
    rest = send(here, folder, no_fault)
    assert rest.objects == 6
    assert len(rest.mended) == (6 if fault is cuts else 0)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(DROPS, "remote-failed"), (REFUSES, "remote-refused"), (is_silent, "remote-silent")],
)
def test_a_fetch_that_fails_keeps_what_came(
    here: Bench, folder: Folder, tmp_path: Path, fault: Fault, kind: str
) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    with pytest.raises(RemoteError, match="6 objects were fetched and are kept") as caught:
        fetch(other, folder, after(6, "get", fault))
    assert (caught.value.kind, caught.value.hint) == (kind, AGAIN)
    rest = fetch(other, folder, no_fault)
    assert rest.objects == 10 - 6 + 2, "layouts come again: they are let in last"
    assert other.problems() == []


def test_a_pull_that_fails_names_the_pull_that_goes_on(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    remote = FaultyRemote(folder.folder, after(6, "get", DROPS))
    with pytest.raises(RemoteError) as caught:
        pull(other.repo, remote, versions(other.repo, (), everything=False), None)
    assert caught.value.hint == "dslineage pull --remote storage"


def test_a_fetch_that_fails_names_just_the_fetch_that_was_asked_for(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    other = clone(here, tmp_path / "clone")
    refs, options = ("v1", "v2"), DiffOptions(metrics=False)
    remote = FaultyRemote(folder.folder, after(1, "get", DROPS))
    wanted = versions(other.repo, refs, everything=False)
    with pytest.raises(RemoteError) as caught:
        fetch_versions(
            other.repo, remote, wanted, None, texts="changed", refs=refs, options=options
        )
    assert caught.value.hint == "dslineage fetch v1 v2 --changed --no-metrics --remote storage"


def test_a_remote_that_answers_late_is_waited_for(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    assert send(here, folder, is_late).objects == 10
    assert fetch(clone(here, tmp_path / "clone"), folder, is_late).lacking == ()


def test_other_bytes_of_the_same_size_are_not_taken_and_can_be_mended(
    bench: Bench, place: Place, tmp_path: Path
) -> None:
    bench.repo.remotes.push()
    name = place.copies("packs")[1]
    data = place.read(name)
    place.write(name, data[:-1] + bytes([data[-1] ^ 1]))
    other = clone(bench, tmp_path / "clone", place)
    result = other.repo.remotes.pull()
    (lacking,) = result.fetched.lacking
    assert lacking.name == place.object_of(name)
    assert lacking.why == f"{result.url} gives other bytes for {lacking.name} than were sent"
    assert not (other.objects / lacking.name).exists()
    assert result.written == ()
    assert bench.repo.remotes.push().sent.objects == 0, "a listing does not show it"
    assert bench.repo.remotes.push(reread=True).sent.mended == (lacking.name,)
    assert other.repo.remotes.pull().written == (other.root / DATA,)
    assert other.problems() == []


def test_an_object_that_is_damaged_here_is_not_sent(here: Bench, folder: Folder) -> None:
    pack = next((here.objects / "packs").glob("*.zst"))
    pack.write_bytes(pack.read_bytes()[:-60] + bytes(60))
    with pytest.raises(IntegrityError, match=f"damaged object {pack.name}"):
        here.repo.remotes.push()
    assert not any(pack.name in name for name in folder.names())


def test_a_push_killed_at_50_random_moments_is_finished_by_the_next(
    here: Bench, folder: Folder, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    expected = _whole(folder)
    moments = len(steps(partial(_push_anew, here, folder)))
    chance = random.Random(7)
    for moment in sorted(chance.choices(range(1, moments + 1), k=50)):
        _empty(folder)
        killed_at(here.repo.remotes.push, moment)
        here.repo.remotes.push()
        assert _whole(folder) == expected, moment
    other = clone(here, tmp_path / "clone")
    other.repo.remotes.pull()
    assert other.problems() == []


def test_a_pull_killed_at_50_random_moments_is_finished_by_the_next(
    here: Bench, tmp_path: Path
) -> None:
    here.repo.remotes.push()
    fresh = clone(here, tmp_path / "clone")
    moments = len(steps(fresh.copy(tmp_path / "whole").repo.remotes.pull))
    chance = random.Random(8)
    for number, moment in enumerate(sorted(chance.choices(range(1, moments + 1), k=50))):
        other = fresh.copy(tmp_path / str(number))
        killed_at(other.repo.remotes.pull, moment)
        other.repo.remotes.pull()
        assert (other.root / DATA).read_bytes() == TWO, moment
        assert list((other.objects / "tmp").iterdir()) == [], moment
        assert number % 10 or other.problems() == [], moment


def _push_anew(bench: Bench, folder: Folder) -> None:
    _empty(folder)
    bench.repo.remotes.push()


def _whole(folder: Folder) -> list[str]:
    """The files that are not being written; of a claim, whose it is, and what it says."""
    names = [name for name in folder.names() if not Path(name).name.startswith(".")]
    return [re.sub(r"^(claims/[0-9a-f]{16})-[0-9a-f]{16}", r"\1", name) for name in names]


def _empty(folder: Folder) -> None:
    for name in folder.names():
        folder.remove(name)


def test_a_connection_over_ssh_that_ends_is_one_error(
    server: SecureShell, shell_folder: Folder, two_versions: Bench, tmp_path: Path
) -> None:
    bench = two_versions.copy(tmp_path / "work")
    bench.repo.remotes.add("storage", shell_folder.url)
    remote = bench.repo.remotes.open()
    Holding.of(remote)
    server.hang_up()
    store = bench.repo.store
    with pytest.raises(RemoteError, match=re.escape(f"storage: {shell_folder.url} failed")):
        sent(store, remote, Inventory.of(store).objects, None, again=AGAIN, stall_seconds=10)
    assert bench.repo.remotes.push().sent.objects + bench.repo.remotes.push().sent.there >= 10


def test_a_server_whose_key_is_not_known_is_not_spoken_to(
    server: SecureShell, shell_folder: Folder, two_versions: Bench, tmp_path: Path
) -> None:
    bench = two_versions.copy(tmp_path / "work")
    bench.repo.remotes.add("storage", shell_folder.url)
    (Path.home() / ".ssh" / "known_hosts").write_text("")
    with pytest.raises(RemoteError, match="Host key is not trusted") as caught:
        bench.repo.remotes.push()
    assert caught.value.hint == f"look at its key, once: ssh -p {server.port} root@127.0.0.1 true"
    assert not shell_folder.folder.exists()


def test_a_bucket_that_is_not_there_is_one_error(
    bucket: Bucket, two_versions: Bench, tmp_path: Path
) -> None:
    bench = two_versions.copy(tmp_path / "work")
    bench.repo.remotes.add("storage", "s3://none/sets")
    bench.repo.remotes.set("storage", bucket.options, local=True)
    with pytest.raises(RemoteError, match="bucket does not exist"):
        bench.repo.remotes.push()


def test_a_folder_that_may_not_be_written_is_one_error(here: Bench, folder: Folder) -> None:
    folder.folder.parent.joinpath("storage").write_bytes(b"a file where a folder should be")
    with pytest.raises(RemoteError, match="storage") as caught:
        here.repo.remotes.push()
    assert caught.value.hint == AGAIN
