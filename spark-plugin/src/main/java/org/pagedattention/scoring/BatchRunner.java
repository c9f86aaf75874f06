package org.pagedattention.scoring;

import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.pagedattention.attention.AttentionBackend;
import org.pagedattention.attention.AttentionBatch;
import org.pagedattention.attention.AttentionOutput;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PagedBatch;

/** Puts sequences into a batch of the backend and gets their results out. */
final class BatchRunner {
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

    /** Waits for a batch and gives its sequences their results. */
    void finish(Running running) {
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
