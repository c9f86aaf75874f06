package org.pagedattention.jobs.explain;

import java.util.Map;
import org.pagedattention.tensor.ElementType;

/** How much numbers of several types are. */
final class Stored {
    private Stored() {}

    static long bytes(Map<ElementType, Long> numbers) {
        return numbers.entrySet().stream()
                .mapToLong(entry -> entry.getKey().bytes() * entry.getValue())
                .sum();
    }

    static long numbers(Map<ElementType, Long> numbers) {
        return numbers.values().stream().mapToLong(Long::longValue).sum();
    }
}
