"""Copy a published example of another region into a plan, as a draft that says where it came from."""

from __future__ import annotations

from assessor_app.errors import AppError
from assessor_app.i18n import t
from assessor_app.models.innovations import Innovation
from assessor_app.models.journal import Unit
from assessor_app.models.kinds import DIMENSIONS
from assessor_app.workflow.planning import add_programme, ensure_plan
from assessor_app.workflow.queries.examples import title_of


def copy_example(unit: Unit, region: str, record: str) -> str:
    """Make a programme of an example; return its id. Raises AppError where the example was withdrawn meanwhile.

    It takes name, words and benefit, and no agency, money, target or contact, which are the other region's. Region, title and year stand in
    it as text: what happens to the example later changes nothing here.
    """
    example = unit.get(Innovation, record)
    if example.deleted:
        raise AppError(t("This example was withdrawn."), kept=t("Nothing was changed."))
    inner = DIMENSIONS.get(example.dimension) or next(iter(DIMENSIONS.values()))  # a newer program may know others
    sub = example.sub_dimension if example.sub_dimension in inner else inner[0]
    told = "\n\n".join(filter(None, (example.description, example.problem)))
    return add_programme(unit, ensure_plan(unit, region), sub_dimension=sub, name=example.name, description=told, benefit=example.benefit,
                         origin=f"{title_of(example.region)}, “{example.name}”, {example.year}")
