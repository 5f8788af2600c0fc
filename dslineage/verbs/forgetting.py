"""Forgetting: the bytes of examples go, and whoever brings them back is refused."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dslineage.elsewhere.distinctive import distinctive
from dslineage.elsewhere.search import search
from dslineage.elsewhere.seeker import written_forms
from dslineage.elsewhere.wanted import DISTINCTIVE, KnownFile, Wanted
from dslineage.errors import DslineageError, IntegrityError, NotFoundError, UsageError
from dslineage.forgetting.casefile import Case, file_case, subjects_of
from dslineage.forgetting.finding import Named, named
from dslineage.forgetting.plan import Plan, title
from dslineage.forgetting.query import asked_for
from dslineage.forgetting.result import ForgetResult, ForgottenExample
from dslineage.forgetting.unseen import bring_denied
from dslineage.ids import Digest
from dslineage.lineage.registry import Registry
from dslineage.records import DatasetRecord
from dslineage.records.forgotten import (
    FORGOTTEN,
    KEY_BYTES,
    Forgotten,
    keyed_conversation,
    keyed_example,
)
from dslineage.remotes.dvcremote import DvcRemote
from dslineage.remotes.erasing import Going, RemoteErased, replace_there
from dslineage.remotes.settings import COMMITTED
from dslineage.store.cutting import cutting
from dslineage.store.files import sweep, write_file
from dslineage.verbs.remotes import settings_of
from dslineage.versions.collecting import alone
from dslineage.versions.denied import DenyList, read_forgotten, with_keys
from dslineage.versions.erasing import Erased, erase
from dslineage.versions.kept import DeniedRows
from dslineage.versions.publishing import recover_locked
from dslineage.versions.roots import Names, documents, work_trees
from dslineage.versions.worktree import refuse_links

if TYPE_CHECKING:
    from dslineage.forgetting.query import Asked, ForgetQuery
    from dslineage.remotes.settings import Setting
    from dslineage.store.erasing import Cut
    from dslineage.versions.git import Git
    from dslineage.versions.options import Report
    from dslineage.workspace import Workspace

AGAIN = "dslineage forget --delete"
_ATTRIBUTES = ".dslineage/.gitattributes"
_UNION = b"forgotten.json text eol=lf merge=union\n"


def forget(
    work: Workspace,
    query: ForgetQuery,
    report: Report | None,
    *,
    delete: bool,
    case: Case | None = None,
) -> ForgetResult:
    """Say what goes and, with `delete`, let it go; see `Repository.forget`."""
    if case is not None and not delete:
        raise UsageError("a case is filed when examples are deleted", hint="--delete")
    asked = asked_for(query)
    known = work.deny_list
    if not asked.digits and (known is None or query.only):
        raise NotFoundError(
            "no example is named" + ("" if known else ", and none was forgotten before"),
            kind="unknown-example",
            hint="dslineage forget DIGEST",
        )
    before = known or _new_list()
    meant, found = _meant(work, before, asked, query)
    looked, notices = {}, list(asked.notices)
    if delete:
        looked = _looked(work, before.joined(meant), notices)
        meant, found = _meant(work, before, asked, query)
    plan = _planned(work, meant)
    examples, wanted = tuple(_examples(plan, found)), _wanted(plan, found, query)
    versions, affected = plan.versions, plan.affected if case else {}
    registry = Registry(work.catalog)
    if case is not None:
        subjects_of(registry, work.store, case, affected)
    if delete:
        deny = before.joined(meant)
        every = wanted if deny == meant else _wanted(_planned(work, deny), found, query)
        erased = _erased(work, deny, _cut(every))
        plan = _planned(work, deny)
        going = Going(plan.touched.union(erased.rewritten), plan.gone, plan.away)
    else:
        deny, going = before, Going(plan.rewriting, plan.removing)
        erased = Erased(tuple(sorted(going.touched)), tuple(sorted(going.gone)))
    result = ForgetResult(
        deleted=delete,
        examples=examples,
        unknown=tuple(f"sha256:{digest.hex()}" for digest in sorted(found.unknown)),
        versions=versions,
        rewritten=erased.rewritten,
        removed=erased.removed,
        remotes=tuple(_on_remotes(work, going, looked, act=delete)),
        places=search(work, wanted, report),
        notices=tuple(notices),
    )
    if case is None:
        return result
    stamp = work.stamp(case.reason)
    filed = file_case(registry, work.store, case, deny, result, affected, stamp)
    return replace(result, filed=filed)


def _meant(
    work: Workspace, before: DenyList, asked: Asked, query: ForgetQuery
) -> tuple[DenyList, Named]:
    """What is asked to go, as a deny list, and the examples of that name; without, all denied."""
    if not asked.digits:
        return before, Named(frozenset(), frozenset(), frozenset())
    found = named(work.store, asked)
    return replace(before, forgotten=_keyed(before, found, query)), found


def _looked(work: Workspace, deny: DenyList, notices: list[str]) -> dict[str, frozenset[str]]:
    """Bring here what only remotes have of denied rows; by remote, the columns looked into."""
    looked = {}
    for setting in _settings(work):
        try:
            looked[setting.name] = bring_denied(work.store, DvcRemote(setting), deny)
        except DslineageError as error:  # what is here goes all the same
            notices.append(f"what only {setting.name} has was not looked into: {error.message}")
    return looked


def _examples(plan: Plan, found: Named) -> Iterator[ForgottenExample]:
    for digest, versions in plan.examples.items():
        yield ForgottenExample(
            digest=f"sha256:{digest.hex()}",
            versions=tuple(versions),
            named=digest in found.examples or not found.examples,
            kept=digest in plan.kept,
        )


def _new_list() -> DenyList:
    key = secrets.token_bytes(KEY_BYTES)
    return DenyList({Digest.of(key): key}, Forgotten({}))


def _keyed(deny: DenyList, found: Named, query: ForgetQuery) -> Forgotten:
    """The hashes that deny some examples and, but with `only`, their conversations."""
    hashes = {keyed_example(deny.key, one) for one in found.examples}
    if not query.only:
        hashes.update(keyed_conversation(deny.key, one) for one in found.conversations)
    return Forgotten({Digest.of(deny.key): frozenset(hashes)})


def _planned(work: Workspace, deny: DenyList) -> Plan:
    return Plan(DeniedRows.of(work.store, deny), tuple(_versions(work.git)))


def _versions(git: Git) -> Iterator[DatasetRecord]:
    """The versions of all that git, or a work tree, still has, each once."""
    seen = set()
    for document in documents(git):
        if document.kind != DatasetRecord.kind:
            continue
        try:
            record = DatasetRecord.from_bytes(document.data, document.path)
        except IntegrityError:  # its objects are searched all the same
            continue
        if record.id not in seen:
            seen.add(record.id)
            yield record


def _wanted(plan: Plan, found: Named, query: ForgetQuery) -> Wanted:
    """What is looked for elsewhere."""
    return Wanted(
        examples=frozenset(plan.examples) | found.examples,
        conversations=frozenset() if query.only else plan.conversations,
        raw=plan.raw(),
        texts=distinctive(plan.said(), plan.others()),
        files=tuple(
            KnownFile(entry.path, entry.sha256, entry.size, title(record))
            for record, entry in plan.files
        ),
        versions=frozenset(record.id for record, _ in plan.files),
    )


def _cut(wanted: Wanted) -> Cut:
    """Cuts what examples say out of what stands between records."""
    texts = (form for text in wanted.texts for form in written_forms(text))
    return cutting({*texts, *(raw for raw in wanted.raw if len(raw) >= DISTINCTIVE)})


def _erased(work: Workspace, deny: DenyList, cut: Cut) -> Erased:
    """Deny the examples, and then take them out of every object."""
    _refuse_merges(work.git)
    store = work.store
    store.prepare()
    with alone(store), store.lock():
        recover_locked(work.git)
        deny = _with_others(work, deny)
        _deny(work, deny)
        return erase(work.store, deny, cut, Names.of(documents(work.git)).hashes)


def _with_others(work: Workspace, deny: DenyList) -> DenyList:
    """A deny list with what another process put on it since it was read."""
    now = read_forgotten(work.root)
    return deny if now is None else deny.joined(with_keys(now, work.store))


def _deny(work: Workspace, deny: DenyList) -> None:
    """Write the deny list, its keys first, and stage it."""
    for key in deny.forgotten.hashes:
        work.store.put_key(deny.keys[key])
    attributes = work.root / _ATTRIBUTES
    before = attributes.read_bytes() if attributes.is_file() else b""
    for name, data in (
        (_ATTRIBUTES, before if _UNION in before else _ended(before) + _UNION),
        (FORGOTTEN, deny.forgotten.to_bytes()),
    ):
        refuse_links(work.root, name)
        path = work.root / name
        sweep(path)
        if not path.exists() or path.read_bytes() != data:
            write_file(path, data)
    work.git.stage([_ATTRIBUTES, FORGOTTEN])


def _ended(text: bytes) -> bytes:
    """A text file with a line end behind its last line."""
    return text if not text or text.endswith(b"\n") else text + b"\n"


def _refuse_merges(git: Git) -> None:
    """Refuse to go on while a merge is under way: it keeps data that may be put back.

    Raises:
        UsageError: one is, in some work tree.
    """
    for tree in work_trees(git):
        if any((tree.own_dir / "dslineage").glob("merge*")):
            raise UsageError(
                f"a merge of data sets is under way in {tree.root}, and keeps data of its own",
                kind="merging",
                hint="dslineage merge --continue, or --abort",
            )


def _on_remotes(
    work: Workspace, going: Going, looked: Mapping[str, frozenset[str]], *, act: bool
) -> Iterator[RemoteErased]:
    """Replace objects on every remote; of one that cannot be asked, say why."""
    for setting in _settings(work):
        seen = looked.get(setting.name, frozenset())
        yield replace_there(work.store, DvcRemote(setting), going, seen, again=AGAIN, act=act)


def _settings(work: Workspace) -> list[Setting]:
    try:
        return settings_of(work.git)
    except UsageError as error:
        if error.kind != "missing-package" or (work.root / COMMITTED).exists():
            raise
        return []
