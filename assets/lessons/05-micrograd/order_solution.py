def order(value, inputs):
    found = []
    seen = set()

    def visit(each):
        if each in seen:
            return
        seen.add(each)
        for earlier in inputs.get(each, []):
            visit(earlier)
        found.append(each)

    visit(value)
    return found
