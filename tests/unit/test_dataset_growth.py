"""A dataset that grows: what was test stays test, and nothing of its scenes is ever learned from."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from weldspot_desktop.dataset.growth import Earlier, Place, grow
from weldspot_desktop.dataset.split import SHARES, Split, split

SIDES = (Split.TRAIN, Split.VALIDATION)


def first_split(truth: np.ndarray, groups: np.ndarray, seed: int) -> list[Place]:
    return [Place(kind, newer=False) for kind in split(truth, groups, seed=seed)]


def history(places: list[Place], known: list[Earlier | None]) -> list[Earlier | None]:
    """What the next step knows of these pictures."""
    found: list[Earlier | None] = []
    for place, before in zip(places, known, strict=True):
        first = before.first if before is not None else False
        frozen = before.frozen if before is not None else False
        found.append(Earlier(place.split, frozen, first))
    return found


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31), st.lists(st.integers(1, 40), min_size=2, max_size=5), st.integers(0, 30))
def test_the_invariants_hold_however_it_grows(seed: int, sizes: list[int], links: int) -> None:
    """Pictures arrive in portions; some link scenes that were apart before."""
    random = np.random.default_rng(seed)
    count = sum(sizes)
    truth = random.random((count, 7)) < 0.3
    groups = random.integers(0, max(1, count // 2), count)
    first = sizes[0]
    places = first_split(truth[:first], groups[:first], seed)
    known: list[Earlier | None] = [Earlier(p.split, p.split is Split.TEST, True) for p in places]
    frozen = {index for index, place in enumerate(places) if place.split is Split.TEST}
    learned = {index for index, place in enumerate(places) if place.split in SIDES}
    have = first
    for size in sizes[1:]:
        have += size
        for _ in range(links):
            a, b = random.integers(0, have, 2)
            if max(a, b) >= have - size:
                # Only a picture that is new can show that two scenes are one.
                groups[groups == groups[a]] = groups[b]
        known += [None] * size
        places = grow(truth[:have], groups[:have], known, seed=seed)
        assert places == grow(truth[:have], groups[:have], known, seed=seed)
        assert {i for i, place in enumerate(places) if place.split is Split.TEST and not place.newer} == frozen
        for number in set(groups[:have].tolist()):
            members = [i for i in range(have) if groups[i] == number]
            kinds = {places[i].split for i in members} - {None}
            assert len(kinds) <= 1, "a scene lies in two splits"
            if frozen.intersection(members):
                assert kinds == {Split.TEST}
        tested = {i for i, place in enumerate(places) if place.split is Split.TEST}
        assert not tested & learned, "a model has learned from a test picture"
        out = {i for i, place in enumerate(places) if place.split is None}
        assert out <= learned, "a picture is in no split without a reason"
        learned |= {i for i, place in enumerate(places) if place.split in SIDES}
        known = history(places, known)


def test_the_newer_part_is_split_in_proportion_also_when_it_comes_one_by_one() -> None:
    random = np.random.default_rng(3)
    truth = random.random((260, 7)) < 0.3
    groups = np.arange(260)
    places = first_split(truth[:100], groups[:100], 1)
    known: list[Earlier | None] = [Earlier(p.split, p.split is Split.TEST, True) for p in places]
    for have in range(101, 261):
        known.append(None)
        places = grow(truth[:have], groups[:have], known, seed=1)
        known = history(places, known)
    later = [place.split for place in places[100:]]
    for kind in Split:
        assert abs(later.count(kind) / len(later) - SHARES[kind]) < 0.03


def test_a_late_copy_joins_the_side_of_its_scene() -> None:
    truth = np.ones((8, 7), dtype=bool)
    sides = [Split.TRAIN, Split.VALIDATION, Split.TEST, Split.TEST]
    known = [Earlier(side, frozen, True) for side, frozen in zip(sides, (False, False, True, True), strict=True)]
    groups = [0, 1, 2, 3, 0, 1, 2, 3]
    places = grow(truth, groups, [*known, None, None, None, None], seed=1)
    assert [place.split for place in places] == [*sides, *sides]
    assert [place.newer for place in places] == [False] * 6 + [True] * 2
    # A fifth picture shows that the scenes of train and test are one.
    linked = grow(truth[:5], [2, 1, 2, 3, 2], [*known, None], seed=1)
    assert [place.split for place in linked] == [None, Split.VALIDATION, Split.TEST, Split.TEST, Split.TEST]
