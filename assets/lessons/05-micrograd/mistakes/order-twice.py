def order(value, inputs):
    found = []
    for earlier in inputs.get(value, []):
        found += order(earlier, inputs)
    return [*found, value]
