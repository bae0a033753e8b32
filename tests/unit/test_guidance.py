from weldspot_desktop import labels
from weldspot_desktop.verdict import Judgement, Verdict
from weldspot_desktop.verdict.guidance import GUIDANCE, LIMITS_SOURCE, deciding_class, reason_line


def test_every_defect_has_code_causes_and_remedies_and_nothing_else_has():
    for index, known in enumerate(GUIDANCE):
        assert known.code
        assert bool(known.causes) is bool(known.remedies) is (index in labels.DEFECTS)
        assert bool(known.iso_5817) is bool(known.aws_d1_1) is (index in labels.DEFECTS)


def test_the_codes_are_those_of_iso_6520_1():
    text = {name: GUIDANCE[labels.class_index(name)].code for name in labels.CLASSES}
    assert "100" in text["Crack"]
    assert "104" in text["Crack"]
    assert "2017" in text["Porosity"]
    assert "502" in text["Excess Reinforcement"]
    assert "503" in text["Excess Reinforcement"]
    assert "602" in text["Splatters"]


def test_a_defect_is_always_a_suspicion_to_be_measured_never_an_acceptance():
    for index in labels.DEFECTS:
        line = reason_line(Judgement(Verdict.DEFECT, (index,), "any"))
        assert line == f"{labels.CLASSES[index]} – suspect: measure"
    assert "not an acceptance" in GUIDANCE[labels.GOOD_WELDING].code


def test_other_verdicts_keep_the_reason_of_the_rule():
    assert reason_line(Judgement(Verdict.RETAKE, (), "Picture too dark: take it again")) == (
        "Picture too dark: take it again"
    )


def test_the_deciding_class_is_the_strongest_of_those_that_decided_else_the_strongest_defect():
    scores = (0.9, 0.3, 0.6, 0.1, 0.8, 0.7, 0.2)
    assert deciding_class(Judgement(Verdict.DEFECT, (2, 5), ""), scores) == 5
    assert deciding_class(Judgement(Verdict.CLEAR, (4,), ""), scores) == 4
    assert deciding_class(Judgement(Verdict.UNSURE, (), ""), scores) == 5


def test_the_limits_are_those_of_the_table_and_say_where_they_are_from():
    limits = {name: GUIDANCE[labels.class_index(name)] for name in labels.CLASSES}
    assert "not permitted" in limits["Crack"].iso_5817
    assert "rejected" in limits["Crack"].aws_d1_1
    for part in ("0.3 s, max 3 mm", "0.2 s, max 2 mm", "B none"):
        assert part in limits["Porosity"].iso_5817
    assert "10 mm in 25 mm and 20 mm in 300 mm" in limits["Porosity"].aws_d1_1
    for part in ("0.25 b, max 10 mm", "0.15 b, max 7 mm", "0.1 b, max 5 mm"):
        assert part in limits["Excess Reinforcement"].iso_5817
    assert "secondary sources" in LIMITS_SOURCE


def test_no_words_of_guidance_accept_anything():
    for known in GUIDANCE:
        words = f"{known.code} {known.causes} {known.remedies} {known.iso_5817} {known.aws_d1_1}".casefold()
        assert "accepted" not in words
        assert "passed" not in words
