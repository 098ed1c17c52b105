def defaults(torch):
    """Xavier's and Kaiming's bounds, and the gains of tanh and relu."""
    init = torch.nn.init
    torch.manual_seed(0)
    w = torch.empty(64, 64)
    init.xavier_uniform_(w)
    xavier = bool((w.abs() <= (6 / 128) ** 0.5).all()) and bool(w.abs().max() > 0.9 * (6 / 128) ** 0.5)
    init.kaiming_uniform_(w, nonlinearity="relu")
    kaiming = bool((w.abs() <= (6 / 64) ** 0.5).all()) and bool(w.abs().max() > 0.9 * (6 / 64) ** 0.5)
    return [xavier, kaiming, init.calculate_gain("tanh"), init.calculate_gain("relu")]
