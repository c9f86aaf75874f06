package org.pagedattention.prefix;

/**
 * One pass over some sequences.
 *
 * @param sequences their numbers, as they were given
 * @param from the first position of the first of them that is still to be answered; all before it are answered
 * @param end tokens of the only sequence that are computed by the end of this pass; more than it has where it is whole
 * @param held first tokens of sequences, in whole pages, that an earlier pass has left and this one does not compute
 * @param keep first tokens of the last sequence, in whole pages, that the next pass can do without if they are kept
 */
public record PlannedPass(int[] sequences, int from, int end, int held, int keep) {

    /** The part of a sequence that this pass ends with. */
    public int end(int length) {
        return Math.min(end, length);
    }

    /** The number of the sequence whose first tokens are worth keeping. */
    public int last() {
        return sequences[sequences.length - 1];
    }
}
