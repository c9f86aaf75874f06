package org.pagedattention.cpu;

import org.pagedattention.backend.Rotary;
import org.pagedattention.paging.PagedBatch;

/**
 * Cosines and sines of all tokens of a batch, which serve all layers.
 *
 * @param half pairs of a head
 * @param cosines {@code [tokens, half]}
 * @param sines {@code [tokens, half]}
 */
record RotaryTable(int half, float[] cosines, float[] sines) {

    static RotaryTable of(Rotary rotary, PagedBatch pages) {
        int half = rotary.headDim() / 2;
        float[] cosines = new float[Math.multiplyExact(pages.queryTokens(), half)];
        float[] sines = new float[cosines.length];
        for (int s = 0; s < pages.sequences(); s++) {
            int shift = pages.firstPosition(s) - pages.queryStart(s);
            for (int token = pages.queryStart(s); token < pages.queryStart(s + 1); token++) {
                for (int pair = 0; pair < half; pair++) {
                    cosines[token * half + pair] = rotary.cosine(token + shift, pair);
                    sines[token * half + pair] = rotary.sine(token + shift, pair);
                }
            }
        }
        return new RotaryTable(half, cosines, sines);
    }

    /** Turns the heads of one token. */
    void turn(int token, float[] row) {
        int angle = token * half;
        for (int a = 0; a < row.length; a += 2 * half) {
            int b = a + half;
            for (int i = 0; i < half; i++) {
                float x = row[a + i];
                float y = row[b + i];
                row[a + i] = x * cosines[angle + i] - y * sines[angle + i];
                row[b + i] = y * cosines[angle + i] + x * sines[angle + i];
            }
        }
    }
}
