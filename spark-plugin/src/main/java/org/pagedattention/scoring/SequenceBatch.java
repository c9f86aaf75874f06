package org.pagedattention.scoring;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.AttentionBatch;
import org.pagedattention.backend.AttentionOutput;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.conf.PagedAttentionConf;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.Container;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.request.Emit;

/** A batch of attention: tensors go straight from their rows to where the backend reads them. */
final class SequenceBatch implements Batch<Sequence> {
    private static final int FINITE = Float.MAX_EXPONENT + 1;

    private final AttentionWorkload workload;
    private final AttentionSpec spec;
    private final SequenceBatcher.Room room;
    private final BatchInputs inputs;
    private final List<Sequence> sequences = new ArrayList<>();
    private @Nullable AttentionBatch running;
    private final int scoreExponent;
    private final int inputExponent;
    private @Nullable AttentionOutput output;
    private int exactRows;

    SequenceBatch(AttentionWorkload workload, SequenceBatcher.Room room) {
        this.workload = workload;
        this.room = room;
        spec = workload.spec();
        scoreExponent = workload.backend().scoreExponent();
        inputExponent = spec.inputExponent(scoreExponent);
        // the last page may run behind the last token
        inputs = workload.backend()
                .inputs(
                        spec,
                        room.mostQueryTokens(),
                        room.mostSlots() + conf().page().size());
    }

    private PagedAttentionConf conf() {
        return workload.plan().options().conf();
    }

    @Override
    public boolean takes(Sequence sequence) {
        return room.takes(sequence.lengths());
    }

    /**
     * Adds a sequence, unless its numbers are large. What is not finite or too large is looked for here, because it may
     * leave no trace in the result: its weight can be zero.
     */
    @Override
    public boolean add(Sequence sequence) throws BadRow {
        TensorRef q = place(sequence.q(), inputs.queries(), room.queryTokensTaken(), spec.queryElements());
        TensorRef k = place(sequence.k(), inputs.keys(), room.slotsTaken(), spec.keyElements());
        TensorRef v = place(sequence.v(), inputs.values(), room.slotsTaken(), spec.valueElements());
        // a sum of large values is seen when it is not finite; a score need not leave a trace
        Magnitude scores =
                sequence.q().copyTo(q, inputExponent).orWorse(sequence.k().copyTo(k, inputExponent));
        if (scores == Magnitude.LARGE && spec.boundsScores(q.largest(), k.largest(), scoreExponent)) {
            scores = Magnitude.SMALL;
        }
        Magnitude magnitude = scores.orWorse(sequence.v().copyTo(v, FINITE));
        if (magnitude == Magnitude.NOT_FINITE) {
            throw workload.plan().notFinite(sequence, spec.type());
        }
        if (magnitude == Magnitude.SMALL) {
            sequences.add(new Sequence(sequence.lengths(), q, k, v));
            room.add(sequence.lengths());
        }
        return magnitude == Magnitude.SMALL;
    }

    private TensorRef place(TensorRef source, ByteBuffer target, int firstToken, int tokenElements) {
        int width = spec.type().bytes();
        return new TensorRef(target, firstToken * tokenElements * width, source.elements() * width, spec.type());
    }

    @Override
    public Batch<Sequence> part(int from, int to) {
        List<Sequence> chosen = sequences.subList(from, to);
        SequenceBatch part = new SequenceBatch(
                workload,
                workload.batcher()
                        .exactly(chosen.stream().map(Sequence::lengths).toList()));
        try {
            for (Sequence sequence : chosen) {
                if (!part.add(sequence)) {
                    throw new IllegalStateException("a sequence grew in its batch");
                }
            }
            return part;
        } catch (BadRow | RuntimeException e) {
            part.close();
            throw new IllegalStateException("a part of a batch cannot be made: " + e, e);
        }
    }

    @Override
    public void start() {
        PagedBatch pages = PagedBatch.plan(
                conf().page().layout(),
                conf().page().size(),
                sequences.stream().map(Sequence::lengths).toList());
        int width = spec.type().bytes();
        new Container(pages, pages.keyTable(), inputs.keys(), spec.keyElements() * width).zeroTails();
        new Container(pages, pages.valueTable(), inputs.values(), spec.valueElements() * width).zeroTails();
        boolean wantLse = workload.plan().options().emit().contains(Emit.LSE);
        running = workload.backend().open(spec, pages, wantLse, inputs);
        orStop(() -> running().start());
    }

    @Override
    public void await() {
        orStop(() -> output = running().await());
    }

    /** What failed holds no memory while it waits to be tried again. */
    private void orStop(Runnable step) {
        try {
            step.run();
        } catch (Throwable t) {
            stop();
            throw t;
        }
    }

    @Override
    public Object[] result(int index) throws BadRow {
        if (output == null) {
            throw new IllegalStateException("nobody waited for this batch");
        }
        Object[] results = workload.encoder().encode(output, running().pages(), index);
        if (results != null) {
            return results;
        }
        // a sum before the division may pass fp32's range where the result does not
        Object[] exact = workload.exact().score(sequences.get(index));
        exactRows++;
        return exact;
    }

    @Override
    public String size(int index) {
        SequenceLengths lengths = sequences.get(index).lengths();
        return lengths.queryTokens() + " query and " + lengths.kvTokens() + " key tokens";
    }

    @Override
    public Tally tally() {
        return Tally.of(running().pages()).add(Figure.EXACT_ROWS, exactRows);
    }

    private AttentionBatch running() {
        if (running == null) {
            throw new IllegalStateException("this batch was not started");
        }
        return running;
    }

    private void stop() {
        AttentionBatch started = running;
        running = null;
        output = null;
        if (started != null) {
            started.close();
        }
    }

    @Override
    public void close() {
        try (inputs) {
            stop();
        }
    }
}
