"""A broken conversion is found by its figures: weights lost, inputs not scaled."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from model_surgery import FLOAT16, STARTER, changed, unscaled, with_card, zeroed

from weldspot_desktop import paths
from weldspot_desktop.model import ModelFile
from weldspot_desktop.registry import parity, scoring
from weldspot_desktop.registry.evaluation import Scored
from weldspot_desktop.registry.parity import ParityLimits
from weldspot_desktop.registry.scoring import LabelledFile
from weldspot_desktop.settings import Models

LIMITS = ParityLimits(
    Models().parity_mean, Models().parity_largest, Models().parity_auc, Models().parity_flips_percent / 100
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[LabelledFile]:
    """The samples; a truth by lot is as good as any for comparing two files."""
    found = sorted(paths.resource("samples").glob("*.jpg"))
    truth = np.random.default_rng(1).random((len(found), 7)) < 0.4
    return [
        LabelledFile(path, f"{n:064x}", tuple(np.flatnonzero(row).tolist()), {}, n, "samples", path.name)
        for n, (path, row) in enumerate(zip(found, truth, strict=True))
    ]


def scores(path: Path, files: list[LabelledFile]) -> Scored:
    return scoring.score(ModelFile.open(path), files).scored


@pytest.fixture(scope="module")
def network(files: list[LabelledFile]) -> Scored:
    """The float16 file stands for the network: they differ by 0.001."""
    return scores(FLOAT16, files)


def faults(found: Scored, network: Scored) -> str:
    figures = parity.figures(found, network, ModelFile.open(STARTER).card.thresholds)
    return "; ".join(parity.faults(figures, LIMITS))


def test_the_shipped_int8_file_is_within_the_limits(files: list[LabelledFile], network: Scored) -> None:
    figures = parity.figures(scores(STARTER, files), network, ModelFile.open(STARTER).card.thresholds)
    assert figures["pictures"] == len(files)
    assert 0 < figures["mean_difference"] < LIMITS.mean
    assert figures["mean_difference"] < figures["largest_difference"] < LIMITS.largest


@pytest.mark.parametrize("damage", [zeroed, unscaled])
def test_a_broken_conversion_is_over_the_limits(
    damage: object, files: list[LabelledFile], network: Scored, tmp_path: Path
) -> None:
    broken = with_card(
        tmp_path,
        changed(FLOAT16.read_bytes(), damage),
        version=9,
        like=FLOAT16,  # type: ignore[arg-type]
    )
    said = faults(scores(broken, files), network)
    assert "the mean difference of scores" in said
    assert "the largest difference of scores" in said
    assert "the share of verdicts that flip" in said


def test_a_file_that_is_not_changed_has_no_faults(files: list[LabelledFile], network: Scored, tmp_path: Path) -> None:
    same = with_card(tmp_path, changed(FLOAT16.read_bytes(), lambda graph: None), version=9, like=FLOAT16)
    assert faults(dataclasses.replace(scores(same, files), distances=network.distances), network) == ""


def test_each_limit_counts_alone() -> None:
    good = {
        "mean_difference": 0.02,
        "largest_difference": 0.2,
        "macro_auc_change": {"value": -0.01},
        "verdicts_flipped": 5,
        "pictures": 100,
    }
    assert parity.faults(good, LIMITS) == []
    for name, value in (
        ("mean_difference", 0.0201),
        ("largest_difference", 0.201),
        ("macro_auc_change", {"value": 0.0101}),
        ("verdicts_flipped", 6),
        ("pictures", 0),
    ):
        assert len(parity.faults(good | {name: value}, LIMITS)) == 1, name


def test_figures_that_are_missing_or_no_numbers_are_over_the_limit() -> None:
    assert len(parity.faults({}, LIMITS)) == 4
    nonsense = {"mean_difference": float("nan"), "largest_difference": "0", "macro_auc_change": [], "pictures": True}
    assert len(parity.faults(nonsense, LIMITS)) == 4


def test_an_older_card_counts_the_pictures_of_its_evaluation() -> None:
    figures = parity.of_card(ModelFile.open(STARTER).card.metrics)
    assert figures is not None
    assert figures["pictures"] == 238
    assert parity.faults(figures, LIMITS) == []
    assert parity.of_card({}) is None
