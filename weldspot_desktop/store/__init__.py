"""What is kept: the database, the picture files, the trail and the people. Knows no window and no model."""

from weldspot_desktop.store.database import Database, StoreError

__all__ = ["Database", "StoreError"]
