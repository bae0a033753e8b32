"""what sources say of a sample, samples that were withdrawn, and the frozen test split of a dataset version"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.add_column(sa.Column("group", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("scene", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("dataset_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reference", sa.String(length=120), nullable=True))
    # Until now each split was drawn anew: the newest is the one that later versions keep.
    op.execute("UPDATE dataset_version SET reference = name WHERE seed IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("dataset_version", schema=None) as batch_op:
        batch_op.drop_column("reference")
    with op.batch_alter_table("sample", schema=None) as batch_op:
        batch_op.drop_column("withdrawn")
        batch_op.drop_column("scene")
        batch_op.drop_column("group")
