"""Where pictures of phones come from."""

from enum import StrEnum

from pydantic import Field

from weldspot_desktop.settings.section import Section


class CloudBackend(StrEnum):
    """Where phones send their pictures."""

    LOCAL = "local folder"
    FIREBASE = "Firebase"


class SignInWay(StrEnum):
    """How this workstation signs in to Firebase, in the order of preference."""

    USER = "e-mail and password"
    APPLICATION_DEFAULT = "application default credentials"
    KEY_FILE = "key file"


class Cloud(Section):
    """Pictures that phones send, and how they come in."""

    backend: CloudBackend = Field(
        CloudBackend.LOCAL, title="Uploads come from", description="A folder, or a bucket of Firebase Storage."
    )
    folder: str = Field(
        "",
        max_length=400,
        title="Folder of uploads",
        description="The local folder: pictures in it, or in uploads/SENDER/ below it, are taken in.",
        json_schema_extra={"editor": "folder"},
    )
    bucket: str = Field(
        "",
        max_length=222,
        title="Bucket",
        description="Name of the Firebase bucket: PROJECT.firebasestorage.app, or PROJECT.appspot.com.",
    )
    sign_in: SignInWay = Field(
        SignInWay.USER,
        title="Sign-in",
        description="How this workstation signs in to Firebase. A person's account needs no key on this disk.",
    )
    project: str = Field(
        "",
        max_length=100,
        title="Firebase project",
        description="The project's id, for signing in with e-mail and password.",
    )
    api_key: str = Field(
        "",
        max_length=200,
        title="Web API key",
        description="For signing in with e-mail and password. In the Firebase console: Project settings, General.",
    )
    email: str = Field(
        "",
        max_length=254,
        title="E-mail",
        description="Whose account signs in. The password is kept nowhere; the sign-in is in the system's keyring.",
    )
    key_file: str = Field(
        "",
        max_length=400,
        title="Key file",
        description="Service account's key for the sign-in “key file”. It is read where it lies and never copied.",
    )
    every_minutes: int = Field(
        15,
        ge=0,
        le=1440,
        title="Fetch every",
        description="Minutes between two looks for new uploads; 0 looks only when you ask.",
    )
    move: bool = Field(
        False,
        title="Move what was fetched",
        description="Move uploads that are in the queue to processed/ in the cloud. Otherwise nothing there is "
        "changed. What is in quarantine always stays.",
    )
    blur_faces: bool = Field(
        True,
        title="Blur faces",
        description="Make faces in uploads unrecognisable before they are kept; the picture as sent is discarded.",
    )
    largest_megabytes: int = Field(
        30, ge=1, le=1000, title="Largest upload", description="Larger files go to quarantine without being fetched."
    )
