def order(value, inputs):
    return [*inputs.get(value, []), value]
