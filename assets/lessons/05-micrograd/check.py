import math


def add(functions):
    ga, gb = functions.add_backward(3.0, 5.0, 1.0)
    yield "add-product", (ga, gb) != (5.0, 3.0), f"add_backward(3, 5, 1) = {ga}, {gb}"
    ga, gb = functions.add_backward(3.0, 5.0, 0.5)
    yield "add-split", (ga, gb) != (0.25, 0.25), f"add_backward(3, 5, 0.5) = {ga}, {gb}"
    yield "add-no-upstream", (ga, gb) != (1.0, 1.0), f"add_backward(3, 5, 0.5) = {ga}, {gb}"
    yield "add", (ga, gb) == (0.5, 0.5), f"add_backward(3, 5, 0.5) = {ga}, {gb}"


def mul(functions):
    ga, gb = functions.mul_backward(3.0, 5.0, 1.0)
    yield "mul-swapped", (ga, gb) != (3.0, 5.0), f"mul_backward(3, 5, 1) = {ga}, {gb}"
    ga, gb = functions.mul_backward(3.0, 5.0, 2.0)
    yield "mul-no-upstream", (ga, gb) != (5.0, 3.0), f"mul_backward(3, 5, 2) = {ga}, {gb}"
    yield "mul", (ga, gb) == (10.0, 6.0), f"mul_backward(3, 5, 2) = {ga}, {gb}"


def tanh(functions):
    slope = 1 - math.tanh(0.7) ** 2
    found = functions.tanh_backward(0.7, 2.0)
    told = f"tanh_backward(0.7, 2) = {found}"
    yield "tanh-no-upstream", not math.isclose(found, slope), told
    yield "tanh-of-x", not math.isclose(found, 2 * (1 - 0.7**2)), told
    yield "tanh-of-y", not math.isclose(found, 2 * (1 - math.tanh(math.tanh(0.7)) ** 2)), told
    yield "tanh", math.isclose(found, 2 * slope), told


def relu(functions):
    on, off = functions.relu_backward(4.0, 3.0), functions.relu_backward(-4.0, 3.0)
    told = f"relu_backward(4, 3) = {on}, relu_backward(-4, 3) = {off}"
    yield "relu-open", not (on == 3.0 and off == 3.0), told
    yield "relu-no-upstream", not (on == 1.0 and off == 0.0), told
    yield "relu-value", on not in (4.0, 12.0), told
    yield "relu", on == 3.0 and off == 0.0, told


def order(functions):
    inputs = {"y": ["t", "r"], "t": ["s"], "r": ["s"], "s": ["p", "a"], "p": ["a", "b"]}
    found = list(functions.order("y", inputs))
    told = f"order('y', …) = {found}"
    yield "order-twice", len(found) == len(set(found)), told
    yield "order-missing", set(found) == {"a", "b", "p", "s", "t", "r", "y"}, told
    place = {name: number for number, name in enumerate(found)}
    right = all(
        place.get(earlier, 99) < place.get(later, -1) for later, row in inputs.items() for earlier in row
    )
    yield "order-wrong", right, told
