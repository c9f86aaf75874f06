package org.pagedattention.paging;

import java.util.Locale;

/** How pages lie in a container. */
public enum PageLayout {
    /**
     * Tokens of all sequences lie end to end; page {@code p} begins at token slot {@code p}, so pages overlap and a
     * sequence's pages are {@code pageSize} page numbers apart. No slot is wasted but {@code pageSize - 1} behind the
     * last token, which every page may run into.
     */
    PACKED {
        @Override
        public int pageStride(int pageSize) {
            return 1;
        }
    },
    /** Pages lie side by side; every sequence owns whole pages and wastes the tail of its last one. */
    PADDED {
        @Override
        public int pageStride(int pageSize) {
            return pageSize;
        }
    };

    /** Token slots from the start of one page to the start of the next. */
    public abstract int pageStride(int pageSize);

    /** The layout with this name in lower case. */
    public static PageLayout parse(String name) {
        return switch (name) {
            case "packed" -> PACKED;
            case "padded" -> PADDED;
            default -> throw new IllegalArgumentException("layout '" + name + "' is not known: use packed or padded");
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
