package org.pagedattention.scoring;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBackend;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.device.DeviceMemoryException;
import org.pagedattention.executor.ExecutorMetrics;
import org.pagedattention.executor.Figure;
import org.pagedattention.paging.SequenceBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.Emit;
import org.pagedattention.request.ScoringOptions;

/** Runs batches on the backend and gives their sequences the results. */
final class BatchRunner {
    private static final long SHORTEST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 640;

    private final AttentionBackend backend;
    private final AttentionSpec spec;
    private final PagedAttentionConf conf;
    private final boolean wantLse;
    private final SequenceBatcher batcher;
    private final ResultEncoder encoder;
    private final BadRows badRows;
    private final ScoringCounters counters;
    private final PhaseClock clock;
    private final ExactScorer exact;

    /** A batch under way, and the inputs that it reads. */
    record Running(InputBatch inputs, AttentionBatch batch) implements AutoCloseable {

        @Override
        public void close() {
            try (inputs) {
                batch.close();
            }
        }
    }

    /**
     * @param spec what is computed, its type the compute type
     */
    BatchRunner(
            AttentionBackend backend,
            AttentionSpec spec,
            ScoringOptions options,
            ResultEncoder encoder,
            BadRows badRows,
            ScoringCounters counters,
            PhaseClock clock) {
        this.backend = backend;
        this.spec = spec;
        this.conf = options.conf();
        this.wantLse = options.emit().contains(Emit.LSE);
        this.encoder = encoder;
        this.badRows = badRows;
        this.counters = counters;
        this.clock = clock;
        exact = new ExactScorer(spec, options, encoder, badRows, counters);
        int width = spec.type().bytes();
        batcher = new SequenceBatcher(
                conf.batchLimits(backend.name()),
                conf.pageLayout(),
                conf.pageSize(),
                (long) (spec.queryElements() + spec.outputElements()) * width,
                (long) (spec.keyElements() + spec.valueElements()) * width);
    }

    /** Takes memory for the inputs of a batch that begins with a sequence of these lengths. */
    InputBatch open(SequenceLengths first) {
        return new InputBatch(backend, spec, conf.pageLayout(), conf.pageSize(), batcher.open(first));
    }

    /** Starts attention over the inputs, which from then on go with what this returns. */
    Running start(InputBatch inputs) {
        Phase before = clock.enter(Phase.ATTENTION);
        AttentionBatch batch = null;
        try {
            batch = inputs.open(backend, wantLse);
            batch.start();
            return new Running(inputs, batch);
        } catch (Throwable t) {
            if (batch != null) {
                batch.close();
            }
            throw t;
        } finally {
            clock.enter(before);
        }
    }

    /** Completes a sequence whose numbers are too large for a batch. */
    void finishAlone(Sequence sequence) {
        Phase before = clock.enter(Phase.ATTENTION);
        SequenceLengths lengths = sequence.lengths();
        exact.score(sequence);
        clock.enter(before);
        counters.countAlone(lengths);
        ExecutorMetrics.addAlone(lengths);
    }

    /** Waits for a batch and gives its sequences their results, in parts where the device has too little memory. */
    void finish(Running running) {
        try (InputBatch inputs = running.inputs()) {
            try {
                complete(inputs, running.batch());
            } catch (DeviceMemoryException e) {
                runInParts(inputs);
            }
        }
    }

    /**
     * Runs sequences to their end, after the device had too little memory for them: as they are, because memory may be
     * free by now, and otherwise in halves. A sequence that does not fit even alone is a bad row.
     */
    void runInParts(InputBatch inputs) {
        ExecutorMetrics.add(Figure.RETRIES, 1);
        try {
            complete(inputs, start(inputs).batch());
        } catch (DeviceMemoryException e) {
            int count = inputs.sequences().size();
            if (count == 1) {
                runAlone(inputs);
                return;
            }
            ExecutorMetrics.add(Figure.SPLITS, 1);
            runPart(inputs, 0, count / 2);
            runPart(inputs, count / 2, count);
        }
    }

    private void runPart(InputBatch inputs, int from, int to) {
        try (InputBatch part = inputs.part(backend, batcher, from, to)) {
            runInParts(part);
        }
    }

    /** Other tasks may give memory back in a while, so this tries more than once before it gives up. */
    private void runAlone(InputBatch inputs) {
        String problem = "";
        for (long pause = SHORTEST_PAUSE_MILLIS; pause <= LONGEST_PAUSE_MILLIS; pause *= 2) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
            try {
                complete(inputs, start(inputs).batch());
                return;
            } catch (DeviceMemoryException e) {
                problem = String.valueOf(e.getMessage());
            }
        }
        Sequence sequence = inputs.sequences().get(0);
        badRows.refuse(
                sequence,
                new BadRow(
                        "the sequence alone takes more memory than the device has free",
                        "a sequence that fits",
                        sequence.lengths().queryTokens() + " query and "
                                + sequence.lengths().kvTokens() + " key tokens: " + problem));
    }

    private void complete(InputBatch inputs, AttentionBatch running) {
        try (AttentionBatch batch = running) {
            Phase before = clock.enter(Phase.ATTENTION);
            AttentionOutput output = batch.await();
            clock.enter(Phase.ENCODE);
            for (int i = 0; i < inputs.sequences().size(); i++) {
                Sequence sequence = inputs.sequences().get(i);
                InternalRow results = encoder.encode(output, batch.pages(), i);
                if (results == null) {
                    // a sum before the division may pass fp32's range where the result does not
                    exact.score(sequence);
                } else {
                    sequence.complete(results);
                }
            }
            clock.enter(before);
            counters.countBatch(batch.pages());
            ExecutorMetrics.addBatch(batch.pages());
        }
    }
}
