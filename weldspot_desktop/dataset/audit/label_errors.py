"""Labels that are likely wrong: what models that did not learn from a picture firmly say against it.

Confident learning (C. Northcutt, L. Jiang, I. Chuang, "Confident learning: estimating uncertainty in dataset labels",
JAIR 70, 2021), each class against the rest: what counts as sure is the mean score of the pictures that carry the label,
so that a class whose scores are low throughout is not called wrong throughout.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from weldspot_desktop import labels
from weldspot_desktop.dataset.audit.remark import Remark, Subject, Weight, counted
from weldspot_desktop.dataset.versions import truth

FEWEST: Final = 5
"""Pictures with a label, and without it, under which a class is left out: their mean says too little."""

KINDS: Final = ("missing", "wrong")


def label_errors(subject: Subject) -> list[Remark]:
    """For each class the pictures on which the label is likely missing, and those on which it is likely wrong."""
    if subject.scores is None:
        return [
            Remark(
                "labels", Weight.NOTE, "Labels were not checked: there are no scores of a model that has not seen them."
            )
        ]
    entries = [entry for entry in subject.manifest.pictures if entry.sha256 in subject.scores.of]
    unscored = len(subject.manifest.pictures) - len(entries)
    shown = truth([entry.classes for entry in entries])
    scores = np.array([subject.scores.of[entry.sha256] for entry in entries], dtype=np.float64).reshape(
        -1, labels.COUNT
    )
    sentence = f"Labels of {counted(len(entries))} were compared with {subject.scores.origin}."
    if unscored:
        sentence += f" {unscored} have no such scores."
    remarks = [Remark("labels", Weight.NOTE, sentence, values={"compared": len(entries), "without": unscored})]
    for index, name in enumerate(labels.CLASSES):
        found = suspects(shown[:, index], scores[:, index])
        for kind in KINDS:
            if not len(found[kind]):
                continue
            concerned = tuple(entries[i].sha256 for i in found[kind])
            what = "may be missing" if kind == "missing" else "may be wrong"
            among = int((~shown[:, index]).sum()) if kind == "missing" else int(shown[:, index].sum())
            where = "without" if kind == "missing" else "with"
            remarks.append(
                Remark(
                    "labels",
                    Weight.WARNING,
                    f"{name} {what} on {len(concerned)} of {counted(among)} {where} it.",
                    concerned,
                    {
                        "class": name,
                        "kind": kind,
                        "count": len(concerned),
                        "of": among,
                        "scores": [round(float(scores[i, index]), 3) for i in found[kind]],
                    },
                )
            )
    return remarks


def suspects(labelled: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, NDArray[np.intp]]:
    """Pictures of one class whose label contradicts what a model is sure of.

    Parameters
    ----------
    labelled : (n,) whether each picture carries the label
    scores : (n,) 0 to 1, by models that did not learn from the picture

    Returns
    -------
    dict
        "missing" and "wrong": indices, the surest first. Empty where there are fewer than `FEWEST` of either kind.
    """
    none = np.zeros(0, dtype=np.intp)
    if min(labelled.sum(), (~labelled).sum()) < FEWEST:
        return dict.fromkeys(KINDS, none)
    sure_yes, sure_no = scores[labelled].mean(), scores[~labelled].mean()
    if sure_yes <= sure_no:
        # The model knows nothing of this class.
        return dict.fromkeys(KINDS, none)
    missing = np.flatnonzero(~labelled & (scores >= sure_yes))
    wrong = np.flatnonzero(labelled & (scores <= sure_no))
    return {
        "missing": missing[np.argsort(-scores[missing], kind="stable")],
        "wrong": wrong[np.argsort(scores[wrong], kind="stable")],
    }
