"""overrides, findings, heat maps, threshold sets, folder runs; what decided a verdict"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_file",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_known_file")),
    )
    op.create_table(
        "folder_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("recursive", sa.Boolean(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("thresholds_digest", sa.String(length=12), nullable=False),
        sa.Column("manner", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_folder_run_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder_run")),
    )
    op.create_table(
        "threshold_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=12), nullable=False),
        sa.Column("thresholds", sa.JSON(), nullable=False),
        sa.Column("preset", sa.String(length=40), nullable=True),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("chosen", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_threshold_set_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold_set")),
    )
    with op.batch_alter_table("threshold_set", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_threshold_set_model_sha256"), ["model_sha256"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("class_index", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("size_mm", sa.Double(), nullable=True),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.Column("disposition", sa.String(length=40), nullable=False),
        sa.Column("repair_cycle", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_finding_inspection_id_inspection")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_finding_person_id_person")),
        sa.ForeignKeyConstraint(["supersedes"], ["finding.id"], name=op.f("fk_finding_supersedes_finding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("supersedes", name=op.f("uq_finding_supersedes")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "folder_item",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("classes", sa.Integer(), nullable=False),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("uncertainty", sa.Double(), nullable=True),
        *(sa.Column(f"score_{index}", sa.Double(), nullable=True) for index in range(7)),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_folder_item_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["folder_run.id"], name=op.f("fk_folder_item_run_id_folder_run")),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_folder_item")),
    )
    with op.batch_alter_table("folder_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_folder_item_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index("ix_folder_item_verdict", ["run_id", "verdict"], unique=False)

    op.create_table(
        "heat_map",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_heat_map_inspection_id_inspection")
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_heat_map")),
    )
    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_override_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(["undoes"], ["override.id"], name=op.f("fk_override_undoes_override")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_override_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
    )
    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_override_inspection_id"), ["inspection_id"], unique=False)

    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("uncertainty", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("manner", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("tile", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("quality", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("trigger", sa.String(length=20), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("certificate", sa.String(length=120), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("certificate")

    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.drop_column("trigger")
        batch_op.drop_column("quality")
        batch_op.drop_column("tile")
        batch_op.drop_column("manner")
        batch_op.drop_column("uncertainty")

    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_override_inspection_id"))

    op.drop_table("override")
    op.drop_table("heat_map")
    with op.batch_alter_table("folder_item", schema=None) as batch_op:
        batch_op.drop_index("ix_folder_item_verdict")
        batch_op.drop_index(batch_op.f("ix_folder_item_inspection_id"))

    op.drop_table("folder_item")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_inspection_id"))

    op.drop_table("finding")
    with op.batch_alter_table("threshold_set", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_threshold_set_model_sha256"))

    op.drop_table("threshold_set")
    op.drop_table("folder_run")
    op.drop_table("known_file")
