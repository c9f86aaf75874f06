package org.pagedattention.paging;

import java.nio.ByteBuffer;

/**
 * Writes one container of a batch (K or V), token by token, at the slots that its page table names.
 *
 * @param bytes the container, {@code containerTokens * tokenBytes} or more
 * @param tokenBytes bytes of one token
 */
public record Container(PagedBatch batch, PageTable table, ByteBuffer bytes, int tokenBytes) {

    /** Moves tokens from a sequence into the container. */
    public interface TokenSource {
        /** Writes {@code tokens} tokens, starting with {@code firstToken}, at byte {@code at} of {@code target}. */
        void copy(int firstToken, int tokens, ByteBuffer target, int at);
    }

    /** Writes all tokens of {@code sequence}, in as few pieces as its pages allow. */
    public void write(int sequence, TokenSource source) {
        int tokens = batch.lengths(sequence).kvTokens();
        int token = 0;
        while (token < tokens) {
            int run = runLength(sequence, token, tokens);
            source.copy(token, run, bytes, byteAt(slot(sequence, token)));
            token += run;
        }
    }

    /** Zeroes the slots of {@code batch} that lie in a page behind a sequence's last token. */
    public void zeroTails() {
        if (batch.layout() == PageLayout.PACKED) {
            int used = Math.max(0, batch.containerTokens() - batch.pageSize() + 1);
            zero(batch.kvTokens() == 0 ? 0 : used, batch.containerTokens());
            return;
        }
        for (int i = 0; i < batch.sequences(); i++) {
            int tokens = batch.lengths(i).kvTokens();
            int tail = tokens % batch.pageSize();
            if (tail != 0) {
                int end = slot(i, tokens - 1) + 1;
                zero(end, end + batch.pageSize() - tail);
            }
        }
        if (batch.kvTokens() == 0) {
            zero(0, batch.containerTokens());
        }
    }

    /** The token slot that holds {@code token} of {@code sequence}. */
    public int slot(int sequence, int token) {
        int page = table.page(sequence, token / batch.pageSize());
        return batch.pageSlot(page) + token % batch.pageSize();
    }

    private int runLength(int sequence, int token, int tokens) {
        int start = slot(sequence, token);
        int end = Math.min(tokens, token + batch.pageSize() - token % batch.pageSize());
        while (end < tokens && slot(sequence, end) == start + end - token) {
            end = Math.min(tokens, end + batch.pageSize());
        }
        return end - token;
    }

    private void zero(int fromSlot, int toSlot) {
        byte[] zeros = new byte[Math.min(tokenBytes * Math.max(1, toSlot - fromSlot), 1 << 16)];
        long at = (long) fromSlot * tokenBytes;
        long end = (long) toSlot * tokenBytes;
        while (at < end) {
            int count = (int) Math.min(zeros.length, end - at);
            bytes.put((int) at, zeros, 0, count);
            at += count;
        }
    }

    private int byteAt(int slot) {
        return Math.multiplyExact(slot, tokenBytes);
    }
}
