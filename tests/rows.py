"""Many rows at once, written past the actions: only for tests that ask how reading behaves with many."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from declarations.actions.counting import recount
from declarations.demo.stages import World
from declarations.models import Cycle, Declaration, Recognition
from declarations.states import State
from scoring.models import Ledger
from sihao.accounts.models import Organisation
from sihao.accounts.roles import Kind
from tests.factories import make_federation
from tests.worlds import NATION, NOW, PROVINCE, president_of


def declare(
    cycle: Cycle, names: Sequence[str], *, home: Organisation, state: State, held: bool = True
) -> list[Declaration]:
    """Write cases of one home in one state."""
    start = Declaration.objects.count() + 1
    unit = make_federation(f"{home.code[:2]}0000")
    bodies = Organisation.objects.bulk_create(
        Organisation(
            kind=Kind.CHAMBER, level=home.level, parent=home, region=home.region, name=name, path=f"{home.path}r{n}/"
        )
        for n, name in enumerate(names, start=start)
    )
    ledgers = Ledger.objects.bulk_create(Ledger(programme=cycle.programme) for _ in names)
    return Declaration.objects.bulk_create(
        Declaration(
            cycle=cycle,
            applicant=body,
            applicant_name=body.name,
            number=f"ROW-{n:06d}",
            home=home,
            unit=unit,
            path=body.path,
            route=[home.pk],
            ledger=ledger,
            state=state,
            holder=home if held else None,
            held_since=NOW,
            started_at=NOW,
            submitted_at=NOW,
        )
        for n, (body, ledger) in enumerate(zip(bodies, ledgers, strict=True), start=start)
    )


def recognise(
    cycle: Cycle, names: Sequence[str], *, unit: str = "410000", kind: str = "行业商会", at: datetime = NOW
) -> list[Recognition]:
    """Write recognised chambers of one unit."""
    node = make_federation(unit)
    serial = Recognition.objects.filter(cycle=cycle).count()
    cases = declare(cycle, names, home=node, state=State.RECOGNISED, held=False)
    return Recognition.objects.bulk_create(
        Recognition(
            declaration=case,
            cycle=cycle,
            serial=n,
            number=f"{cycle.certificate_prefix}{n:04d}",
            name=case.applicant_name,
            unit_name=node.name,
            unit_code=node.code,
            chamber_type=kind,
            recognised_at=at,
            published_at=at,
        )
        for n, case in enumerate(cases, start=serial + 1)
    )


def approve(world: World, count: int) -> list[Declaration]:
    """Write cases of the world's province that the meeting approved, ranked, counted, each with a president."""
    home, nation = make_federation(PROVINCE), make_federation(NATION)
    cases = declare(world.cycle, [f"示例商会{n}" for n in range(1, count + 1)], home=home, state=State.APPROVED)
    for rank, case in enumerate(cases, start=1):
        case.rank, case.holder, case.final_total = rank, nation, Decimal(420)
        case.save(update_fields=["rank", "holder", "final_total"])
        recount(case, Counter())
        president_of(case.applicant)
    return cases
