package org.pagedattention.scoring;

/** What a scoring task may be doing. */
public enum Phase {
    /** Reading rows, and whatever else Spark does before the scoring. */
    READ("read"),
    /** Finding the tensors of a row, checking them and copying them into a batch. */
    PACK("pack"),
    /** Computing attention; with a GPU, starting it and waiting for it. */
    ATTENTION("attention"),
    /** Making result columns. */
    ENCODE("encode"),
    /** Writing rows, and whatever else Spark does behind the scoring. */
    WRITE("write");

    private final String label;

    Phase(String label) {
        this.label = label;
    }

    /** Its name for people. */
    public String label() {
        return label;
    }
}
