package org.pagedattention.model;

/** A small table, such as that of positions, all of it in fp32, because every token adds one of its rows. */
final class EmbeddingRows {
    private final float[][] rows;

    EmbeddingRows(EmbeddingTable table) {
        rows = new float[table.rows()][table.columns()];
        for (int i = 0; i < rows.length; i++) {
            table.read(i, rows[i]);
        }
    }

    /** Adds row {@code index} to {@code target}. */
    void add(int index, float[] target) {
        float[] row = rows[index];
        for (int i = 0; i < target.length; i++) {
            target[i] += row[i];
        }
    }
}
