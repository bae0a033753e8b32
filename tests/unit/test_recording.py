"""What a record holds: the weld, the station, who and with which certificate, and the heat map of a kept picture."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from weldspot_desktop import paths
from weldspot_desktop.context import Context
from weldspot_desktop.inspection.recording import Source, ToRecord
from weldspot_desktop.settings import Station
from weldspot_desktop.store import heat_maps, inspections, people, weld_identity
from weldspot_desktop.store.people import Role
from weldspot_desktop.store.schema import HeatMap, Inspection
from weldspot_desktop.store.weld_identity import FIELDS, From

SAMPLE = paths.resource("samples", "porosity.jpg")


@pytest.fixture
def context(workspace: Path) -> Iterator[Context]:
    opened = Context(workspace)
    yield opened
    opened.close()


@pytest.mark.usefixtures("each_database")
def test_a_record_holds_weld_station_certificate_and_heat_map(context: Context) -> None:
    context.settings.station = Station(station="Booth 2", acceptance_standard="ISO 5817", acceptance_level="C")
    with context.database.write() as session:
        asa = people.add(session, name="Åsa", role=Role.INSPECTOR, certificate=" VT 2  ISO 9712 ", by="system")
    inspector = context.inspector()
    found = inspector.content(SAMPLE.read_bytes(), origin="a.jpg")
    weld = {"weld_id": " W-1 ", "acceptance_level": "B", "batch": "7", "wps": ""}
    items = [ToRecord(found, SAMPLE.read_bytes(), weld=weld), ToRecord(found)]
    numbers = context.recorder(inspector).record(items, source=Source.IMPORT, person=asa)
    with context.database.read() as session:
        row = inspections.get(session, numbers[0])
        assert row is not None
        assert list(row.weld.items()) == [
            ("weld_id", "W-1"),
            ("station", "Booth 2"),
            ("method_standard", "ISO 17637"),
            ("acceptance_standard", "ISO 5817"),
            ("acceptance_level", "B"),
            ("inspector_certificate", "VT 2 ISO 9712"),
            ("batch", "7"),
        ]
        kept = heat_maps.read(session, numbers[0])
        assert kept is not None
        assert found.prediction is not None
        np.testing.assert_allclose(kept, found.prediction.heatmap, rtol=1e-3, atol=1e-3)
        assert heat_maps.read(session, numbers[1]) is None, "no picture, no heat map"
        found_words = inspections.page(session, inspections.Query(text="booth 9712"), offset=0, limit=5)
        assert [row.id for row in found_words] == numbers[::-1]
        assert inspections.count(session, inspections.Query(text="acceptance")) == 0, "keys are not words of a record"
    with context.database.write() as session:
        people.change(session, asa, role=Role.INSPECTOR, pin=None, keep_pin=True, certificate="", by="Åsa")
    assert context.verify_trail(lambda done, total: None).sound


def test_a_heat_map_of_a_strangers_database_is_read_or_refused(context: Context) -> None:
    with context.database.write() as session:
        row = Inspection(created=datetime.now(UTC), source="import", origin="a", reason="", classes=[], weld={})
        inspections.add(session, [row], person="system")
        kept = HeatMap(inspection_id=row.id, height=2, width=2, content=b"")
        session.add(kept)
        for content in (b"", b"no zlib", heat_maps.packed(np.zeros((3, 3, 7), np.float32)).content):
            kept.content = content
            session.flush()
            assert heat_maps.read(session, row.id) is None


def test_every_fact_of_the_station_is_a_setting_of_the_same_name() -> None:
    assert list(Station.model_fields) == [field.key for field in FIELDS if field.source is From.STATION]
    assert len(set(weld_identity.KEYS)) == len(FIELDS)
    titles = [field.title for field in Station.model_fields.values()]
    assert titles == [field.label for field in FIELDS if field.source is From.STATION]
