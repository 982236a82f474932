# SPDX-License-Identifier: Apache-2.0
"""What a row's `each` reaches: every field of the row, numbers too."""

import sample


def test_each_makes_every_field(tmp_path):
    text = sample.changed(
        ('name = "d$d"\neach = { d = [64, 128] }\nsource = "sample.hip"\nwhen = "p.n == $d"\nthreads = 128\n',
         'name = "d$d"\neach = { d = [64, 128], t = ["f16"] }\nsource = "sample${d}.hip"\nwhen = "p.n == $d"\nthreads = "$d"\n'
         'stage = "main"\ndtypes = { data = ["$t"] }\nedges = { N = ["$d"] }\ntune = { lanes = "$d" }\n'),
        ('name = "any"\nsource = "sample.hip"\n', 'name = "any"\nsource = "sample.hip"\ntune = { lanes = 1 }\n'))
    folder = sample.folder(tmp_path, text)
    for d in (64, 128):
        (folder / "sample" / f"sample{d}.hip").write_text("")
    table = next(op for f in sample.read.read_all(folder) for op in f.ops if op.shares == "sample_table")
    rows = {k.name: k for k in table.kernels}
    for d in (64, 128):
        k = rows[f"d{d}"]
        assert (k.threads, k.source, k.when, k.tune, k.edges, k.dtypes) == (
            d, f"sample{d}.hip", f"p.n == {d}", {"lanes": d}, {"N": [d]}, {"data": ["f16"]})
        assert k.symbol == f"{table.name}_d{d}_{{data}}"
