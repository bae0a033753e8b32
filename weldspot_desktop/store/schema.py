"""Tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcTime(TypeDecorator[datetime]):
    """A time that is always UTC and always aware; SQLite itself would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


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
    """One picture judged once; or, with `error`, one that could not be."""

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
    milliseconds: Mapped[float | None]
    model_name: Mapped[str | None] = mapped_column(String(120))
    model_version: Mapped[int | None]
    model_sha256: Mapped[str | None] = mapped_column(String(64))
    thresholds_name: Mapped[str | None] = mapped_column(String(80))
    thresholds_digest: Mapped[str | None] = mapped_column(String(12))
    thresholds: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    region: Mapped[list[float] | None] = mapped_column(JSON)
    weld: Mapped[dict[str, str]] = mapped_column(JSON)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    error: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person | None] = relationship(lazy="joined")


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
    """A labelled picture of a dataset; its bytes are a kept picture."""

    __tablename__ = "sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("picture.sha256"), unique=True)
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    classes: Mapped[list[int]] = mapped_column(JSON)
    added: Mapped[datetime] = mapped_column(UtcTime)

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
    """An immutable set of samples with groups and splits; the manifest file holds the same."""

    __tablename__ = "dataset_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    hash: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int | None]
    parent: Mapped[str | None] = mapped_column(String(120))
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
