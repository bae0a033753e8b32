"""The seven classes and their spellings."""

import pytest

from weldspot_desktop import labels


def test_the_order_is_that_of_the_house() -> None:
    assert labels.CLASSES == (
        "Background",
        "Bad Welding",
        "Crack",
        "Excess Reinforcement",
        "Good Welding",
        "Porosity",
        "Splatters",
    )
    assert (labels.BACKGROUND, labels.GOOD_WELDING, labels.COUNT) == (0, 4, 7)
    assert labels.DEFECTS == (1, 2, 3, 5, 6)
    assert labels.WELD_CLASSES == (1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize("index", range(7))
def test_every_name_finds_its_index(index: int) -> None:
    name = labels.CLASSES[index]
    for spelling in (name, name.upper(), name.casefold(), name.replace(" ", "_"), name.replace(" ", "-"), f"  {name} "):
        assert labels.class_index(spelling) == index


@pytest.mark.parametrize("name", ["Spatters", "spatter", "Splatter", "SPATTERS"])
def test_the_datasets_spellings_of_splatters(name: str) -> None:
    assert labels.class_index(name) == 6


@pytest.mark.parametrize("name", ["", "Welding", "Good", "Undercut", "Poro sity"])
def test_other_names_are_refused_by_name(name: str) -> None:
    with pytest.raises(labels.UnknownClassError, match="none of the seven"):
        labels.class_index(name)


def test_names_come_once_and_in_order() -> None:
    assert labels.names([6, 1, 6, 0]) == ["Background", "Bad Welding", "Splatters"]
    assert labels.names([]) == []
