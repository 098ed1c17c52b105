def order(value, inputs):
    found, waiting = [], [value]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.append(each)
            waiting += inputs.get(each, [])
    return found
