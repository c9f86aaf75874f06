package org.pagedattention.scoring;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.attention.AttentionBatch;
import org.pagedattention.attention.AttentionOutput;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.attention.DeviceMemoryException;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PagedBatch;

/** Puts sequences into a batch of the backend and gets their results out. */
final class BatchRunner {
    private static final long SHORTEST_PAUSE_MILLIS = 10;
    private static final long LONGEST_PAUSE_MILLIS = 640;

    private final AttentionBackend backend;
    private final AttentionSpec spec;
    private final PagedAttentionConf conf;
    private final boolean wantLse;
    private final ResultEncoder encoder;
    private final BadRows badRows;
    private final ScoringCounters counters;

    /** A batch under way. */
    record Running(List<Sequence> sequences, AttentionBatch batch) {}

    /**
     * @param spec what is computed, its type the compute type
     */
    BatchRunner(
            AttentionBackend backend,
            AttentionSpec spec,
            ScoringOptions options,
            ResultEncoder encoder,
            BadRows badRows,
            ScoringCounters counters) {
        this.backend = backend;
        this.spec = spec;
        this.conf = options.conf();
        this.wantLse = options.emit().contains(Emit.LSE);
        this.encoder = encoder;
        this.badRows = badRows;
        this.counters = counters;
    }

    /** Packs the sequences and starts attention over them. */
    Running start(List<Sequence> sequences) {
        PagedBatch pages = PagedBatch.plan(
                conf.pageLayout(),
                conf.pageSize(),
                sequences.stream().map(Sequence::lengths).toList());
        AttentionBatch batch = backend.open(spec, pages, wantLse);
        try {
            pack(sequences, batch);
            batch.start();
            return new Running(sequences, batch);
        } catch (Throwable t) {
            batch.close();
            throw t;
        }
    }

    /** Waits for a batch and gives its sequences their results, in parts where the device has too little memory. */
    void finish(Running running) {
        try {
            complete(running);
        } catch (DeviceMemoryException e) {
            runInParts(running.sequences());
        }
    }

    /**
     * Runs sequences to their end, after the device had too little memory for them: as they are, because memory may be
     * free by now, and otherwise in halves. A sequence that does not fit even alone is a bad row.
     */
    void runInParts(List<Sequence> sequences) {
        ExecutorMetrics.add(Figure.RETRIES, 1);
        try {
            complete(start(sequences));
        } catch (DeviceMemoryException e) {
            if (sequences.size() == 1) {
                runAlone(sequences.get(0));
                return;
            }
            ExecutorMetrics.add(Figure.SPLITS, 1);
            int middle = sequences.size() / 2;
            runInParts(sequences.subList(0, middle));
            runInParts(sequences.subList(middle, sequences.size()));
        }
    }

    /** Other tasks may give memory back in a while, so this tries more than once before it gives up. */
    private void runAlone(Sequence sequence) {
        String problem = "";
        for (long pause = SHORTEST_PAUSE_MILLIS; pause <= LONGEST_PAUSE_MILLIS; pause *= 2) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
            try {
                complete(start(List.of(sequence)));
                return;
            } catch (DeviceMemoryException e) {
                problem = String.valueOf(e.getMessage());
            }
        }
        badRows.refuse(
                sequence,
                new BadRow(
                        "the sequence alone takes more memory than the device has free",
                        "a sequence that fits",
                        sequence.lengths().queryTokens() + " query and "
                                + sequence.lengths().kvTokens() + " key tokens: " + problem));
    }

    private void complete(Running running) {
        try (AttentionBatch batch = running.batch()) {
            long asked = System.nanoTime();
            AttentionOutput output = batch.await();
            long waited = System.nanoTime() - asked;
            for (int i = 0; i < running.sequences().size(); i++) {
                Sequence sequence = running.sequences().get(i);
                InternalRow results = encoder.encode(output, batch.pages(), i);
                if (results == null) {
                    badRows.refuse(sequence, badRows.notFinite(sequence.tensors(), spec));
                } else {
                    sequence.complete(results);
                }
            }
            counters.countBatch(batch.pages());
            ExecutorMetrics.addBatch(batch.pages(), waited);
        }
    }

    private void pack(List<Sequence> sequences, AttentionBatch batch) {
        PagedBatch pages = batch.pages();
        Container keys = new Container(
                pages,
                pages.keyTable(),
                batch.keys(),
                spec.keyElements() * spec.type().bytes());
        Container values = new Container(
                pages,
                pages.valueTable(),
                batch.values(),
                spec.valueElements() * spec.type().bytes());
        keys.zeroTails();
        values.zeroTails();
        for (int i = 0; i < sequences.size(); i++) {
            Sequence.Tensors tensors = sequences.get(i).tensors();
            int queryAt =
                    pages.queryStart(i) * spec.queryElements() * spec.type().bytes();
            tensors.q().copy(0, tensors.q().elements(), batch.queries(), queryAt, spec.type());
            keys.write(i, source(tensors.k(), spec.keyElements()));
            values.write(i, source(tensors.v(), spec.valueElements()));
        }
    }

    private Container.TokenSource source(TensorRef tensor, int tokenElements) {
        return (first, tokens, target, at) ->
                tensor.copy(first * tokenElements, tokens * tokenElements, target, at, spec.type());
    }
}
