"""Whatever bytes come: a picture or a clear refusal, never anything else."""

import pytest
from conftest import encoded
from hypothesis import given
from hypothesis import strategies as st

from socialsense.errors import ImageError
from socialsense.images import (
    FORMATS,
    WORKING_SIDE,
    open_image,
    sha256_of,
)
from tests.examples import quarters

VALID = {kind: encoded(quarters(), kind) for kind in FORMATS}
damage = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8)


@pytest.mark.filterwarnings("ignore")  # Pillow warns of damaged metadata, and goes on
class TestWhateverComes:
    """A picture or an ImageError that names the file; never anything else."""

    def opens_or_is_refused(self, data: bytes) -> None:
        try:
            opened = open_image(data, "holiday.jpg")
        except ImageError as error:
            refused = error.what
            assert refused.startswith("holiday.jpg ")
        else:
            assert opened.pixels.mode == "RGB"
            assert max(opened.pixels.size) <= WORKING_SIDE
            assert opened.sha256 == sha256_of(data)

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        self.opens_or_is_refused(data)

    @given(st.sampled_from(FORMATS), st.binary(max_size=200))
    def test_a_true_beginning_and_any_bytes(self, kind: str, rest: bytes) -> None:
        self.opens_or_is_refused(VALID[kind][:64] + rest)

    @given(st.sampled_from(FORMATS), damage, st.floats(0, 1))
    def test_a_damaged_picture(
        self, kind: str, changes: list[tuple[float, int]], kept: float
    ) -> None:
        data = bytearray(VALID[kind])
        for place, value in changes:
            data[int(place * len(data))] = value
        self.opens_or_is_refused(bytes(data[: max(1, int(len(data) * kept * 2))]))
