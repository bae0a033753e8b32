"""Folders by class: every picture lies in a folder that is named after what it shows."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from weldspot_desktop import labels, pictures
from weldspot_desktop.dataset.importers import tree
from weldspot_desktop.dataset.labelled import LabelledPicture, Problem


class ClassFolders:
    """The nearest folder with a class's name counts (`train/Crack/a.jpg`, `Crack/2024/b.jpg`).

    A picture that lies in several of them, by its bytes, shows all those classes.
    """

    title = "folders by class (Crack, Good Welding, …)"

    def recognises(self, source: Path) -> bool:
        if not source.is_dir():
            return False
        return any(isinstance(found, Path) and _class(found, source) is not None for found in tree.pictures(source))

    def read(self, source: Path) -> Iterator[LabelledPicture | Problem]:
        copies: dict[str, list[Path]] = defaultdict(list)
        elsewhere: Counter[str] = Counter()
        for found in tree.pictures(source):
            if isinstance(found, Problem):
                yield found
            elif _class(found, source) is None:
                elsewhere[found.parent.name if found.parent != source else ""] += 1
            else:
                try:
                    copies[hashlib.sha256(pictures.read_file(found)).hexdigest()].append(found)
                except pictures.PictureError as error:
                    yield Problem(tree.place(found, source), str(error))
        for paths in copies.values():
            classes = frozenset(index for index in (_class(path, source) for path in paths) if index is not None)
            if labels.BACKGROUND in classes and len(classes) > 1:
                yield Problem(
                    tree.place(paths[0], source),
                    f"lies in the folders {', '.join(labels.names(classes))}; left out, because that cannot be",
                )
            else:
                yield LabelledPicture(paths[0], classes)
        for folder, count in elsewhere.items():
            yield Problem(folder or "pictures", f"{count} pictures were left out: {_why(folder)}")


def _why(folder: str) -> str:
    try:
        labels.class_index(folder)
    except labels.UnknownClassError as error:
        return str(error) if folder else "they lie in no folder of a class"
    raise AssertionError(folder)


def _class(path: Path, source: Path) -> int | None:
    for part in reversed(path.relative_to(source).parts[:-1]):
        try:
            return labels.class_index(part)
        except labels.UnknownClassError:
            continue
    return None
