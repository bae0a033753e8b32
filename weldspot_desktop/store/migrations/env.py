"""Alembic's entry: runs on the connection that `Database` hands over."""

from alembic import context

from weldspot_desktop.store.schema import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
