package org.pagedattention.backend;

/**
 * A rotary position embedding over whole heads: number {@code i} of a head's first half and number {@code i} of its second
 * half are a point in the plane, turned by an angle that grows with the token's position.
 *
 * @param headDim numbers of a head; even
 * @param inverseFrequencies angle of each pair at position 1, {@code [headDim / 2]}
 * @param scale factor on the turned numbers
 */
public record Rotary(int headDim, float[] inverseFrequencies, float scale) {

    public Rotary {
        if (headDim < 2 || headDim % 2 != 0 || inverseFrequencies.length != headDim / 2) {
            throw new IllegalArgumentException("heads of " + headDim + " numbers cannot be turned by "
                    + inverseFrequencies.length + " angles: each angle takes two numbers");
        }
    }

    /** Angle of a pair at a position: a product in fp32, whose rounding models were trained with. */
    public float angle(int position, int pair) {
        return position * inverseFrequencies[pair];
    }

    /** The cosine that a backend multiplies with, {@link #scale} included. */
    public float cosine(int position, int pair) {
        return (float) (scale * Math.cos(angle(position, pair)));
    }

    /** The sine that a backend multiplies with, {@link #scale} included. */
    public float sine(int position, int pair) {
        return (float) (scale * Math.sin(angle(position, pair)));
    }
}
