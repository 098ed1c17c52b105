"""`torch.cuda`: gradviz computes on the CPU, so that scripts which ask for a GPU choose the CPU."""


def is_available() -> bool:
    """Whether there is a GPU to compute on: no."""
    return False


def device_count() -> int:
    """How many GPUs there are: none."""
    return 0


def manual_seed_all(seed: int) -> None:
    """Seeds the generators of all GPUs, of which there are none."""


manual_seed = manual_seed_all
