"""Templates of the PDF: Jinja2 files that give a small XML, from the user's folder or the program's.

Templates decide words, order and what is left out; how things are drawn is the program's. They run in Jinja2's sandbox,
and every value is escaped, so that no name of a file or weld is taken for markup.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import SandboxedEnvironment

from weldspot_desktop import paths
from weldspot_desktop.errors import ExpectedError

NAMES: Final[tuple[str, ...]] = ("report.xml", "cover.xml", "summary.xml", "weld.xml", "signatures.xml")
"""The order of the sections, and each section."""

_LARGEST: Final = 2_000_000
"""Characters of one rendered section: a template that loops without end is stopped here."""

_ADVICE: Final = "Nothing was written. Correct the template, or empty the template folder in the settings."


class TemplateError(ExpectedError):
    """A template of the user that cannot be used."""


class Templates:
    """The templates of a report.

    Parameters
    ----------
    folder
        The user's own; None takes the program's alone. A file that is not in it is taken from the program.
    printable
        Applied to every text that a template prints.

    Raises
    ------
    TemplateError
        If the folder is not there or a template has a fault in its form.
    """

    def __init__(self, folder: Path | None = None, *, printable: Callable[[str], str] = str) -> None:
        if folder is not None and not folder.is_dir():
            raise TemplateError(f"The template folder {folder} is not there.", _ADVICE)
        folders = [] if folder is None else [FileSystemLoader(folder)]

        def printed(value: Any) -> Any:
            return value if hasattr(value, "__html__") else printable("" if value is None else str(value))

        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader([*folders, FileSystemLoader(paths.resource("report_templates"))]),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=printed,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for name in NAMES:
            self._guarded(name, partial(self._environment.get_template, name))

    def render(self, name: str, values: Mapping[str, Any]) -> Element:
        """The XML of one section.

        Raises
        ------
        TemplateError
            If the template fails or gives no XML; the sentence names file and line.
        """

        def run() -> str:
            parts, length = [], 0
            for part in self._environment.get_template(name).generate(**values):
                length += len(part)
                if length > _LARGEST:
                    raise TemplateError(f"The template {name} gives more than {_LARGEST} characters.", _ADVICE)
                parts.append(part)
            return "".join(parts)

        text = self._guarded(name, run)
        if "<!DOCTYPE" in text:
            raise TemplateError(f"The template {name} holds a DOCTYPE, which is not allowed.", _ADVICE)
        try:
            return ElementTree.fromstring(text)  # noqa: S314 - without a DOCTYPE there are no entities to blow up
        except ElementTree.ParseError as error:
            line, column = error.position
            near = text.splitlines()[line - 1][max(0, column - 20) : column + 20] if line else ""
            raise TemplateError(
                f"The template {name} gives no valid XML: {error.msg}, near “{near.strip()}”.", _ADVICE
            ) from error

    @staticmethod
    def _guarded(name: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except ExpectedError:
            raise
        except TemplateSyntaxError as error:
            raise TemplateError(
                f"The template {error.name or name}, line {error.lineno}: {error.message}.", _ADVICE
            ) from error
        except TemplateNotFound as error:
            raise TemplateError(
                f"The template {name} asks for {error.message}, which is not there.", _ADVICE
            ) from error
        except (UnicodeDecodeError, OSError) as error:
            raise TemplateError(f"The template {name} cannot be read: {error}.", _ADVICE) from error
        except (JinjaError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise TemplateError(f"The template {name}{_line(error)}: {error}.", _ADVICE) from error


def checked_folder(chosen: str) -> str:
    """The path of a template folder whose templates have no fault in their form; empty for none.

    Raises
    ------
    TemplateError
        If the folder is not there or one of its templates cannot be used.
    """
    chosen = chosen.strip()
    if chosen:
        Templates(Path(chosen).expanduser())
    return chosen


def _line(error: BaseException) -> str:
    """Line of the template in which an error came up; Jinja2 puts it into the trace."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".xml"):
            found = f", line {trace.tb_lineno}"
        trace = trace.tb_next
    return found
