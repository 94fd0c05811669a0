"""The statistics of report pages, on data worked out by hand or taken from published tables."""

import sys
from itertools import combinations
from math import exp
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import report_data
import report_statistics
from report_statistics import _rank_sum_cut, detectable, fewest_pairs, holm, judge, shift, signed_rank_p
from sample_results import Folder, schema_columns
from test_report_page import append_rows


def test_signed_ranks_count_patterns_of_signs():
    assert signed_rank_p([1, 2, 3, 4, 5, 6]) == pytest.approx(2 / 64)
    assert signed_rank_p([1, -2, 3]) == pytest.approx(6 / 8)  # sums 2 and 4: 0, 1 or 2 in 3 of 8 patterns
    assert signed_rank_p([0, 0]) == 1
    assert signed_rank_p([0, 1, 2, 3, 4, 5]) == pytest.approx(2 / 32)  # zeros are left out
    assert signed_rank_p([1, 1, 1, 1, 1]) == pytest.approx(2 / 32)  # ties share the mean rank


def test_the_normal_approximation_goes_on_where_counting_ends(monkeypatch):
    values = [(-1) ** (place % 3 == 0) * (place + 1) for place in range(60)]
    counted = signed_rank_p(values)
    monkeypatch.setattr(report_statistics, "EXACT_PAIRS", 10)
    assert signed_rank_p(values) != counted and signed_rank_p(values) == pytest.approx(counted, rel=0.05)


def test_holm_multiplies_by_what_is_left_and_never_falls():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]


def test_fewest_pairs_is_where_one_pattern_is_rare_enough():
    assert fewest_pairs(0.05) == 6 and fewest_pairs(0.005) == 9


@pytest.mark.parametrize("size, critical", [(3, -1), (4, 0), (5, 2), (8, 13), (10, 23), (20, 127)])
def test_rank_sums_have_the_published_critical_values(size, critical):
    # Mann and Whitney's U at 5 %, two-sided: reject at U <= critical.
    assert _rank_sum_cut(size, size, 0.025) == critical + 1


def test_rank_sums_of_unequal_samples_are_counted():
    sums = sorted(sum(chosen) - 6 for chosen in combinations(range(1, 9), 3))
    rare = [value for value in set(sums) if sum(one <= value for one in sums) / len(sums) <= 0.1]
    assert _rank_sum_cut(3, 5, 0.1) == max(rare) + 1 == _rank_sum_cut(5, 3, 0.1)


def test_a_shift_is_the_median_of_all_differences():
    assert shift([1, 2, 3], [11, 13, 15]) == (11, None, None)
    centre, low, high = shift(range(10), [value + 100 for value in range(10)])
    assert centre == 100 and low == pytest.approx(200 - high) and low < 100 < high
    assert shift([], [1]) is None


def test_a_tournament_ranks_and_tells_apart():
    blocks = range(20)
    field = {"slow": {block: 10 + block % 3 for block in blocks}, "fast": {block: 20 + block % 3 for block in blocks},
             "alike": {block: (20 + block % 3) * (1.01 if block % 2 else 0.99) for block in blocks}}
    result = judge(field, larger_is_better=True)
    assert result.leader in ("fast", "alike") and result.blocks_needed == 11
    assert {duel.other: duel.outcome for duel in result.duels} == {
        "slow": "better", ({"fast", "alike"} - {result.leader}).pop(): "unresolved"}
    assert judge(field, larger_is_better=False).leader == "slow"
    assert judge({"alone": {0: 1}}, True) is None
    assert {duel.outcome for duel in judge({name: dict(list(values.items())[:5]) for name, values in field.items()}, True).duels} == {
        "too_few_blocks"}
    assert detectable([0.1] * 5, 0.005) is None and detectable([0.1, 0.2] * 10, 0.005) > 0


# p99 in nanoseconds of 14 blocks that `crosstalk compare` measured, and what it wrote of them into comparison.csv: leader / other
# with its interval, p adjusted over all pairs, smallest difference in per cent.
MEASURED = {
    "coarse/ticket": [89599, 32127, 34559, 34047, 42239, 48895, 31359, 34047, 30079, 40191, 35071, 31615, 32127, 30335],
    "map/flat_map": [31103, 43263, 37631, 34047, 30335, 50431, 29823, 44799, 35071, 29823, 31103, 35071, 40191, 30335],
    "sharded/ttas": [28287, 33535, 31615, 31359, 34047, 33023, 32639, 40703, 35071, 34559, 31359, 38655, 50431, 33535],
}
PROGRAM_SAYS = [("sharded/ttas", 1.0213415572420064, 0.8864544707600809, 1.2011609671987995, 73.34421064271434),
                ("map/flat_map", 1, 0.871776716101985, 1.180007626674948, 61.33242263631637)]


def test_the_program_and_the_page_judge_alike():
    field = {name: dict(enumerate(values)) for name, values in MEASURED.items()}
    result = judge(field, larger_is_better=False, leader="coarse/ticket")
    assert [duel.other for duel in result.duels] == [row[0] for row in PROGRAM_SAYS]
    for duel, (_, ratio, low, high, seen_pct) in zip(result.duels, PROGRAM_SAYS):
        assert (duel.ratio, duel.low, duel.high) == pytest.approx((ratio, low, high), rel=1e-12)
        assert 100 * (exp(duel.detectable) - 1) == pytest.approx(seen_pct, rel=1e-12)
        assert duel.outcome == "unresolved" and duel.blocks == 14


def test_blocks_that_one_strategy_lacks_are_left_out_of_its_pairs():
    field = {"a": {block: 2.0 for block in range(12)}, "b": {block: 1.0 for block in range(2, 12)}}
    duel = judge(field, True).duels[0]
    assert duel.blocks == 10 and duel.ratio == pytest.approx(2) and duel.outcome == "better"


def recorded(tmp_path, **comparison):
    """A folder in whose comparison.csv the program judged otherwise than runs.csv would have it."""
    sample = Folder()
    for block in range(12):
        for strategy, speed in (("a/one", 1e6), ("a/two", 2e6)):
            sample.add(strategy=strategy, block=block, achieved_ops_s=speed, service=range(100, 900))
    folder = sample.write(tmp_path / "results")
    same = {"schema_version": 1, "run_id": "20250301-120000-77", "load": "closed, 5,000 clients, 2 drivers",
            "metric": "throughput", "better": "larger"}
    append_rows(folder, "comparison", "kComparison", [
        {**same, "value": "median of 10ms slices", "leader": "a/one", "other": "a/two", "leader_value": 3, "other_value": 2,
         "ratio": 1.5, "ratio_low": 1.4, "ratio_high": 1.6, "confidence_pct": 95, "p": 0, "p_holm": 0, "blocks": 12, "looks": 1,
         "sd_pair_pct": 1, "mde_pct": 4, "verdict": "better", **comparison}])
    append_rows(folder, "blocks", "kBlocks", [{**same, "strategy": strategy, "block": block, "value": value}
                                              for block in range(12) for strategy, value in (("a/one", 3), ("a/two", 2))])
    assert set(comparison) < set(schema_columns("kComparison"))
    return report_data.read(folder).fields[0]


def test_what_the_program_judged_stands(tmp_path):
    judged = recorded(tmp_path).judged["throughput"]
    assert judged.recorded and judged.what == "median of 10ms slices" and judged.tournament.leader == "a/one"
    duel = judged.tournament.duels[0]
    assert (duel.other, duel.outcome, duel.ratio, duel.blocks) == ("a/two", "better", 1.5, 12)
    assert exp(duel.detectable) == pytest.approx(1.04) and judged.typical("a/one")[0] == 3


def test_a_verdict_on_another_load_is_not_taken(tmp_path):
    judged = recorded(tmp_path, load="closed, 6,000 clients, 2 drivers").judged["throughput"]
    assert not judged.recorded and judged.tournament.leader == "a/two"
    assert judged.tournament.duels[0].ratio == pytest.approx(2)
