"""The weights' gradient of a convolution straight from the image, for processors with 32 vector registers.

Lines begin anywhere, so that most vectors lie in two lines of the cache, and loading one takes as long as two
multiply-adds or more; more filters at a time load less. Borders between the taps keep the compiler from
loading all pixels first, for which there are too few registers.
"""

from __future__ import annotations

from ..memory import Memory, Row, ints
from ..routine import kernel
from ..simd import between, fma, lanes, load, load_masked, settle, total, zeros


@kernel
def conv2d_weight_grad_six_lines(memory: Memory, row: Row) -> None:
    """6 filters and 4 taps at a time: sums along the lines. Row: as of
    `conv2d_weight_grad_lines`, see `convolution_direct`."""
    samples, image, size, line, rows, cols, filters, taps, table = (
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]
    )  # fmt: skip
    upstream, g_size, out, add = row[9], row[10], row[11], row[12]
    index = ints(memory)
    width, pixels = lanes(memory), rows * cols
    full = cols - cols % width
    rest = between(memory, 0, cols - full)
    for o in range(0, filters, 6):
        o0 = min(o + 0, filters - 1)
        o1 = min(o + 1, filters - 1)
        o2 = min(o + 2, filters - 1)
        o3 = min(o + 3, filters - 1)
        o4 = min(o + 4, filters - 1)
        o5 = min(o + 5, filters - 1)
        for t in range(0, taps, 4):
            t0 = min(t + 0, taps - 1)
            t1 = min(t + 1, taps - 1)
            t2 = min(t + 2, taps - 1)
            t3 = min(t + 3, taps - 1)
            d0 = index[table + 2 * t0]
            d1 = index[table + 2 * t1]
            d2 = index[table + 2 * t2]
            d3 = index[table + 2 * t3]
            s00 = s01 = s02 = s03 = zeros(memory)
            s10 = s11 = s12 = s13 = zeros(memory)
            s20 = s21 = s22 = s23 = zeros(memory)
            s30 = s31 = s32 = s33 = zeros(memory)
            s40 = s41 = s42 = s43 = zeros(memory)
            s50 = s51 = s52 = s53 = zeros(memory)
            for n in range(samples):
                here = image + n * size
                a0 = upstream + n * g_size + o0 * pixels
                a1 = upstream + n * g_size + o1 * pixels
                a2 = upstream + n * g_size + o2 * pixels
                a3 = upstream + n * g_size + o3 * pixels
                a4 = upstream + n * g_size + o4 * pixels
                a5 = upstream + n * g_size + o5 * pixels
                for _ in range(rows):
                    for x in range(0, full, width):
                        g0 = load(memory, a0 + x)
                        g1 = load(memory, a1 + x)
                        g2 = load(memory, a2 + x)
                        g3 = load(memory, a3 + x)
                        g4 = load(memory, a4 + x)
                        g5 = load(memory, a5 + x)
                        p = load(memory, here + d0 + x)
                        s00, s10, s20, s30, s40, s50 = (
                            fma(g0, p, s00),
                            fma(g1, p, s10),
                            fma(g2, p, s20),
                            fma(g3, p, s30),
                            fma(g4, p, s40),
                            fma(g5, p, s50),
                        )
                        settle(memory)
                        p = load(memory, here + d1 + x)
                        s01, s11, s21, s31, s41, s51 = (
                            fma(g0, p, s01),
                            fma(g1, p, s11),
                            fma(g2, p, s21),
                            fma(g3, p, s31),
                            fma(g4, p, s41),
                            fma(g5, p, s51),
                        )
                        settle(memory)
                        p = load(memory, here + d2 + x)
                        s02, s12, s22, s32, s42, s52 = (
                            fma(g0, p, s02),
                            fma(g1, p, s12),
                            fma(g2, p, s22),
                            fma(g3, p, s32),
                            fma(g4, p, s42),
                            fma(g5, p, s52),
                        )
                        settle(memory)
                        p = load(memory, here + d3 + x)
                        s03, s13, s23, s33, s43, s53 = (
                            fma(g0, p, s03),
                            fma(g1, p, s13),
                            fma(g2, p, s23),
                            fma(g3, p, s33),
                            fma(g4, p, s43),
                            fma(g5, p, s53),
                        )
                    if full < cols:
                        g0 = load_masked(memory, a0 + full, rest)
                        g1 = load_masked(memory, a1 + full, rest)
                        g2 = load_masked(memory, a2 + full, rest)
                        g3 = load_masked(memory, a3 + full, rest)
                        g4 = load_masked(memory, a4 + full, rest)
                        g5 = load_masked(memory, a5 + full, rest)
                        p = load_masked(memory, here + d0 + full, rest)
                        s00, s10, s20, s30, s40, s50 = (
                            fma(g0, p, s00),
                            fma(g1, p, s10),
                            fma(g2, p, s20),
                            fma(g3, p, s30),
                            fma(g4, p, s40),
                            fma(g5, p, s50),
                        )
                        settle(memory)
                        p = load_masked(memory, here + d1 + full, rest)
                        s01, s11, s21, s31, s41, s51 = (
                            fma(g0, p, s01),
                            fma(g1, p, s11),
                            fma(g2, p, s21),
                            fma(g3, p, s31),
                            fma(g4, p, s41),
                            fma(g5, p, s51),
                        )
                        settle(memory)
                        p = load_masked(memory, here + d2 + full, rest)
                        s02, s12, s22, s32, s42, s52 = (
                            fma(g0, p, s02),
                            fma(g1, p, s12),
                            fma(g2, p, s22),
                            fma(g3, p, s32),
                            fma(g4, p, s42),
                            fma(g5, p, s52),
                        )
                        settle(memory)
                        p = load_masked(memory, here + d3 + full, rest)
                        s03, s13, s23, s33, s43, s53 = (
                            fma(g0, p, s03),
                            fma(g1, p, s13),
                            fma(g2, p, s23),
                            fma(g3, p, s33),
                            fma(g4, p, s43),
                            fma(g5, p, s53),
                        )
                    here += line
                    a0 += cols
                    a1 += cols
                    a2 += cols
                    a3 += cols
                    a4 += cols
                    a5 += cols
            c0, c1, c2, c3, c4, c5 = (
                out + o0 * taps,
                out + o1 * taps,
                out + o2 * taps,
                out + o3 * taps,
                out + o4 * taps,
                out + o5 * taps,
            )
            v00 = total(s00)
            v01 = total(s01)
            v02 = total(s02)
            v03 = total(s03)
            v10 = total(s10)
            v11 = total(s11)
            v12 = total(s12)
            v13 = total(s13)
            v20 = total(s20)
            v21 = total(s21)
            v22 = total(s22)
            v23 = total(s23)
            v30 = total(s30)
            v31 = total(s31)
            v32 = total(s32)
            v33 = total(s33)
            v40 = total(s40)
            v41 = total(s41)
            v42 = total(s42)
            v43 = total(s43)
            v50 = total(s50)
            v51 = total(s51)
            v52 = total(s52)
            v53 = total(s53)
            if add != 0:  # all before any is written, as the last may stand for several
                v00 += memory[c0 + t0]
                v01 += memory[c0 + t1]
                v02 += memory[c0 + t2]
                v03 += memory[c0 + t3]
                v10 += memory[c1 + t0]
                v11 += memory[c1 + t1]
                v12 += memory[c1 + t2]
                v13 += memory[c1 + t3]
                v20 += memory[c2 + t0]
                v21 += memory[c2 + t1]
                v22 += memory[c2 + t2]
                v23 += memory[c2 + t3]
                v30 += memory[c3 + t0]
                v31 += memory[c3 + t1]
                v32 += memory[c3 + t2]
                v33 += memory[c3 + t3]
                v40 += memory[c4 + t0]
                v41 += memory[c4 + t1]
                v42 += memory[c4 + t2]
                v43 += memory[c4 + t3]
                v50 += memory[c5 + t0]
                v51 += memory[c5 + t1]
                v52 += memory[c5 + t2]
                v53 += memory[c5 + t3]
            memory[c0 + t0] = v00
            memory[c0 + t1] = v01
            memory[c0 + t2] = v02
            memory[c0 + t3] = v03
            memory[c1 + t0] = v10
            memory[c1 + t1] = v11
            memory[c1 + t2] = v12
            memory[c1 + t3] = v13
            memory[c2 + t0] = v20
            memory[c2 + t1] = v21
            memory[c2 + t2] = v22
            memory[c2 + t3] = v23
            memory[c3 + t0] = v30
            memory[c3 + t1] = v31
            memory[c3 + t2] = v32
            memory[c3 + t3] = v33
            memory[c4 + t0] = v40
            memory[c4 + t1] = v41
            memory[c4 + t2] = v42
            memory[c4 + t3] = v43
            memory[c5 + t0] = v50
            memory[c5 + t1] = v51
            memory[c5 + t2] = v52
            memory[c5 + t3] = v53
