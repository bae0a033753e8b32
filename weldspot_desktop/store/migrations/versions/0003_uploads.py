"""uploads of phones, what people decided about them, and how far each inbox is read"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sync_state",
        sa.Column("inbox", sa.String(length=300), nullable=False),
        sa.Column("cursors", sa.JSON(), nullable=False),
        sa.Column("reconciled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("inbox", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inbox", sa.String(length=300), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("crc32c", sa.String(length=12), nullable=True),
        sa.Column("content_type", sa.String(length=200), nullable=True),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uid", sa.String(length=128), nullable=True),
        sa.Column("phone_id", sa.String(length=64), nullable=True),
        sa.Column("ticks", sa.Integer(), nullable=True),
        sa.Column("phone_scores", sa.JSON(), nullable=True),
        sa.Column("model_name", sa.String(length=120), nullable=True),
        sa.Column("model_version", sa.String(length=40), nullable=True),
        sa.Column("model_sha256", sa.String(length=64), nullable=True),
        sa.Column("app_version", sa.String(length=40), nullable=True),
        sa.Column("group", sa.String(length=120), nullable=True),
        sa.Column("weld_id", sa.String(length=120), nullable=True),
        sa.Column("captured", sa.DateTime(timezone=True), nullable=True),
        sa.Column("audit", sa.Boolean(), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=True),
        sa.Column("picture_sha256", sa.String(length=64), nullable=True),
        sa.Column("faces", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("own_scores", sa.JSON(), nullable=True),
        sa.Column("own_model_sha256", sa.String(length=64), nullable=True),
        sa.Column("uncertainty", sa.Double(), nullable=True),
        sa.Column("disagreement", sa.Double(), nullable=True),
        sa.Column("lot", sa.Double(), nullable=False),
        sa.Column("lease_token", sa.String(length=40), nullable=True),
        sa.Column("lease_person", sa.Integer(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_upload_decided_by_person")),
        sa.ForeignKeyConstraint(["lease_person"], ["person.id"], name=op.f("fk_upload_lease_person_person")),
        sa.ForeignKeyConstraint(["picture_sha256"], ["picture.sha256"], name=op.f("fk_upload_picture_sha256_picture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("inbox", "name", "generation", name=op.f("uq_upload_inbox_name_generation")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_group"), ["group"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_lease_until"), ["lease_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_original_sha256"), ["original_sha256"], unique=False)
        batch_op.create_index(
            "ix_upload_audit",
            ["audit", "state", "lot"],
            unique=False,
            sqlite_where=sa.text("audit = 1"),
            postgresql_where=sa.text("audit"),
        )
        batch_op.create_index("ix_upload_state_disagreement", ["state", "disagreement", "id"], unique=False)
        batch_op.create_index("ix_upload_state_lot", ["state", "lot", "id"], unique=False)
        batch_op.create_index("ix_upload_state_sent", ["state", "sent", "id"], unique=False)
        batch_op.create_index("ix_upload_state_uncertainty", ["state", "uncertainty", "id"], unique=False)

    op.create_table(
        "upload_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=True),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_decision_person_id_person")),
        sa.ForeignKeyConstraint(
            ["undoes"], ["upload_decision.id"], name=op.f("fk_upload_decision_undoes_upload_decision")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_decision_upload_id_upload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_decision")),
        sa.UniqueConstraint("undoes", name=op.f("uq_upload_decision_undoes")),
    )
    with op.batch_alter_table("upload_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_decision_upload_id"), ["upload_id"], unique=False)


def downgrade() -> None:
    for table in ("upload_decision", "upload", "sync_state"):
        op.drop_table(table)
