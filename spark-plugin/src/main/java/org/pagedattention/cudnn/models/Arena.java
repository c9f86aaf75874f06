package org.pagedattention.cudnn.models;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Plans one block of memory before there is one: places go to the first gap that is large enough, and what is given back
 * is a gap for those who come later. Whoever uses the block does so in the order of these calls. Pure.
 */
final class Arena {
    private static final long ALIGNMENT = 256;

    /** Where a gap begins, and its bytes; gaps never touch each other, nor the end. */
    private final TreeMap<Long, Long> gaps = new TreeMap<>();

    private long end;
    private long bytes;

    /** Takes a place and returns where it begins. */
    long take(long size) {
        long needed = aligned(size);
        Optional<Map.Entry<Long, Long>> fits =
                gaps.entrySet().stream().filter(gap -> gap.getValue() >= needed).findFirst();
        if (fits.isPresent()) {
            return takeFrom(fits.get().getKey(), fits.get().getValue(), needed);
        }
        long at = end;
        end += needed;
        bytes = Math.max(bytes, end);
        return at;
    }

    private long takeFrom(long gap, long size, long needed) {
        gaps.remove(gap);
        if (size > needed) {
            gaps.put(gap + needed, size - needed);
        }
        return gap;
    }

    /**
     * Gives a place back.
     *
     * @param size as it was taken
     */
    void giveBack(long at, long size) {
        long from = at;
        long to = at + aligned(size);
        Map.Entry<Long, Long> before = gaps.lowerEntry(at);
        if (before != null && before.getKey() + before.getValue() == from) {
            from = before.getKey();
            gaps.remove(from);
        }
        Long behind = gaps.remove(to);
        if (behind != null) {
            to += behind;
        }
        if (to == end) {
            end = from;
        } else {
            gaps.put(from, to - from);
        }
    }

    /** Size of the block that holds everything at any time. */
    long bytes() {
        return bytes;
    }

    private static long aligned(long size) {
        return (Math.max(1, size) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
