package org.pagedattention.device;

/** Does work for a range of rows, in halves where memory does not suffice. Pure. */
public final class Halving {
    private final Work work;
    private final Work last;
    private int splits;

    /** What is done for the rows from {@code from} up to {@code to}; leaves nothing behind when it fails. */
    public interface Work {
        void run(int from, int to);
    }

    /**
     * @param work may run out of memory
     * @param last what to try for a single row for which memory ran out
     */
    public Halving(Work work, Work last) {
        this.work = work;
        this.last = last;
    }

    /** Does the work for rows {@code from} up to {@code to}, in order. */
    public void run(int from, int to) {
        try {
            work.run(from, to);
        } catch (DeviceMemoryException e) {
            if (to - from == 1) {
                last.run(from, to);
            } else {
                splits++;
                int middle = from + (to - from) / 2;
                run(from, middle);
                run(middle, to);
            }
        }
    }

    /** How often a range was split. */
    public int splits() {
        return splits;
    }
}
