"""The camera: conversions, zooming to a point, fitting, revealing."""

import math

import pytest
from gradviz.ui.graph.camera import FIT_SCALE, MAX_SCALE, Camera, clear_of
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.layout.types import Rect

places = st.floats(-1e4, 1e4)
sizes = st.floats(1, 5e3)
cameras = st.builds(
    Camera,
    x=places,
    y=places,
    scale=st.floats(0.02, 4.0),
    width=st.floats(50, 4000),
    height=st.floats(50, 4000),
)
rects = st.builds(Rect, places, places, sizes, sizes)


@given(cameras, places, places)
def test_screen_and_world_are_inverse(camera: Camera, x: float, y: float) -> None:
    assert camera.world(*camera.screen(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(cameras, st.floats(0.2, 5), st.floats(0, 4000), st.floats(0, 4000))
def test_zooming_keeps_the_point_under_the_cursor(
    camera: Camera, factor: float, px: float, py: float
) -> None:
    zoomed = camera.zoomed(factor, px, py)
    assert zoomed.world(px, py) == pytest.approx(camera.world(px, py), abs=1e-5)
    assert zoomed.scale <= MAX_SCALE


@given(cameras, rects)
def test_fitting_shows_all_of_it_and_blows_nothing_up(camera: Camera, rect: Rect) -> None:
    fitted = camera.fitted(rect, margin=0.0)
    shown = fitted.visible(0.01)
    assert shown.x <= rect.x
    assert shown.y <= rect.y
    assert shown.x + shown.width >= rect.x + rect.width
    assert shown.y + shown.height >= rect.y + rect.height
    assert fitted.scale <= FIT_SCALE


def test_the_smallest_scale_does_not_hold_for_a_huge_graph_that_was_fitted() -> None:
    fitted = Camera(width=800, height=600).fitted(Rect(0, 0, 10, 1e6))
    assert fitted.scale < 0.001
    assert fitted.zoomed(0.5) == fitted  # not closer, not further away
    assert fitted.zoomed(2.0).scale == pytest.approx(2 * fitted.scale)


@given(cameras, st.floats(-500, 500), st.floats(-500, 500))
def test_panning_moves_the_picture_by_pixels(camera: Camera, dx: float, dy: float) -> None:
    x, y = camera.screen(10, 20)
    assert camera.panned(dx, dy).screen(10, 20) == pytest.approx((x + dx, y + dy), abs=1e-5)


def test_revealing_moves_as_little_as_possible() -> None:
    camera = Camera(width=400, height=300)
    assert camera.revealing(Rect(-10, -10, 20, 20)) == camera
    moved = camera.revealing(Rect(300, 0, 20, 20), 40, 40)
    assert moved.screen(320, 0)[0] == pytest.approx(400 - 40)
    assert moved.y == camera.y
    assert moved.scale == camera.scale


def test_revealing_centres_what_is_too_large() -> None:
    moved = Camera(width=400, height=300).revealing(Rect(1000, 0, 800, 10))
    assert moved.x == pytest.approx(1400)


@given(cameras, cameras)
def test_on_the_way_it_starts_here_and_ends_there(start: Camera, goal: Camera) -> None:
    assert start.towards(goal, 1.0) == goal
    begun = start.towards(goal, 0.0)
    assert (begun.x, begun.y, begun.scale) == pytest.approx((start.x, start.y, start.scale), abs=1e-3)


def test_a_smooth_zoom_keeps_its_point_all_the_way() -> None:
    start = Camera(x=5, y=7, scale=0.5, width=640, height=480)
    goal = start.zoomed(3.0, 100, 50)
    for share in (0.1, 0.4, 0.9):
        between = start.towards(goal, share)
        assert between.world(100, 50) == pytest.approx(start.world(100, 50))
        assert between.scale == pytest.approx(0.5 * math.pow(3.0, share))


def test_resizing_keeps_the_centre() -> None:
    camera = Camera(x=3, y=4, width=100, height=100).resized(800, 0)
    assert (camera.x, camera.y, camera.width, camera.height) == (3, 4, 800, 1)


@given(cameras, rects, st.floats(0.5, 0.95), st.floats(0.5, 0.95))
def test_a_cover_over_the_corner_hides_nothing(
    camera: Camera, rect: Rect, across: float, down: float
) -> None:
    cover = Rect(camera.width * across, camera.height * down, camera.width, camera.height)
    moved = clear_of(cover, rect, camera)
    seen = moved.screen_rect(rect)
    assert seen.x + seen.width <= cover.x + 1e-3 or seen.y + seen.height <= cover.y + 1e-3
    assert clear_of(cover, rect, moved).screen_rect(rect).x == pytest.approx(seen.x, abs=1e-3)


@given(cameras, rects)
def test_no_room_is_wasted_on_nothing(camera: Camera, rect: Rect) -> None:
    seen = camera.within(rect, margin=0.0).screen_rect(rect)
    for low, length, size in ((seen.x, seen.width, camera.width), (seen.y, seen.height, camera.height)):
        if length <= size:
            assert low + length / 2 == pytest.approx(size / 2, abs=1e-3)
        else:
            assert low <= 1e-3
            assert low + length >= size - 1e-3


@given(cameras, st.floats(0, 1), st.floats(0, 1))
def test_what_is_followed_has_room_around_it_up_to_the_graph_s_end(
    camera: Camera, across: float, down: float
) -> None:
    everything = Rect(0, 0, 10 * camera.width / camera.scale, 10 * camera.height / camera.scale)
    size = camera.height / camera.scale * 0.1
    rect = Rect(across * (everything.width - size), down * (everything.height - size), size, size)
    moved = camera.following(rect, everything, sideways=False)
    seen, bounds = moved.screen_rect(rect), moved.screen_rect(everything)
    above, below = seen.y, camera.height - seen.y - seen.height
    wanted = 0.3 * camera.height - 1e-3
    assert above >= min(wanted, seen.y - bounds.y - 1e-3)
    assert below >= min(wanted, bounds.y + bounds.height - seen.y - seen.height - 1e-3)
    assert moved.following(rect, everything, sideways=False).y == pytest.approx(moved.y, abs=1e-2)
