"""The one base of expected failures, so that every door tells them apart from bugs."""


class ExpectedError(Exception):
    """Something that happens to careful people: no camera, a bad file, a full disk.

    Parameters
    ----------
    what
        One sentence a QA engineer understands: what happened.
    advice
        What is safe and what to do next; may be empty.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what} {self.advice}".strip()
