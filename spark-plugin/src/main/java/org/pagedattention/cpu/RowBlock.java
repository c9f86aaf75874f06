package org.pagedattention.cpu;

/**
 * One piece of work: some query rows of one sequence against one KV head. A row is one query token of one query head;
 * the rows of a KV head's group are numbered token by token ({@code token * groupSize + head within the group}), so that
 * heads which share K and V share a block.
 *
 * @param endRow one past the last row
 */
public record RowBlock(int sequence, int kvHead, int firstRow, int endRow) {

    public int rows() {
        return endRow - firstRow;
    }
}
