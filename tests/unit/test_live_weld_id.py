import pytest

from weldspot_desktop.inspection.weld_id import following


@pytest.mark.parametrize(
    ("weld_id", "expected"),
    [
        ("W-119", "W-120"),
        ("W-009", "W-010"),
        ("W-99", "W-100"),
        ("12-A3b", "12-A4b"),
        ("7", "8"),
        ("seam", ""),
        ("", ""),
    ],
)
def test_the_last_number_counts_up(weld_id: str, expected: str) -> None:
    assert following(weld_id) == expected
