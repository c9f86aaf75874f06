package org.pagedattention.scoring;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceLengths;

/**
 * Figures of a scoring run, added up over its tasks. Where the scored rows are written without a shuffle behind the
 * scoring, Spark counts each task once, however often it tried; otherwise a task that ran twice counts twice.
 */
public final class ScoringCounters implements Serializable {
    private static final long serialVersionUID = 1;

    private final LongAccumulator rows;
    private final LongAccumulator sequences;
    private final LongAccumulator queryTokens;
    private final LongAccumulator kvTokens;
    private final LongAccumulator slots;
    private final LongAccumulator batches;
    private final LongAccumulator badRows;
    private final LongAccumulator exactRows;
    private final Map<Phase, LongAccumulator> nanos = new EnumMap<>(Phase.class);

    ScoringCounters(SparkContext context) {
        rows = context.longAccumulator("rows read");
        sequences = context.longAccumulator("sequences scored");
        queryTokens = context.longAccumulator("query tokens");
        kvTokens = context.longAccumulator("KV tokens");
        slots = context.longAccumulator("container token slots");
        batches = context.longAccumulator("attention batches");
        badRows = context.longAccumulator("bad rows");
        exactRows = context.longAccumulator("rows too large for fp32");
        for (Phase phase : Phase.values()) {
            nanos.put(phase, context.longAccumulator("nanoseconds: " + phase.label()));
        }
    }

    void countRow() {
        rows.add(1L);
    }

    /** Called once, at the end of a task. */
    void countTime(PhaseClock clock) {
        nanos.forEach((phase, sum) -> sum.add(clock.nanos(phase)));
    }

    void countBatch(PagedBatch batch) {
        sequences.add(batch.sequences());
        queryTokens.add(batch.queryTokens());
        kvTokens.add(batch.kvTokens());
        slots.add(batch.containerTokens());
        batches.add(1L);
    }

    /** A sequence that went through no batch. */
    void countAlone(SequenceLengths lengths) {
        sequences.add(1L);
        queryTokens.add(lengths.queryTokens());
        kvTokens.add(lengths.kvTokens());
        slots.add(lengths.kvTokens());
    }

    void countExact() {
        exactRows.add(1L);
    }

    void countBadRow() {
        badRows.add(1L);
    }

    /** Rows that came in. */
    public LongAccumulator rows() {
        return rows;
    }

    /** Rows whose attention was computed. */
    public LongAccumulator sequences() {
        return sequences;
    }

    /** Tokens of Q and O. */
    public LongAccumulator queryTokens() {
        return queryTokens;
    }

    /** Tokens of K and V. */
    public LongAccumulator kvTokens() {
        return kvTokens;
    }

    /** Token slots of all containers; what {@link #kvTokens} lacks to them is waste. */
    public LongAccumulator slots() {
        return slots;
    }

    /** Calls of the backend. */
    public LongAccumulator batches() {
        return batches;
    }

    /** Nanoseconds that tasks were in a phase, added up over the tasks. */
    public LongAccumulator nanos(Phase phase) {
        return Objects.requireNonNull(nanos.get(phase));
    }

    /** Rows whose numbers are too large for fp32, and whose attention was computed in fp64 on the CPU. */
    public LongAccumulator exactRows() {
        return exactRows;
    }

    /** Rows that could not be scored, where the policy keeps them. */
    public LongAccumulator badRows() {
        return badRows;
    }
}
