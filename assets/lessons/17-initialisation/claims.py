def defaults(torch):
    """Xavier's and Kaiming's bounds, and the gains of tanh and relu."""
    init = torch.nn.init
    torch.manual_seed(0)
    w = torch.empty(64, 64)
    init.xavier_uniform_(w)
    assert 0.9 * (6 / 128) ** 0.5 < w.abs().max() <= (6 / 128) ** 0.5
    init.kaiming_uniform_(w, nonlinearity="relu")
    assert 0.9 * (6 / 64) ** 0.5 < w.abs().max() <= (6 / 64) ** 0.5
    return [init.calculate_gain("tanh"), init.calculate_gain("relu")]


def spreads(torch):
    """For 64 inputs and outputs Xavier's spread is an eighth, Kaiming's the root of 2/64."""
    init = torch.nn.init
    torch.manual_seed(0)
    w, mixed = torch.empty(64, 64), torch.empty(96, 32)
    for fill, spread in (
        (init.xavier_normal_, 0.125),
        (init.xavier_uniform_, 0.125),
        (lambda w: init.kaiming_normal_(w, nonlinearity="relu"), (2 / 64) ** 0.5),
        (lambda w: init.kaiming_uniform_(w, nonlinearity="relu"), (2 / 64) ** 0.5),
    ):
        fill(w)
        assert abs(w.std().item() / spread - 1) < 0.05
    init.xavier_normal_(mixed)  # the mean of 96 and 32 is 64 again
    assert abs(mixed.std().item() / 0.125 - 1) < 0.05
    return [init.calculate_gain("linear"), init.calculate_gain("relu")]
