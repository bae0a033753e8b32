"""What a window offers about the phones' pictures: fetching, its field in the status bar, actions, the wizard."""

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from weldspot_desktop.ui import cloud_wizard
from weldspot_desktop.ui.cloud_status import CloudField
from weldspot_desktop.ui.cloud_sync import CloudSync
from weldspot_desktop.ui.frame import Frame

SYNC: Final = "Sync now"
SIGN_OUT: Final = "Sign out of the cloud"


class CloudActions(QObject):
    """Makes them once for a window, and makes the actions known to the command palette.

    Parameters
    ----------
    frame
        The window's services.
    window
        Gets the actions, and is under the wizard.
    """

    def __init__(self, frame: Frame, window: QWidget) -> None:
        super().__init__(window)
        self._frame, self._window = frame, window
        self.service = CloudSync(frame, self)
        sync = self._action(SYNC, "Fetch what phones sent: uploads, cloud", "Ctrl+Shift+S")
        sync.triggered.connect(self.service.sync_now)
        connect = self._action(cloud_wizard.TITLE, "Set up uploads: folder, Firebase, cloud, sign in")
        connect.triggered.connect(self.connect_cloud)
        sign_out = self._action(SIGN_OUT, "Forget the cloud's sign-in on this computer")
        sign_out.triggered.connect(self.service.sign_out)
        self.actions = [sync, connect, sign_out]
        self.field = CloudField(self.service, connect, sync, sign_out)
        self.field.connect_wanted.connect(self.connect_cloud)
        self.wizard: cloud_wizard.CloudWizard | None = None

    def connect_cloud(self) -> None:
        """Show the wizard."""
        self.wizard = cloud_wizard.open_cloud_wizard(self._frame, self._window)
        self.wizard.destroyed.connect(self._wizard_gone)

    def _wizard_gone(self) -> None:
        self.wizard = None

    def _action(self, text: str, tip: str, keys: str = "") -> QAction:
        action = QAction(text, self._window)
        action.setToolTip(tip)
        if keys:
            action.setShortcut(QKeySequence(keys))
        self._window.addAction(action)
        self._frame.add_action(action)
        return action
