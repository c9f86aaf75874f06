package org.pagedattention.scoring;

import java.util.ArrayList;
import java.util.List;
import org.pagedattention.attention.AttentionSpec;
import org.pagedattention.backend.BatchInputs;
import org.pagedattention.executor.Figure;
import org.pagedattention.executor.Tally;
import org.pagedattention.paging.PagedBatch;
import org.pagedattention.paging.SequenceBatcher;
import org.pagedattention.paging.SequenceLengths;
import org.pagedattention.scoring.sequences.AttentionRun;
import org.pagedattention.scoring.sequences.Sequence;
import org.pagedattention.tensor.Magnitude;
import org.pagedattention.tensor.TensorRef;

/** A batch of attention: tensors go straight from their rows to where the backend reads them. */
final class SequenceBatch implements Batch<Sequence> {
    private static final int FINITE = Float.MAX_EXPONENT + 1;

    private final AttentionWorkload workload;
    private final AttentionSpec spec;
    private final SequenceBatcher.Room room;
    private final AttentionRun run;
    private final List<Sequence> sequences = new ArrayList<>();
    private final int scoreExponent;
    private final int inputExponent;
    private int exactRows;

    SequenceBatch(AttentionWorkload workload, SequenceBatcher.Room room) {
        this.workload = workload;
        this.room = room;
        spec = workload.spec();
        scoreExponent = workload.backend().scoreExponent();
        inputExponent = spec.inputExponent(scoreExponent);
        run = workload.run(room.mostQueryTokens(), room.mostSlots());
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
        BatchInputs inputs = run.inputs();
        TensorRef q = sequence.q().at(inputs.queries(), room.queryTokensTaken(), spec.queryElements(), spec.type());
        TensorRef k = sequence.k().at(inputs.keys(), room.slotsTaken(), spec.keyElements(), spec.type());
        TensorRef v = sequence.v().at(inputs.values(), room.slotsTaken(), spec.valueElements(), spec.type());
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
                workload.layout(),
                workload.pageSize(),
                sequences.stream().map(Sequence::lengths).toList());
        run.start(pages, pages, workload.wantsLse());
    }

    @Override
    public void await() {
        run.await();
    }

    @Override
    public Object[] result(int index) throws BadRow {
        Sequence sequence = sequences.get(index);
        Object[] results = workload.encoder()
                .encode(
                        run.output(),
                        run.pages().queryStart(index),
                        sequence.lengths().queryTokens());
        if (results != null) {
            return results;
        }
        // a sum before the division may pass fp32's range where the result does not
        Object[] exact = workload.exact().score(sequence);
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
        return Tally.of(run.pages()).add(Figure.EXACT_ROWS, exactRows);
    }

    @Override
    public void close() {
        run.close();
    }
}
