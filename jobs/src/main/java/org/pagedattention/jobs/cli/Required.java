package org.pagedattention.jobs.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Options without which a job cannot begin; those that lack are named all at once, whatever group they are of. */
public final class Required {
    /** Options that belong together. */
    public interface Group {
        /** Tells {@code required} what is needed. */
        void require(Required required);
    }

    private final List<String> missing = new ArrayList<>();

    private Required() {}

    /**
     * Refuses a command line that lacks options.
     *
     * @param groups the options of the job
     * @throws IllegalArgumentException naming all that lack
     */
    public static void check(Group... groups) {
        Required required = new Required();
        Stream.of(groups).forEach(group -> group.require(required));
        if (!required.missing.isEmpty()) {
            throw new IllegalArgumentException("missing " + String.join(", ", required.missing)
                    + ": --help says what they are, and README.md has an example");
        }
    }

    /** Notes {@code option} where it was not given. */
    public void need(String option, boolean given) {
        if (!given) {
            missing.add(option);
        }
    }
}
