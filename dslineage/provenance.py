"""The facade of lineage: where data came from, where it went, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dslineage.audit.audit import AuditOptions
    from dslineage.audit.audited import Audit
    from dslineage.launching.asked import Launch
    from dslineage.launching.result import Launched
    from dslineage.lineage.claims import ClaimAdded, ClaimList
    from dslineage.lineage.declaredrun import Form
    from dslineage.lineage.description import Description
    from dslineage.lineage.graph import Graph
    from dslineage.lineage.importedrun import RunImport
    from dslineage.lineage.mixtures import MixtureAdded, MixtureShown
    from dslineage.lineage.modeladd import Declared, ModelAdded
    from dslineage.lineage.node import Node
    from dslineage.lineage.picture import Picture
    from dslineage.lineage.registry import Registry
    from dslineage.lineage.sources import SourceAdded, SourceLinked, SourceList
    from dslineage.lineage.summary import Gaps, Reach, Summary
    from dslineage.recall.filing import Filing
    from dslineage.recall.recall import RecallResult
    from dslineage.standards.document import Document, Standard
    from dslineage.steps.result import ImportResult, StepResult
    from dslineage.steps.running import CommandStep
    from dslineage.trace.tracing import TraceResult
    from dslineage.verbs.contrasting import Contrast
    from dslineage.verbs.mixing import MixtureBuilt
    from dslineage.versions.options import ReadOptions, Report
    from dslineage.workspace import Workspace


@dataclass(frozen=True)
class Provenance:
    """What can be asked of the lineage of a repository, and what records it.

    >>> repo.provenance.audit("tiny@final")
    """

    work: Workspace
    report: Report | None = None
    """Called as long work goes on."""

    @property
    def registry(self) -> Registry:
        """All records of the work tree, read anew."""
        from dslineage.lineage.registry import Registry

        return Registry(self.work.catalog, self.report)

    def _settled(self) -> Workspace:
        """The workspace, for what writes: what a killed command left is finished or undone."""
        from dslineage.versions.publishing import recover

        recover(self.work.git, self.work.store)
        return self.work

    def node(self, ref: str, graph: Graph | None = None) -> Node:
        """The node that a reference names; see `Registry.find`."""
        from dslineage.lineage.node import node_of

        return node_of(self.registry.find(ref, here=self.work.here, graph=graph))

    def lineage(
        self,
        ref: str | None = None,
        *,
        up: bool = True,
        down: bool = True,
        depth: int | None = None,
    ) -> Picture:
        """A node with what it rests on and what rests on it; without a reference, the whole graph.

        Args:
            ref: the node.
            up: whether what it rests on is wanted.
            down: whether what rests on it is wanted.
            depth: how many edges to go at most.

        Raises:
            NotFoundError: the reference is unknown or ambiguous.
            IntegrityError: a record that the answer needs was edited.
        """
        from dslineage.lineage.picture import around, everything

        graph = self.registry.graph()
        if ref is None:
            return everything(graph)
        return around(graph, self.node(ref, graph), up=up, down=down, depth=depth)

    def between(self, one: str, other: str) -> Picture:
        """All paths from one node to another, whichever is older; see `lineage`."""
        from dslineage.lineage.picture import between

        graph = self.registry.graph()
        return between(graph, self.node(one, graph), self.node(other, graph))

    def impact(self, ref: str) -> Reach:
        """What rests on a node: versions, steps, mixtures, runs, models and their deployments."""
        from dslineage.lineage.summary import reach

        graph = self.registry.graph()
        return reach(graph, self.node(ref, graph))

    def gaps(self, ref: str | None = None) -> Gaps:
        """What is not known about a node and all that it rests on, or about anything."""
        from dslineage.lineage.summary import gaps

        graph = self.registry.graph()
        return gaps(graph, self.node(ref, graph) if ref else None)

    def summary(self) -> Summary:
        """The graph at a glance: its nodes by kind, its youngest ends, what stands alone."""
        from dslineage.lineage.summary import summary

        return summary(self.registry.graph())

    def document(self, ref: str, standard: Standard) -> Document:
        """A node and all that it rests on, in the form of a standard; nothing is fetched.

        Args:
            ref: the node.
            standard: the form: `prov`, `cyclonedx-1.7` and so on; see docs/standards.md.

        Raises:
            UsageError: the standard has no form for such a node.
            NotFoundError: the reference is unknown or ambiguous.
        """
        from dslineage.standards.document import document

        graph = self.registry.graph()
        return document(graph, self.node(ref, graph), standard)

    def trace(
        self,
        example: str | None = None,
        *,
        digest: str | None = None,
        key: tuple[str, str] | None = None,
        text: str | None = None,
        file: Path | str | None = None,
        read: ReadOptions | None = None,
        limit: int | None = None,
        infer: bool = True,
    ) -> TraceResult:
        """Where examples came from, where they went, and which runs and models saw them.

        Args:
            example: one example, as JSON.
            digest: its digest, or the first hex digits of that.
            key: a field and its value, as text or JSON.
            text: a text in it.
            file: a file of examples, in any format that can be read.
            read: how that file is read.
            limit: how many examples to trace at most.
            infer: whether the diff may guess what became of an example where nothing says so.

        Raises:
            UsageError: not one way was given to say which example is meant.
            NotFoundError: there is no such file.
        """
        from dslineage.trace.tracing import trace

        return trace(
            self.registry.graph(),
            self.work.sides,
            digest=digest,
            key=key,
            text=text,
            file=file,
            example=example,
            read=read,
            limit=limit,
            infer=infer,
        )

    def recall(
        self,
        *,
        hashes: Path | str | None = None,
        where: tuple[str, str] | None = None,
        source: str | None = None,
        text: str | None = None,
        name: str = "",
        infer: bool = True,
        filing: Filing | None = None,
    ) -> RecallResult:
        """What is affected by examples that must go, and what is still to decide about it.

        Args:
            hashes: a file of digests, one a line: of examples, of conversations, or the SHA-256
                of records as they stand in their files.
            where: a field and its value; it counts in any version, since later ones may have
                lost the field.
            source: the source that they came from.
            text: a text in them.
            name: what the recall is called; by default, a name made of what is asked.
            infer: whether the diff may guess what became of an example where nothing says so.
            filing: what is to be kept of the recall, as claims, staged in git.

        Raises:
            UsageError: nothing was asked, a digest is none, or a decision is none.
            NotFoundError: there is no such file or source.
        """
        from dslineage.recall.filing import Filing
        from dslineage.recall.recalling import RecallQuery, recall

        filing = filing or Filing()
        work = self._settled() if filing.as_ or filing.decisions else self.work
        query = RecallQuery(
            None if hashes is None else work.here / hashes,
            where,
            None if source is None else self._source(source),
            text,
            name,
        )
        return recall(self.registry, work.store, query, filing, work.stamp(""), infer=infer)

    def _source(self, ref: str) -> str:
        """The id of a source by its name, or another reference to it."""
        node = self.node(ref if ref.startswith("source:") else f"source:{ref}")
        return node.id

    def step(self, asked: CommandStep, *, stdout: int | None = None) -> StepResult:
        """Run a command, and record what it made and how; see `steps.running.run_step`."""
        from dslineage.steps.running import run_step

        return run_step(self.work, asked, self.report, stdout=stdout)

    def add_mixture(self, path: Path | str, *, message: str = "") -> MixtureAdded:
        """Record the mixture that a file describes, each reference pinned to a version.

        Args:
            path: the file; see docs/mixtures.md.
            message: what it is for, where the file does not say.

        Raises:
            NotFoundError: the file is not there.
            UsageError: it is no mixture, or names what is no version; with the line.
        """
        from dslineage.verbs.mixing import add

        return add(self._settled(), path, message)

    def mixture(self, ref: str) -> MixtureShown:
        """What a mixture comes to: the file of one, or a recorded one."""
        from dslineage.verbs.mixing import show

        return show(self.work, ref)

    def contrast(self, before: str, after: str | None = None) -> Contrast:
        """What differs between two models or runs, or between two mixtures.

        Of models, first what is not data, then the data, each version as often as it was shown. It
        lists what could have made the difference, and never says which one did.

        Args:
            before: the older one: a model, a run, a mixture, or the file of a mixture.
            after: the newer one; without it, `before` is a mixture's file, and is compared with the
                mixture of its name that was recorded last.

        Raises:
            NotFoundError: a reference is unknown or ambiguous.
            UsageError: they are of kinds that cannot be compared.
        """
        from dslineage.verbs.contrasting import contrast

        return contrast(self.work, before, after)

    def build_mixture(
        self,
        ref: str,
        output: str,
        *,
        examples: int | None = None,
        message: str = "",
        measure: bool = True,
    ) -> MixtureBuilt:
        """Write a mixture to a data set's file, and record the version and how it was made.

        Args:
            ref: the file of the mixture, or a reference to a recorded one.
            output: the file, `NAME=PATH`, or a path whose suffix says the format.
            examples: how many; by default as many as the mixture has.
            message: why the version is made.
            measure: whether the metrics of the profile are measured.

        Raises:
            UsageError: it is no mixture, has not so many examples, or the format cannot hold
                examples of all its data sets; nothing was written.
        """
        from dslineage.verbs.mixing import build

        return build(self._settled(), ref, output, examples, message, self.report, measure=measure)

    def import_stages(self, path: Path | str) -> ImportResult:
        """Read the stages of a `dvc.lock` as steps; see `steps.stages.import_stages`."""
        from dslineage.steps.stages import import_stages

        return import_stages(self.work, self.work.here / path)

    def train(self, asked: Launch, *, record: bool = True, stdout: int | None = None) -> Launched:
        """Run a trainer that has no callback, and record it; see `launching.recording.train`."""
        from dslineage.launching.recording import train

        return train(self._settled(), asked, record=record, stdout=stdout)

    def import_runs(self, path: Path | str, *, name: str | None = None) -> RunImport:
        """Record the runs that a folder, or one run file, tells of, with their checkpoints.

        Args:
            path: a folder with a `dslineage-run.json`, or that file.
            name: the name of the runs; by default that of the folder.

        Raises:
            NotFoundError: there is no run file.
            BadDataError: the file is of another kind.
            IntegrityError: a run file was edited, or a checkpoint is not what it says; nothing
                was recorded.
            UsageError: the name is that of another run.
        """
        from dslineage.lineage.runimport import RunImporter

        work = self._settled()
        importer = RunImporter(self.registry, work.store, work.stamp(""), work.here)
        return importer.bring(work.here / path, name)

    def import_declared(
        self, form: Form, path: Path | str, *, name: str | None = None
    ) -> RunImport:
        """Record, as declared, the runs that a tracker or a configuration tells of.

        Args:
            form: whose files they are: `wandb`, `mlflow`, `axolotl` or `llamafactory`.
            path: the folder or file.
            name: the name of the run; by default the one that it has there.

        Raises:
            NotFoundError: there is no run.
            BadDataError: a file is not what it should be; nothing was recorded.
            UsageError: several runs cannot have one name, or it is that of another.
        """
        from dslineage.lineage.declaredrun import DeclaredImporter

        work = self._settled()
        importer = DeclaredImporter(self.registry, work.store, work.stamp(""), work.here)
        return importer.bring(form, work.here / path, name)

    def add_model(
        self, path: Path | str, declared: Declared | None = None, *, message: str = ""
    ) -> ModelAdded:
        """Hash the model in a folder, and record it with what is declared of it.

        Args:
            path: the folder.
            declared: its name, on what it was trained, and so on.
            message: what it is, or why it is recorded.

        Raises:
            NotFoundError: there is no model in the folder, or a reference is unknown.
            UsageError: a reference names something else than is asked for.
            BadDataError: a file of the model is damaged.
        """
        from dslineage.lineage.modeladd import Declared, add_model

        work = self._settled()
        declared = declared or Declared()
        stamp = work.stamp(message)
        return add_model(self.registry, work.store, work.here / path, declared, stamp, work.here)

    def add_source(
        self,
        name: str,
        said: Description | None = None,
        *,
        files: Sequence[Path | str] = (),
        card: Path | str | None = None,
        croissant: Path | str | None = None,
    ) -> SourceAdded:
        """Record where rows come from, as declared; nothing is fetched.

        Args:
            name: what the source is called here.
            said: what is said of it; this goes over what the documents say.
            files: the files that were taken from it; they are hashed.
            card: the card of a Hugging Face data set, or the folder that it is in.
            croissant: a Croissant file.

        Raises:
            UsageError: nobody says where it is, or a day or an address is none.
            BadDataError: a document is not what it should be.
            NotFoundError: a file is not there.
        """
        from dslineage.lineage.sources import SourceDocuments, add_source

        work = self._settled()
        documents = SourceDocuments.at(work.root, work.here, files, card, croissant)
        return add_source(self.registry, work.store, name, documents.under(said), work.stamp(""))

    def link_source(self, name: str, *refs: str) -> SourceLinked:
        """Claim that a version that was recorded before comes from a source.

        Raises:
            NotFoundError: there is no such source, or a reference is no recorded version.
        """
        from dslineage.lineage.sources import link_source, source_named
        from dslineage.verbs.describing import recorded

        work, registry = self._settled(), self.registry
        source, version = source_named(registry, name), recorded(work, refs).record
        return link_source(registry, work.store, source, version, work.stamp(""))

    def sources(self) -> SourceList:
        """The sources by name, each in its newest state, with what rests on it."""
        from dslineage.lineage.sources import list_sources

        return list_sources(self.registry)

    def claim(
        self,
        ref: str,
        type: str,  # noqa: A002 - the word that users know
        body: Mapping[str, Any],
        *,
        message: str = "",
    ) -> ClaimAdded:
        """Record a statement about any node; the node itself is never edited.

        Args:
            ref: a version, source, step, mixture, run, model or claim.
            type: what kind of statement it is; see docs/claims.md.
            body: what it says: JSON values. Of an evaluation, `set` may be any reference.
            message: why, for people.

        Raises:
            NotFoundError: the reference is unknown or ambiguous.
            UsageError: a claim of that type says something else.
        """
        from dslineage.lineage.claims import add_claim, resolved_body

        registry, work = self.registry, self._settled()
        about = registry.find(ref, here=work.here)
        said = resolved_body(registry, type, body, work.here)
        return add_claim(registry, work.store, about, type, said, work.stamp(message))

    def claims(self, ref: str | None = None, type: str | None = None) -> ClaimList:  # noqa: A002
        """What is claimed about a node, or about anything; the newest first."""
        from dslineage.lineage.claims import list_claims

        registry = self.registry
        about = registry.find(ref, here=self.work.here) if ref is not None else None
        return list_claims(registry, about, type)

    def audit(self, target: str, options: AuditOptions | None = None) -> Audit:
        """Which data trained a model, how that is known, and what is not.

        Args:
            target: a model, a run, or a folder with a checkpoint, recognised by its hashes.
            options: whether to hash everything again, and what is required.

        Raises:
            NotFoundError: the reference is unknown; or no record has the model in the folder.
            UsageError: the reference is neither a model nor a run; the options say nothing.
            BadDataError: a file of the model in the folder is damaged.
        """
        from dslineage.audit.audit import AuditOptions, audit
        from dslineage.config import read_config

        work = self.work
        return audit(
            self.registry.graph(),
            work.catalog,
            work.store,
            work.here,
            target,
            options or AuditOptions(),
            read_config(work.root).eval_sets,
            self.report,
        )
