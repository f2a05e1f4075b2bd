"""What was entered into a region's programmes on its way to the notebook: in order, and kept until it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer

from assessor_app.ui.context import AppContext
from assessor_app.workflow import plan_cells, planning
from assessor_app.workflow.plan_cells import NewProgramme
from assessor_app.workflow.queries.master_plan import ProgrammeRow


@dataclass
class Batch:
    """One step: values by programme and field, new programmes, and how the rows read with them."""

    changes: dict[str, dict[str, Any]]
    new: list[NewProgramme]
    purpose: str
    rows: dict[str, ProgrammeRow] = field(default_factory=dict)


class PlanEntries(QObject):
    """Hands steps to the writer; it outlives the page, so that what could not be written is neither lost nor silent."""

    def __init__(self, context: AppContext, region: str) -> None:
        super().__init__(context)
        self.folder, self.region = context.account.folder, region
        self._context = context
        self._slot = f"programmes of {region}"
        self._due: list[Batch] = []  # shown, not yet with the writer
        self._unsaved: list[Batch] = []  # could not be written
        self._writes: list[Future[Any]] = []
        self._painted = QTimer(self, singleShot=True, interval=0)
        self._painted.timeout.connect(self.send)
        context.flush_requested.connect(self.save_again)

    @property
    def busy(self) -> bool:
        """Whether the screen may be newer than the notebook."""
        self._writes = [one for one in self._writes if self._context.tasks.under_way(one)]
        return bool(self._writes or self._due or self._unsaved)

    def rows(self) -> Iterable[ProgrammeRow]:
        """Return how the rows read that are not in the notebook yet."""
        found: dict[str, ProgrammeRow] = {}
        for batch in (*self._unsaved, *self._due):
            found |= batch.rows
        return found.values()

    def enter(self, batch: Batch) -> None:
        """Write a step that is shown already, once it is painted: the writer would take the processor from the screen."""
        for record, values in batch.changes.items():  # what could not be written before must not come over what is newer
            for older in self._unsaved:
                for name in values:
                    older.changes.get(record, {}).pop(name, None)
        self._due.append(batch)
        self._painted.start()

    def send(self) -> None:
        """Hand everything that was entered to the writer, now."""
        self._painted.stop()
        due, self._due = self._due, []
        for batch in due:
            self._hand_over(batch)

    def save_again(self) -> None:
        """Write what is on its way, after what could not be written before."""
        if not self._context.unlocked or self._context.account.folder != self.folder:
            return
        self._painted.stop()
        batches, self._unsaved, self._due = [*self._unsaved, *self._due], [], []
        for batch in batches:
            self._hand_over(batch)

    def write(self, function: Callable[..., Any], *args: Any, purpose: str, failed: Callable[[Exception], None],
              done: Callable[[Any], object] | None = None, **named: Any) -> None:
        """Write something else of the plan, behind what was entered before."""
        self.send()
        self._writes.append(self._context.tasks.write(function, *args, purpose=purpose, failed=failed, done=done, owner=self, **named))

    def _hand_over(self, batch: Batch) -> None:
        region = self.region

        def work(unit: Any) -> None:
            plan_cells.write_cells(unit, region, planning.ensure_plan(unit, region), batch.changes, batch.new)

        self._writes.append(self._context.tasks.write(work, purpose=batch.purpose, owner=self,
                                                       done=self._on_written, failed=partial(self._on_failed, batch)))

    def _on_written(self, _: object) -> None:
        if not self.busy:
            self._context.unsaved.drop(self.folder, self._slot)

    def _on_failed(self, batch: Batch, error: Exception) -> None:
        self._unsaved.append(batch)
        self._context.unsaved.hold(self.folder, self._slot, self.save_again, error)


def entries_of(context: AppContext, region: str) -> PlanEntries:
    """Return the entries of a region in the open notebook; those that could not be written wait for theirs, also over a lock."""
    for one in context.findChildren(PlanEntries):
        if one.region == region and one.folder == context.account.folder:
            return one
    return PlanEntries(context, region)
