"""Writes the Parquet files beside this script: the same twelve sequences in every form that other tools give them.

python3 make_parquet.py FOLDER      needs pyarrow and numpy

expected.json holds the attention output of each row in fp64, by id: causal, scale 1/sqrt(HEAD_DIM), [tokens,
QUERY_HEADS, HEAD_DIM] flattened; "fp16" of the inputs rounded to fp16, "fp32" of the inputs as they are.
"""

import json
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

QUERY_HEADS, KV_HEADS, HEAD_DIM = 2, 1, 4
LENGTHS = [3, 0, 7, 1, 5, 2, 4, 6, 1, 0, 7, 3]


def sequences():
    random = np.random.default_rng(20260101)
    rows = []
    for tokens in LENGTHS:
        q = random.normal(0, 0.5, (tokens, QUERY_HEADS, HEAD_DIM)).astype("<f4")
        k = random.normal(0, 0.5, (tokens, KV_HEADS, HEAD_DIM)).astype("<f4")
        v = random.normal(0, 0.5, (tokens, KV_HEADS, HEAD_DIM)).astype("<f4")
        rows.append((q, k, v))
    return rows


def attend(q, k, v):
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    o = np.zeros((q.shape[0], QUERY_HEADS, HEAD_DIM))
    for t in range(q.shape[0]):
        for h in range(QUERY_HEADS):
            group = h // (QUERY_HEADS // KV_HEADS)
            scores = k[: t + 1, group] @ q[t, h] / np.sqrt(HEAD_DIM)
            weights = np.exp(scores - scores.max())
            o[t, h] = weights / weights.sum() @ v[: t + 1, group]
    return o


def table(rows, tensor_type, encode, nullable=True):
    fields = [pa.field("id", pa.int64(), nullable), pa.field("name", pa.string(), nullable)]
    fields += [pa.field(name, tensor_type, nullable) for name in "qkv"]
    columns = [
        pa.array(range(len(rows)), pa.int64()),
        pa.array([f"sequence {i}" for i in range(len(rows))], pa.string()),
    ]
    columns += [pa.array([encode(row[i]) for row in rows], tensor_type) for i in range(3)]
    return pa.table(columns, schema=pa.schema(fields))


def write(folder):
    rows = sequences()
    raw = lambda x: x.tobytes()
    flat = lambda x: x.reshape(-1).tolist()
    half = lambda x: x.astype("<f2").tobytes()
    binary = table(rows, pa.binary(), raw)
    groups = {"row_group_size": 5}
    pq.write_table(binary, folder / "binary-snappy.parquet", compression="snappy", use_dictionary=True, **groups)
    pq.write_table(binary, folder / "binary-zstd.parquet", compression="zstd", use_dictionary=False, **groups)
    pq.write_table(binary, folder / "binary-gzip.parquet", compression="gzip", **groups)
    pq.write_table(binary, folder / "binary-uncompressed.parquet", compression="none", **groups)
    pq.write_table(table(rows, pa.large_binary(), raw), folder / "large-binary.parquet")
    lists = table(rows, pa.list_(pa.float32()), flat)
    pq.write_table(lists, folder / "list-element.parquet", use_compliant_nested_type=True)
    pq.write_table(lists, folder / "list-item.parquet", use_compliant_nested_type=False)
    pq.write_table(table(rows, pa.binary(), raw, nullable=False), folder / "binary-required.parquet")
    pq.write_table(table([], pa.binary(), raw), folder / "empty.parquet")
    pq.write_table(table(rows, pa.binary(), half), folder / "binary-fp16.parquet")
    days = pa.array(["2026-01-01" if i % 2 == 0 else "2026-01-02" for i in range(len(rows))])
    pa.dataset.write_dataset(
        binary.append_column("day", days),
        folder / "partitioned",
        format="parquet",
        partitioning=pa.dataset.partitioning(pa.schema([("day", pa.string())]), flavor="hive"),
        basename_template="part-{i}.parquet",
    )
    rounded = [tuple(x.astype("<f2") for x in row) for row in rows]
    expected = {
        "queryHeads": QUERY_HEADS,
        "kvHeads": KV_HEADS,
        "headDim": HEAD_DIM,
        "mask": "causal",
        "fp32": {str(i): attend(*row).reshape(-1).tolist() for i, row in enumerate(rows)},
        "fp16": {str(i): attend(*row).reshape(-1).tolist() for i, row in enumerate(rounded)},
    }
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    write(target)
