"""`torch.accelerator`: there is none besides the CPU."""


def is_available() -> bool:
    """Whether there is an accelerator: no."""
    return False


def current_accelerator() -> None:
    """The accelerator's device: none."""
