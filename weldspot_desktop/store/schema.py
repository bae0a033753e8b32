"""Tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from weldspot_desktop.store.column_types import FilePath, ObjectName, UtcTime


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Person(Base):
    """Somebody whose name stands behind an entry."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    role: Mapped[str] = mapped_column(String(40))
    certificate: Mapped[str | None] = mapped_column(String(120))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool]
    created: Mapped[datetime] = mapped_column(UtcTime)


class KeptPicture(Base):
    """A picture whose bytes lie in the workspace, named by their SHA-256 and never rewritten."""

    __tablename__ = "picture"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    suffix: Mapped[str] = mapped_column(String(8))
    bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    added: Mapped[datetime] = mapped_column(UtcTime)


class Inspection(Base):
    """One picture judged once; or, with `error`, one that could not be. Never changed: what people say later is added.

    `manner` is the digest of all that decides the verdict beside model, thresholds and region: quality limits and
    tiles. `trigger` says what asked for a live record, `quality` holds the measures of the picture by name, `tile` the
    part of the picture that decided in tile mode, `uncertainty` how near it was to another verdict
    (`verdict.uncertainty`). Null in what older programs wrote.
    """

    __tablename__ = "inspection"

    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[datetime] = mapped_column(UtcTime, index=True)
    source: Mapped[str] = mapped_column(String(20), index=True)
    origin: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    verdict: Mapped[str | None] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(Text)
    classes: Mapped[list[int]] = mapped_column(JSON)
    scores: Mapped[list[float] | None] = mapped_column(JSON)
    distance: Mapped[float | None]
    uncertainty: Mapped[float | None]
    milliseconds: Mapped[float | None]
    model_name: Mapped[str | None] = mapped_column(String(120))
    model_version: Mapped[int | None]
    model_sha256: Mapped[str | None] = mapped_column(String(64))
    thresholds_name: Mapped[str | None] = mapped_column(String(80))
    thresholds_digest: Mapped[str | None] = mapped_column(String(12))
    thresholds: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    manner: Mapped[str | None] = mapped_column(String(12))
    region: Mapped[list[float] | None] = mapped_column(JSON)
    tile: Mapped[list[float] | None] = mapped_column(JSON)
    quality: Mapped[dict[str, float] | None] = mapped_column(JSON)
    trigger: Mapped[str | None] = mapped_column(String(20))
    weld: Mapped[dict[str, str]] = mapped_column(JSON)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    error: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person | None] = relationship(lazy="joined")


class HeatMap(Base):
    """Class evidence of an inspection: (height, width, 7) logits as float16, compressed with zlib."""

    __tablename__ = "heat_map"

    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"), primary_key=True)
    height: Mapped[int]
    width: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Override(Base):
    """A person's verdict in place of the program's; the latest of an inspection holds, the others stay.

    `undoes` is the entry that this one takes back; an empty verdict says that the program's own holds again.
    """

    __tablename__ = "override"

    id: Mapped[int] = mapped_column(primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    verdict: Mapped[str] = mapped_column(String(20))
    classes: Mapped[list[int]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    undoes: Mapped[int | None] = mapped_column(ForeignKey("override.id"))

    person: Mapped[Person] = relationship(lazy="joined")


class Finding(Base):
    """An imperfection that a person measured, by ISO 6520-1 code; sizes in millimetres, position as 0..1 box.

    Never changed: a later finding that `supersedes` it holds in its place.
    """

    __tablename__ = "finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    class_index: Mapped[int]
    code: Mapped[str] = mapped_column(String(20))
    size_mm: Mapped[float | None]
    position: Mapped[list[float] | None] = mapped_column(JSON)
    disposition: Mapped[str] = mapped_column(String(40))
    repair_cycle: Mapped[int]
    note: Mapped[str] = mapped_column(Text)
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("finding.id"), unique=True)

    person: Mapped[Person] = relationship(lazy="joined")


class StoredThresholds(Base):
    """A named threshold set for one model; the set chosen last is in force. Never changed but for `chosen`."""

    __tablename__ = "threshold_set"

    id: Mapped[int] = mapped_column(primary_key=True)
    model_sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(12))
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON)
    preset: Mapped[str | None] = mapped_column(String(40))
    basis: Mapped[dict[str, Any]] = mapped_column(JSON)
    created: Mapped[datetime] = mapped_column(UtcTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    chosen: Mapped[datetime | None] = mapped_column(UtcTime)

    person: Mapped[Person | None] = relationship(lazy="joined")


class ModelVersion(Base):
    """A model of the list: the files of one training or import, in a folder of their own.

    Nothing of it changes but `retired`. The starter model has no row: it is number 0 of every list. `folder` lies in
    the workspace's models, `file` in it is the one that judges; `files` are all of them, each with `file`, `sha256`,
    `bytes` and `precision`.
    """

    __tablename__ = "model_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    folder: Mapped[str] = mapped_column(String(120))
    file: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    origin: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(UtcTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    retired: Mapped[datetime | None] = mapped_column(UtcTime)

    person: Mapped[Person | None] = relationship(lazy="joined")


class ModelChoice(Base):
    """A model was put in use; never changed, the latest holds. Without a model it is the starter model.

    `action` is one of `registry.models.Action`; `gate` is what the gate said of it, where it was asked.
    """

    __tablename__ = "model_choice"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model_version.id"))
    action: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    gate: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Publication(Base):
    """A model was published; never changed, the latest of a destination is in force there.

    `sha256` is of the file that phones get, `version` the number of the publication, `path` where the file lies at the
    destination; `receipt` is what was written there.
    """

    __tablename__ = "publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    destination: Mapped[str] = mapped_column(String(400), index=True)
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model_version.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    path: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str | None] = mapped_column(String(16))
    receipt: Mapped[str] = mapped_column(Text)


class FolderRun(Base):
    """One run over a folder, which can be stopped and resumed.

    `chosen` means that its files were named one by one and the folder is only where they lie; `total` is null until
    all files are listed.
    """

    __tablename__ = "folder_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    folder: Mapped[str] = mapped_column(Text)
    recursive: Mapped[bool]
    chosen: Mapped[bool]
    started: Mapped[datetime] = mapped_column(UtcTime)
    finished: Mapped[datetime | None] = mapped_column(UtcTime)
    total: Mapped[int | None]
    model_sha256: Mapped[str] = mapped_column(String(64))
    thresholds_digest: Mapped[str] = mapped_column(String(12))
    manner: Mapped[str] = mapped_column(String(12))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class FolderItem(Base):
    """One file of a folder run and the inspection that says what was found, made in this run or earlier.

    What a table sorts and filters by is copied from the inspection, because a hundred thousand inspections are too
    wide to be read for it. `verdict` is null while the file waits, empty if it could not be judged, and the person's
    word if it was overridden; `classes` has one bit for each class that decided. `lookup` is the case-folded name, a
    line break, and the case-folded path within the folder.
    """

    __tablename__ = "folder_item"

    run_id: Mapped[int] = mapped_column(ForeignKey("folder_run.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(FilePath)
    lookup: Mapped[str] = mapped_column(Text)
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    verdict: Mapped[str | None] = mapped_column(String(20))
    classes: Mapped[int] = mapped_column(default=0)
    overridden: Mapped[bool] = mapped_column(default=False)
    uncertainty: Mapped[float | None]
    score_0: Mapped[float | None]
    score_1: Mapped[float | None]
    score_2: Mapped[float | None]
    score_3: Mapped[float | None]
    score_4: Mapped[float | None]
    score_5: Mapped[float | None]
    score_6: Mapped[float | None]


class KnownFile(Base):
    """What a file's bytes hashed to when it had this size and time, so that it need not be read again."""

    __tablename__ = "known_file"

    path: Mapped[str] = mapped_column(FilePath, primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    modified_ns: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class Upload(Base):
    """One object of an inbox in one generation: a picture that a phone sent, or what came in its place.

    What came is never changed: where from (`inbox`, as the backend names it), `name` and `generation`, size and
    checksums, the phone's words (`uid` to `captured`), `original_sha256` of the bytes as sent. `picture_sha256` is the
    cleaned picture that is kept: upright, without metadata, `faces` of them blurred. Null where nothing could be kept.

    What people and models say later stands beside it. `state` is one of `store.uploads.State`; "in review" is no
    state but a lease that runs. `reason` says why it came into quarantine and stays when it leaves. `audit` is true for
    what the phone drew into its sample, and for what was drawn here (`store.review_queue`).

    Classes are bits, class 0 the lowest: `ticks` what the person at the phone marked, `labels` what the reviewer
    confirmed. `own_scores` are the active model's, `uncertainty` and `disagreement` what the queue is ordered by,
    `lot` a random number drawn once, by which an audit sample is taken.
    """

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    inbox: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(ObjectName)
    generation: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    crc32c: Mapped[str | None] = mapped_column(String(12))
    content_type: Mapped[str | None] = mapped_column(String(200))
    sent: Mapped[datetime] = mapped_column(UtcTime)
    received: Mapped[datetime] = mapped_column(UtcTime)
    uid: Mapped[str | None] = mapped_column(String(128))
    phone_id: Mapped[str | None] = mapped_column(String(64))
    ticks: Mapped[int | None]
    phone_scores: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    model_name: Mapped[str | None] = mapped_column(String(120))
    model_version: Mapped[str | None] = mapped_column(String(40))
    model_sha256: Mapped[str | None] = mapped_column(String(64))
    app_version: Mapped[str | None] = mapped_column(String(40))
    group: Mapped[str | None] = mapped_column(String(120), index=True)
    weld_id: Mapped[str | None] = mapped_column(String(120))
    captured: Mapped[datetime | None] = mapped_column(UtcTime)
    audit: Mapped[bool] = mapped_column(default=False)
    original_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    picture_sha256: Mapped[str | None] = mapped_column(ForeignKey("picture.sha256"))
    faces: Mapped[int | None]

    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    labels: Mapped[int | None]
    decided: Mapped[datetime | None] = mapped_column(UtcTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    own_scores: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    own_model_sha256: Mapped[str | None] = mapped_column(String(64))
    uncertainty: Mapped[float | None]
    disagreement: Mapped[float | None]
    lot: Mapped[float]
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_person: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime, index=True)

    __table_args__ = (UniqueConstraint("inbox", "name", "generation"),)


class UploadDecision(Base):
    """What a person decided about an upload; never changed. The latest holds, unless a later one `undoes` it.

    `action` is one of `store.decisions.Action`. `labels` are class bits where the action settles them; `boxes` are
    marks of where a class is seen, each `[class index, left, top, right, bottom]` as 0..1 of width and height.
    """

    __tablename__ = "upload_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(20))
    labels: Mapped[int | None]
    boxes: Mapped[list[list[float]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    undoes: Mapped[int | None] = mapped_column(ForeignKey("upload_decision.id"), unique=True)

    person: Mapped[Person] = relationship(lazy="joined")


class SyncState(Base):
    """How far an inbox is read, so that the next look costs what is new; and how the last look ended."""

    __tablename__ = "sync_state"

    inbox: Mapped[str] = mapped_column(String(300), primary_key=True)
    cursors: Mapped[dict[str, str]] = mapped_column(JSON)
    reconciled: Mapped[datetime | None] = mapped_column(UtcTime)
    ended: Mapped[datetime | None] = mapped_column(UtcTime)
    outcome: Mapped[str] = mapped_column(Text, default="")


class TrailEntry(Base):
    """One change that matters, chained to the one before by hash."""

    __tablename__ = "trail"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    person: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Sample(Base):
    """A labelled picture of a dataset; its bytes are a kept picture.

    `group` and `scene` are what the source says: who or where it comes from, and which weld it shows, so that pictures
    of one weld stay together; null if it says nothing. A sample that was `withdrawn` is in no later version.
    """

    __tablename__ = "sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("picture.sha256"), unique=True)
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    group: Mapped[str | None] = mapped_column(String(120))
    scene: Mapped[str | None] = mapped_column(String(200))
    classes: Mapped[list[int]] = mapped_column(JSON)
    added: Mapped[datetime] = mapped_column(UtcTime)
    withdrawn: Mapped[datetime | None] = mapped_column(UtcTime)

    regions: Mapped[list["LabelledRegion"]] = relationship(
        back_populates="sample", cascade="all, delete-orphan", lazy="selectin", order_by="LabelledRegion.id"
    )


class LabelledRegion(Base):
    """Where a person saw a class: a box or a polygon, corners as 0..1 of width and height."""

    __tablename__ = "region"

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id"), index=True)
    class_index: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    corners: Mapped[list[list[float]]] = mapped_column(JSON)

    sample: Mapped[Sample] = relationship(back_populates="regions")


class DatasetVersion(Base):
    """An immutable set of samples with groups and splits; the manifest file holds all of it, in the words of its time.

    `reference` names the version whose test split is the frozen one that this version keeps; null without a split.
    """

    __tablename__ = "dataset_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    hash: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int | None]
    parent: Mapped[str | None] = mapped_column(String(120))
    reference: Mapped[str | None] = mapped_column(String(120))
    created: Mapped[datetime] = mapped_column(UtcTime)


class DatasetMember(Base):
    """A sample in a dataset version."""

    __tablename__ = "dataset_member"

    version_id: Mapped[int] = mapped_column(ForeignKey("dataset_version.id"), primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id"), primary_key=True)
    group: Mapped[int | None]
    split: Mapped[str | None] = mapped_column(String(10))

    sample: Mapped[Sample] = relationship(lazy="joined")


Index("ix_inspection_model_verdict", Inspection.model_sha256, Inspection.thresholds_digest, Inspection.sha256)
Index("ix_folder_item_verdict", FolderItem.run_id, FolderItem.verdict)
# Each order of the review queue is an index: the next upload is found without reading the others.
for _key in ("sent", "uncertainty", "disagreement", "lot"):
    Index(f"ix_upload_state_{_key}", Upload.state, Upload.__table__.c[_key], Upload.id)
# The few of the audit sample that are not found by their lot.
Index(
    "ix_upload_audit", Upload.audit, Upload.state, Upload.lot, sqlite_where=Upload.audit, postgresql_where=Upload.audit
)
