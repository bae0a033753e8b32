import pytest
from hypothesis import given
from hypothesis import strategies as st

from weldspot_desktop.inspection.sources import address


@pytest.mark.parametrize(
    ("written", "shown", "stored"),
    [
        ("http://host/video", "http://host/video", "http://host/video"),
        ("rtsp://u:pw@host:554/s?x=1", "rtsp://u:•••@host:554/s?x=1", "rtsp://u@host:554/s?x=1"),
        ("rtsp://u:p@w@host/s", "rtsp://u:•••@host/s", "rtsp://u@host/s"),
        ("rtsp://u@host/s", "rtsp://u@host/s", "rtsp://u@host/s"),
        ("http://h/a?user=me&pwd=pw&w=2", "http://h/a?user=me&pwd=•••&w=2", "http://h/a?user=me&pwd=&w=2"),
        ("http://h/a?Password=pw", "http://h/a?Password=•••", "http://h/a?Password="),
        ("http://h/a?loginpas=1&access_token=pw", "http://h/a?loginpas=1&access_token=•••", "http://h/a?loginpas=1&access_token="),
        ("http://[::1]:81/a", "http://[::1]:81/a", "http://[::1]:81/a"),
    ],
)  # fmt: skip
def test_secrets_are_masked_for_people_and_left_out_of_files(written: str, shown: str, stored: str) -> None:
    assert address.masked(written) == shown
    assert address.without_secrets(written) == stored


@given(
    st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="/?#[]@:•"), min_size=1).map(
        "zq{}zq".format
    )
)
def test_no_password_is_ever_shown(password: str) -> None:
    for template in ("rtsp://u:{}@host/s", "http://h/s?password={}", "rtsp://u:a@{}@host/s"):
        written = template.format(password.replace("&", "").replace(";", ""))
        for result in (address.masked(written), address.without_secrets(written)):
            assert "zq" not in result


@pytest.mark.parametrize("written", ["rtsp://u:zq/ss@host/s", "rtsp://u:zq?ss@host/s", "rtsp://u:12/zq@host/s"])
def test_a_password_that_breaks_the_address_is_refused_without_being_repeated(written: str) -> None:
    with pytest.raises(address.AddressError) as caught:
        address.split(written)
    assert "zq" not in str(caught.value)
    assert address.masked(written) == "rtsp://•••"


def test_a_user_without_password_is_noticed() -> None:
    assert address.lacks_password("rtsp://u@host/s")
    assert not address.lacks_password("rtsp://host/s")
    assert not address.lacks_password("rtsp://u:p@host/s")


def test_a_login_is_put_in_and_taken_out() -> None:
    full = address.with_login("rtsp://old:pw@host:554/s?x=1", "me", "a/b@c:d")
    assert full == "rtsp://me:a%2Fb%40c%3Ad@host:554/s?x=1"
    assert address.split(full).hostname == "host"
    assert address.with_login(full, "", "") == "rtsp://host:554/s?x=1"
    assert address.with_login("rtsp://host/s", "me", "") == "rtsp://me@host/s"
