package org.pagedattention.bench;

/** Somebody who computes a {@link Problem}, with inputs where it likes them best. */
interface Contender extends AutoCloseable {

    /** The library's name. */
    String name();

    /** How the library is used, such as {@code padded} or {@code per sequence}. */
    String use();

    /** Computes once, and returns how long that took; preparation and clean-up do not count. */
    long runNanos();

    /** The output of {@code sequence}, {@code [tokens, queryHeads, valueDim]}, after a run. */
    float[] output(int sequence);

    @Override
    void close();
}
