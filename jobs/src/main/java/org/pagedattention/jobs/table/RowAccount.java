package org.pagedattention.jobs.table;

/**
 * Where the rows of a run went.
 *
 * @param read rows that came in
 * @param written rows that a reader of the output finds
 * @param quarantined rows that a reader of the quarantine finds
 */
public record RowAccount(long read, long written, long quarantined) {
    public static final RowAccount NONE = new RowAccount(0, 0, 0);

    public RowAccount plus(RowAccount other) {
        return new RowAccount(read + other.read, written + other.written, quarantined + other.quarantined);
    }

    public boolean addsUp() {
        return read == written + quarantined;
    }

    /**
     * Returns this account when it adds up.
     *
     * @throws JobFailedException when a row is neither in the output nor in quarantine, or there are more than were read
     */
    public RowAccount checked(String output) {
        if (!addsUp()) {
            throw new JobFailedException("rows do not add up: " + read + " read, " + written + " written, "
                    + quarantined + " quarantined. " + output + " stays without " + OutputFolder.MARKER
                    + " and must not be used: run the job again with --mode overwrite");
        }
        return this;
    }
}
