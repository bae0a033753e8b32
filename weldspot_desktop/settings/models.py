"""What is asked of a model before it is used or published, and where it is published."""

from enum import StrEnum

from pydantic import Field

from weldspot_desktop.settings.section import Section


class Destination(StrEnum):
    """Where models are published."""

    STORAGE = "Cloud Storage"
    LOCAL = "local folder"
    FIREBASE_ML = "Firebase ML"


class Models(Section):
    """Models: the gate, the limits of conversion, publishing."""

    margin: float = Field(
        0.02,
        gt=0,
        le=0.2,
        title="Non-inferiority margin",
        description="Macro AUC that a new model may lose against the active one on the frozen test split, by the lower "
        "end of the difference's interval.",
    )
    auc: float = Field(
        0.75,
        ge=0.5,
        le=1,
        title="AUC on confirmed pictures",
        description="AUC that each class must reach on the newest confirmed pictures, where there are at least 10 "
        "with and 10 without it.",
    )
    confirmed_pictures: int = Field(
        300,
        ge=20,
        le=10_000,
        title="Confirmed pictures",
        description="How many of the newest confirmed pictures the gate looks at.",
    )
    parity_mean: float = Field(
        0.02,
        gt=0,
        le=1,
        title="Mean change by conversion",
        description="Largest mean difference between the scores of a file and of the network it was made from.",
    )
    parity_largest: float = Field(
        0.2,
        gt=0,
        le=1,
        title="Largest change by conversion",
        description="Largest difference of any score on the test split.",
    )
    parity_auc: float = Field(
        0.01,
        gt=0,
        le=1,
        title="Change of AUC by conversion",
        description="Largest change of macro AUC, up or down.",
    )
    parity_flips_percent: float = Field(
        5.0,
        ge=0,
        le=100,
        title="Verdicts that flip",
        description="Largest share of verdicts on the test split that conversion may turn, in percent.",
    )
    destination: Destination = Field(
        Destination.STORAGE,
        title="Publish to",
        description="Where phones fetch models. Cloud Storage uses the bucket of the uploads. Firebase ML ends on "
        "2027-06-15.",
    )
    publish_folder: str = Field(
        "",
        max_length=400,
        title="Folder of published models",
        description="For publishing to a local folder.",
        json_schema_extra={"editor": "folder"},
    )
    min_app_version: str = Field(
        "1.0.0",
        pattern=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$",
        title="Least app version",
        description="Phones with an older app keep their model.",
    )
