package org.pagedattention.bench;

import java.util.Arrays;

/** The layout that peers compute in, {@code [sequences, heads, tokens, dim]}, and back. */
final class PeerTensors {
    private PeerTensors() {}

    /** Sequences side by side, each filled up with zeros to {@code tokens}. */
    static float[] headMajor(float[][] sequences, int tokens, int heads, int dim) {
        float[] result = new float[sequences.length * heads * tokens * dim];
        for (int i = 0; i < sequences.length; i++) {
            int length = sequences[i].length / (heads * dim);
            for (int t = 0; t < length; t++) {
                for (int h = 0; h < heads; h++) {
                    System.arraycopy(
                            sequences[i], (t * heads + h) * dim, result, ((i * heads + h) * tokens + t) * dim, dim);
                }
            }
        }
        return result;
    }

    /** One sequence of what {@link #headMajor} made, token-major again. */
    static float[] tokenMajor(float[] batch, int sequence, int length, int tokens, int heads, int dim) {
        float[] result = new float[length * heads * dim];
        for (int t = 0; t < length; t++) {
            for (int h = 0; h < heads; h++) {
                System.arraycopy(
                        batch, ((sequence * heads + h) * tokens + t) * dim, result, (t * heads + h) * dim, dim);
            }
        }
        return result;
    }

    /** KV heads repeated for each query head of their group, for kernels that want equally many. */
    static float[][] repeatHeads(float[][] sequences, int heads, int dim, int group) {
        return Arrays.stream(sequences)
                .map(s -> {
                    float[] repeated = new float[s.length * group];
                    for (int i = 0; i < s.length / dim * group; i++) {
                        System.arraycopy(s, i / group * dim, repeated, i * dim, dim);
                    }
                    return repeated;
                })
                .toArray(float[][]::new);
    }
}
