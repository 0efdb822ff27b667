"""What a cycle may be opened with."""

import pytest

from declarations.actions.cycle import refuse_method
from sihao.accounts.refusals import Refused


@pytest.mark.parametrize("parameters", [{}, {"panel_method": "median"}, {"panel_method": "trimmed_mean", "readers": 5}])
def test_a_method_with_readers_enough_is_taken(parameters):
    assert refuse_method(parameters) is None


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"panel_method": "trimmed_mean", "readers": 4},
            "去掉最高分和最低分后取平均，每件至少要5名专家，本周期设为4名。",
        ),
        ({"panel_method": "trimmed_mean"}, "去掉最高分和最低分后取平均，每件至少要5名专家，本周期设为2名。"),
        ({"panel_method": "mean"}, "没有“mean”这种合分办法，可用：median、trimmed_mean。"),
    ],
)
def test_a_method_that_nobody_could_settle_by_is_refused(parameters, sentence):
    with pytest.raises(Refused) as caught:
        refuse_method(parameters)
    assert str(caught.value) == sentence
