"""Uploads: what arrived stays as it came, is added once, and is compared with what the workstation's model says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from arrivals import PICTURE, arrival, fill
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from weldspot_desktop.store import Database, uploads
from weldspot_desktop.store.column_types import ObjectName, fit_for_text
from weldspot_desktop.store.schema import Upload
from weldspot_desktop.store.uploads import State
from weldspot_desktop.verdict import ThresholdSet, judge
from weldspot_desktop.verdict.uncertainty import uncertainty

THRESHOLDS = ThresholdSet(name="test", lower=(0.3,) * 7, upper=(0.6,) * 7)


@pytest.fixture
def session(store_place: Path | str) -> Iterator[Session]:
    database = Database(store_place)
    with database.write() as session:
        fill(session, 0)
        yield session
    database.close()


def test_an_arrival_is_in_the_queue_once_however_often_it_comes(session: Session) -> None:
    first = uploads.add(session, arrival(1, group="Werft", audit=True))
    again = uploads.add(session, arrival(1, ticks=1, group="other"))
    assert again.id == first.id
    session.expire_all()
    found = session.scalars(select(Upload)).one()
    assert (found.state, found.ticks, found.group, found.audit, found.reason) == (State.NEW, 4, "Werft", True, "")
    assert found.phone_scores == [0.1, 0.2, 0.9, 0.0, 0.1, 0.0, 0.0]
    assert 0 <= found.lot < 1
    assert (found.own_scores, found.disagreement, found.lease_until) == (None, None, None)
    assert uploads.add(session, arrival(1, generation=2)).id != first.id
    assert uploads.add(session, arrival(1, inbox="other")).id != first.id


def test_what_two_programs_found_at_the_same_moment_is_one_upload(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = uploads.add(session, arrival(1))
    real, looks = uploads._same, iter([False, True])
    # The look before writing is the one that comes too early.
    monkeypatch.setattr(uploads, "_same", lambda *asked: real(*asked) if next(looks) else None)
    assert uploads.add(session, arrival(1)).id == first.id
    assert len(session.scalars(select(Upload)).all()) == 1


def test_what_cannot_be_reviewed_goes_to_quarantine_with_its_reason(session: Session) -> None:
    found = uploads.add(
        session, arrival(1, ticks=None, phone_scores=None, picture_sha256=None, reason="The picture is empty.")
    )
    assert (found.state, found.reason, found.picture_sha256) == (State.QUARANTINED, "The picture is empty.", None)
    with pytest.raises(ValueError, match="needs a reason"):
        uploads.add(session, arrival(2, picture_sha256=None))
    with pytest.raises(ValueError, match="bits of 7"):
        uploads.add(session, arrival(2, ticks=128))
    for scores in ([0.5] * 6, [0.5] * 6 + [float("nan")], [0.5] * 6 + [1.5]):
        with pytest.raises(ValueError, match="within 0 to 1"):
            uploads.add(session, arrival(2, phone_scores=scores))


def test_what_strangers_wrote_is_held_or_cut_but_never_stops_the_sync(session: Session) -> None:
    hostile = "uploads/x/\x00\ud800 ' \" %_ \u202e.jpg"
    made = uploads.add(
        session,
        arrival(1, name=hostile, uid="u" * 500, group="g\x00\ud800" * 100, weld_id="", content_type="x" * 999),
    )
    coded = uploads.add(session, arrival(2, name="bytes:%00"))
    session.flush()
    session.expire_all()
    assert made.name == hostile
    assert coded.name == "bytes:%00"
    assert (len(made.uid or ""), len(made.group or ""), len(made.content_type or "")) == (128, 120, 200)
    asked = [(hostile, 1), (hostile, 2), ("bytes:%00", 2), ("unknown", 1)]
    assert uploads.known(session, made.inbox, asked) == {(hostile, 1), ("bytes:%00", 2)}


@given(st.text(st.characters(), max_size=30) | st.text(alphabet="bytes:%\x00\ud800a"))
def test_any_name_comes_back_exactly_and_no_two_become_one(name: str) -> None:
    kind = ObjectName()
    stored = kind.process_bind_param(name, None)  # type: ignore[arg-type]
    assert stored is not None
    assert "\x00" not in stored
    stored.encode()
    assert kind.process_result_value(stored, None) == name  # type: ignore[arg-type]
    fit_for_text(name).encode()


def test_known_ones_are_found_among_many(session: Session) -> None:
    fill(session, 1300)
    asked = [(arrival(number).name, number) for number in range(2600)]
    assert uploads.known(session, "local:/inbox", asked) == set(asked[:1300])
    assert uploads.known(session, "local:/other", asked) == set()
    assert uploads.known(session, "local:/inbox", []) == set()


def test_counts_are_of_all_states_and_of_a_group(session: Session) -> None:
    fill(session, 3, group="Werft")
    uploads.add(session, arrival(7, reason="wrong name"))
    assert uploads.counts(session)[State.NEW] == 3
    assert uploads.counts(session)[State.QUARANTINED] == 1
    assert list(uploads.counts(session, "Werft").values()) == [3, 0, 0, 0, 0, 0]
    assert set(uploads.counts(session, "nobody").values()) == {0}


def test_own_scores_give_doubt_and_disagreement(session: Session) -> None:
    (number,) = fill(session, 1)
    scores = [0.0, 0.45, 0.7, 0.1, 0.2, 0.0, 0.0]
    uploads.set_own_scores(session, number, scores, "m" * 64, THRESHOLDS)
    session.flush()
    session.expire_all()
    found = session.get_one(Upload, number)
    assert found.own_scores == scores
    assert found.own_model_sha256 == "m" * 64
    assert found.uncertainty == uncertainty(judge(scores, THRESHOLDS), scores, THRESHOLDS)
    assert found.disagreement == 0.45, "Bad Welding is not ticked, and the model says 0.45"
    with pytest.raises(LookupError):
        uploads.set_own_scores(session, number + 1, scores, "m" * 64, THRESHOLDS)
    with pytest.raises(ValueError, match="within 0 to 1"):
        uploads.set_own_scores(session, number, [2.0] * 7, "m" * 64, THRESHOLDS)


def test_the_phone_speaks_where_nobody_ticked() -> None:
    own, phone = [0.0, 0.5, 0.7, 0.1, 0.2, 0.0, 0.0], [0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert uploads.disagreement(1 << 2, phone, own) == 0.5
    assert uploads.disagreement(0, phone, own) == 0.9
    assert uploads.disagreement(None, phone, own) == 0.9
    assert uploads.disagreement(None, None, own) is None
    assert uploads.disagreement(4, phone, None) is None


def test_an_arrival_names_only_columns(session: Session) -> None:
    values = replace(arrival(1), crc32c="AAAAAA==", faces=2, app_version="1.2")
    found = uploads.add(session, values)
    assert (found.crc32c, found.faces, found.app_version, found.picture_sha256) == ("AAAAAA==", 2, "1.2", PICTURE)
