"""Templates: what strangers write is never markup, faults are named, the sandbox holds; and the paper's own rules."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.platypus import Paragraph

from weldspot_desktop.reports.pdf.elements import Builder
from weldspot_desktop.reports.pdf.pages import LayoutError, PageBreak, Pages, Rows
from weldspot_desktop.reports.pdf.spooled import SpooledCanvas
from weldspot_desktop.reports.pdf.style import MISSING, STYLES, printable, register_fonts
from weldspot_desktop.reports.templates import NAMES, TemplateError, Templates

register_fonts()


def own(folder: Path, text: str, name: str = "weld.xml") -> Templates:
    (folder / name).write_text(text, encoding="utf-8")
    return Templates(folder, printable=printable)


def built(templates: Templates, **values: object) -> list[object]:
    return Builder("weld.xml", 400, {}).items(templates.render("weld.xml", values))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return own(
        tmp_path_factory.mktemp("words"),
        '<section><para>{{ name }}</para><facts names="40"><fact name="{{ name }}">{{ name }}</fact></facts></section>',
    )


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_printed_as_words(words: Templates, text: str) -> None:
    paragraph, facts = built(words, name=text)
    assert isinstance(paragraph, Paragraph)
    assert paragraph.getPlainText().split() == printable(text).split()
    assert isinstance(facts, Rows)
    for thing in (paragraph, *facts.rows):
        assert thing.wrap(400, 700)[1] >= 0


@pytest.mark.parametrize("text", ["Jürgen Żółkiewski", "Παπαδόπουλος", "Кузнецов", "≤ 0.25 b – “x” …", "u\u0308"])
def test_names_of_europe_are_printed(text: str) -> None:
    assert MISSING not in printable(text)


def test_what_the_font_lacks_is_seen_to_be_missing() -> None:
    assert printable("焊缝-12") == f"{MISSING}{MISSING}-12"
    assert printable("a\x00\u202eb\nc") == f"a{MISSING}{MISSING}b c"
    assert printable("x" * 5000).endswith("… (cut)")


def test_the_programs_own_templates_have_no_fault() -> None:
    templates = Templates()
    for name in NAMES:
        assert templates._environment.get_template(name) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<section>\n{% if x %}</section>", "line 2"),
        ("<section>\n\n{{ nothing }}</section>", "line 3: 'nothing' is undefined"),
        ("<section>{{ 1 / 0 }}</section>", "division by zero"),
        ("<section>", "no valid XML"),
        ("<section><blink/></section>", "<blink> is not known"),
        ("<section><para><i>x</i></para></section>", "<i> within <para>"),
        ("<section>loose</section>", "words outside of a paragraph"),
        ('<section><table widths="a"/></section>', "needs widths"),
        ('<section><table widths="10 20"><row><cell/></row></table></section>', "has 1 cells"),
        ('<section><para style="huge"/></section>', "style “huge” is not known"),
        ('<section><space mm="much"/></section>', "is no number"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><section>&b;</section>', "DOCTYPE"),
        ("<section>{{ ''.__class__.__mro__ }}</section>", "unsafe"),
        ("<section>{% for i in range(99999999) %}x{% endfor %}</section>", "Range too big"),
        ("<section>{% for i in range(99999) %}<para>{{ 'x' * 999 }}</para>{% endfor %}</section>", "more than"),
        ("<section>{% include '../cover.xml' %}</section>", "not there"),
    ],
)
def test_a_fault_in_a_template_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TemplateError) as raised:
        built(own(tmp_path, text))
    assert said in str(raised.value)
    assert "weld.xml" in str(raised.value) or "asks for" in str(raised.value)
    assert "Nothing was written" in str(raised.value)


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="is not there"):
        Templates(tmp_path / "gone")


def test_pictures_wait_on_the_disk_and_are_stored_once() -> None:
    target = io.BytesIO()
    canvas = SpooledCanvas(target, A4)
    images = [ImageReader(Image.new("RGBA", (40, 30), (200, 20 * i, 0, 100))) for i in range(4)]
    for image in [*images, images[0]]:
        canvas.drawImage(image, 10, 10, 100, 75, mask="auto")
        canvas.showPage()
        assert not [thing for thing in canvas._doc.idToObject.values() if isinstance(thing, PDFImageXObject)]
    canvas.save()
    canvas.close()
    content = target.getvalue()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert content.count(b"/Subtype /Image") == 5, "four pictures and the mask they share"
    place = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    assert content[place:].startswith(b"xref")


def paragraph(lines: int) -> Paragraph:
    return Paragraph("<br/>".join(["x"] * lines), STYLES["body"])


def test_blocks_stay_together_and_long_ones_go_over_pages() -> None:
    target = io.BytesIO()
    pages = Pages(target, A4, foot="x", title="x", author="x")
    for _ in range(3):
        pages.put([paragraph(30)])
    pages.put([PageBreak(), PageBreak(), paragraph(200)])
    pages.put([Rows(paragraph(1), [paragraph(1) for _ in range(120)])])
    # One block a page and the third alone, 200 lines from a new page on, then the table behind them.
    assert pages.save() == 10
    pages.close()
    assert target.getvalue().count(b"/Type /Page\n") + target.getvalue().count(b"/Type /Page ") == 10


def test_what_is_higher_than_a_page_is_an_expected_error(tmp_path: Path) -> None:
    templates = own(
        tmp_path, '<section><table widths="6 30"><row><cell>{{ "x" * 1900 }}</cell><cell/></row></table></section>'
    )
    pages = Pages(io.BytesIO(), A4, foot="x", title="x", author="x")
    with pytest.raises(LayoutError, match="higher than a page"):
        pages.put(built(templates))
    pages.close()
