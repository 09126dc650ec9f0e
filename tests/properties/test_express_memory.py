"""Bodies at random: nothing is read or written that is not there, and nothing is answered that is no such body."""

import json
import os
import random
import shutil
import subprocess

import numpy as np
import pytest
from tests.doubles.laned import linear, matrix, tensors

from trimtab.bundle.kernels import library
from trimtab.server.express.frames import frame_of
from trimtab.server.express.kernel import Kernel

DRIVER = r"""
#include <stdio.h>
#include <stdlib.h>
#include "KERNELS"

static uint32_t state = 7;
static uint32_t chance(uint32_t below) { return (state = state * 1664525u + 1013904223u) / 7 % below; }
static const char LETTERS[] = "0123456789-+.eE,[]{}\": \n\t\r\0x\xff";

int main(void)
{
    static const char *bodies[] = {
        "<1.5,-2,3e-1>", "<1 , 2,3][4,5,6>", "<1,2|3,4|5,6>", "<1234567890123456789e-27,0.0,1e22>"};
    static const int64_t one[] = {1, 1}, two[] = {1, 2, 1}, three[] = {1, 1, 1, 1};
    static const trimtab_hole rows[] = {{3, 0, 1}, {3, 3, 1}}, columns[] = {{2, 2, 3}, {2, 0, 3}, {2, 1, 3}};
    const trimtab_frame frames[] = {{"<>", one, rows, 1, 1}, {"<][>", two, rows, 2, 2}, {"<||>", three, columns, 3, 2}};
    const double weights[] = {1, 2, 3}, intercept[] = {0.5}, limit[] = {1e6, 1e6, 1e6};
    const trimtab_linear model = {weights, intercept, limit, 0, 3, 1, 1};
    long taken = 0;
    for (int turn = 0; turn < 150000; turn++) {
        void *matrix = malloc(6 * sizeof(double)), *narrow = malloc(6 * sizeof(float));
        void *answers = malloc(2 * sizeof(double));
        const trimtab_express e = {frames, &model, matrix, 0, answers, 3, 3, 0, 0};
        const trimtab_express single = {frames, 0, narrow, 0, 0, 3, 3, 0, 1};
        char text[128];
        const char *from = bodies[chance(4)];
        size_t length = strlen(from);
        memcpy(text, from, length);
        for (uint32_t k = chance(4); k > 0; k--) {
            const uint32_t at = chance((uint32_t)length + 1), letter = (uint32_t)LETTERS[chance(sizeof LETTERS)];
            switch (chance(4)) {
            case 0: if (at < length) text[at] = (char)letter; break;
            case 1: memmove(text + at + 1, text + at, length - at); text[at] = (char)letter; length++; break;
            case 2: length = at; break;
            default: if (at < length) memmove(text + at, text + at + 1, --length - at);
            }
        }
        char *exact = malloc(length ? length : 1); /* so that a byte behind it is nobody's */
        memcpy(exact, text, length);
        const int64_t begin = chance(8) ? 0 : chance((uint32_t)length + 1);
        taken += trimtab_express_run(&e, exact, begin, (int64_t)length) >= 0;
        for (int k = 0; k < 3; k++) fits(&single, frames + k, exact + begin, exact + length);
        free(exact), free(matrix), free(answers), free(narrow);
    }
    printf("%ld\n", taken);
    return 0;
}
"""


def test_nothing_is_touched_that_is_not_there(root, tmp_path):
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("needs a C compiler that knows sanitizers")  # stated reason: gcc brings them, clang elsewhere
    source, program = tmp_path / "driver.c", tmp_path / "driver"
    source.write_text(DRIVER.replace("KERNELS", str(root / "src/trimtab/bundle/kernels.c")))
    flags = ["-std=c11", "-O1", "-g", "-ffp-contract=off", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    built = subprocess.run(
        [compiler, *flags, "-o", str(program), str(source), "-lm"], capture_output=True, text=True, check=False
    )
    if built.returncode and "sanitize" in built.stderr + built.stdout:
        pytest.skip("needs a C compiler that knows sanitizers")  # stated reason: gcc brings them, clang elsewhere
    assert built.returncode == 0, built.stderr
    quiet = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}  # which is not possible where this process is traced
    ran = subprocess.run([str(program)], capture_output=True, text=True, check=False, timeout=120, env=quiet)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert 20_000 < int(ran.stdout) < 130_000


def unique(pairs):
    found = dict(pairs)
    assert len(found) == len(pairs)
    return found


@pytest.mark.skipif(library() is None, reason="needs the native kernels, which were not built: there is no C compiler")
def test_of_a_hundred_thousand_bodies_only_those_are_answered_that_say_the_same():
    bodies = [tensors(("x", "FP64", [rows, 3], json.dumps([[1, -2.5, 3e-7]] * rows))) for rows in (1, 2)]
    fields = {field.name: field for field in matrix().inputs}
    kernel = Kernel(linear().native)
    kernel.know([frame_of(body, {"x": None}, fields, matrix=True, rows=at + 1) for at, body in enumerate(bodies)])
    chance, taken = random.Random(5), 0
    plain = [json.loads(body) for body in bodies]
    for _ in range(100_000):
        body = bytearray(chance.choice(bodies))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(50, len(body)) if chance.random() < 0.9 else chance.randrange(len(body))
            letter = chance.choice(b'0123456789-+.eE,[]{}": \n\0\xff')
            match chance.randrange(3):
                case 0:
                    body[at] = letter
                case 1:
                    body.insert(at, letter)
                case _:
                    del body[at]
        found = kernel(bytes(body), 0, len(body))
        if found < 0:
            continue
        taken += 1
        said = json.loads(bytes(body), object_pairs_hook=unique, parse_constant=None)
        data = said["inputs"][0].pop("data")
        assert said["inputs"][0] == {name: one for name, one in plain[found]["inputs"][0].items() if name != "data"}
        assert {type(value) for row in data for value in row} <= {int, float}
        assert kernel.matrix[: found + 1].tobytes() == np.array(data, np.float64).tobytes()
    assert 5_000 < taken < 95_000
